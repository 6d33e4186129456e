package dev.tenzing.tools.command;

import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.video.synth.SyntheticActions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tenzing synth}: labelled videos whose classes differ by motion alone. */
@Command
public final class Synth extends ToolCommand {
  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "folder for the videos, train.csv, val.csv and classes.txt")
  private Path output;

  @Option(
      names = "--classes",
      defaultValue = "8",
      paramLabel = "N",
      description = "kinds of motion, 2 to 12 (default: ${DEFAULT-VALUE})")
  private int classes;

  @Option(
      names = "--per-class",
      defaultValue = "40",
      paramLabel = "N",
      description = "videos of each class to train on (default: ${DEFAULT-VALUE})")
  private int perClass;

  @Option(
      names = "--val-per-class",
      paramLabel = "N",
      description = "videos of each class to validate on (default: a quarter of --per-class)")
  private Integer valPerClass;

  @Option(
      names = "--size",
      defaultValue = "112",
      paramLabel = "PIXELS",
      description = "side of the square pictures (default: ${DEFAULT-VALUE})")
  private int size;

  private int written;

  /** What {@code --json} prints. */
  private record Report(
      Path output,
      int videos,
      int classes,
      Path train,
      Path val,
      int trainVideos,
      int valVideos,
      List<String> classNames) {}

  @Override
  protected void run(Console console) throws Exception {
    int validation = valPerClass == null ? Math.max(1, perClass / 4) : valPerClass;
    SyntheticActions actions =
        new SyntheticActions(classes, perClass, validation, size, common.seed());
    if (Files.exists(output.resolve("videos"))) {
      throw new UsageException(output + " already holds videos; give --output a new folder");
    }
    AtomicFolder.create(output);
    try (Progress progress = console.progress("synth", actions.videos());
        ForkJoinPool pool = new ForkJoinPool(common.threads())) {
      pool.submit(
              () -> {
                actions.write(output, anyOrder -> countOne(progress));
                return null;
              })
          .get();
    }
    console.print(
        "%s videos of %s classes in %s: %s"
            .formatted(actions.videos(), classes, output, String.join(", ", actions.classNames())));
    console.result(
        new Report(
            output,
            actions.videos(),
            classes,
            output.resolve("train.csv"),
            output.resolve("val.csv"),
            classes * perClass,
            classes * validation,
            actions.classNames()));
  }

  private synchronized void countOne(Progress progress) {
    written++;
    progress.update(written, written, 0, "");
  }
}
