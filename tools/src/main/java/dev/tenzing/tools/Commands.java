package dev.tenzing.tools;

import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.command.Bench;
import dev.tenzing.tools.command.Convert;
import dev.tenzing.tools.command.Demo;
import dev.tenzing.tools.command.Distill;
import dev.tenzing.tools.command.Doctor;
import dev.tenzing.tools.command.Evaluate;
import dev.tenzing.tools.command.Features;
import dev.tenzing.tools.command.Finetune;
import dev.tenzing.tools.command.Inspect;
import dev.tenzing.tools.command.Predict;
import dev.tenzing.tools.command.Prepare;
import dev.tenzing.tools.command.Pretrain;
import dev.tenzing.tools.command.Profile;
import dev.tenzing.tools.command.Reconstruct;
import dev.tenzing.tools.command.Select;
import dev.tenzing.tools.command.Synth;
import dev.tenzing.tools.command.Verify;
import java.util.List;
import java.util.function.Supplier;

/** The commands of {@code tenzing}. */
final class Commands {
  /** All of them, in the order of the help. */
  static final List<Entry> ALL =
      List.of(
          new Entry(
              "demo",
              "Tells the whole story in minutes: made videos, training, a report.",
              Demo::new),
          new Entry(
              "synth", "Writes labelled videos whose classes differ by motion alone.", Synth::new),
          new Entry(
              "prepare",
              "Checks a data set, names bad videos, and writes copies that decode quickly.",
              Prepare::new),
          new Entry("pretrain", "Trains a masked autoencoder on unlabelled videos.", Pretrain::new),
          new Entry(
              "finetune", "Trains a classifier, from a checkpoint or from scratch.", Finetune::new),
          new Entry(
              "distill", "Trains a small classifier from a large one's soft labels.", Distill::new),
          new Entry("evaluate", "Measures the multi-view accuracy of a classifier.", Evaluate::new),
          new Entry(
              "predict", "Names the classes of videos and streams, with scores.", Predict::new),
          new Entry(
              "features",
              "Writes the features of whole videos, window by window, as NumPy files.",
              Features::new),
          new Entry(
              "select", "Draws the tokens that ReRo selection keeps of a video.", Select::new),
          new Entry(
              "reconstruct",
              "Draws what a masked autoencoder predicts of a video.",
              Reconstruct::new),
          new Entry(
              "inspect", "Says what a checkpoint holds and how it fits a model.", Inspect::new),
          new Entry("convert", "Writes a checkpoint in another format.", Convert::new),
          new Entry("verify", "Replays reference files of the official code.", Verify::new),
          new Entry(
              "profile",
              "Tells parameters, FLOPs and memory of a configuration without running it.",
              Profile::new),
          new Entry("bench", "Times training steps on random input.", Bench::new),
          new Entry("doctor", "Says what this machine offers.", Doctor::new));

  private Commands() {}

  /**
   * A command.
   *
   * @param name what the user types
   * @param summary its line of help
   * @param create makes it; called only for the command that runs, so that the others cost no
   *     start-up time
   */
  record Entry(String name, String summary, Supplier<ToolCommand> create) {}
}
