package dev.tenzing.tools.run;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.checkpoint.CheckpointException;
import dev.tenzing.everest.checkpoint.CheckpointFolder;
import dev.tenzing.everest.cost.MemoryPlan;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingListener;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.everest.training.TrainingState;
import dev.tenzing.everest.training.TrainingTask;
import dev.tenzing.tools.cli.CommonOptions;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.Mixture;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.Catalog;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.FrameStore;
import dev.tenzing.video.load.SkipLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One training run from its options to its last checkpoint.
 *
 * @param label what the progress line calls it
 * @param device where it computes
 * @param list its videos
 * @param policy how clips are drawn from them
 * @param mixing how the clips of a batch are mixed, or null
 * @param data data options
 * @param training training options
 * @param settings settings of the loop
 * @param skips log of unreadable videos
 */
public record TrainingSession(
    String label,
    Device device,
    VideoList list,
    ClipPolicy policy,
    Mixing mixing,
    DataOptions data,
    TrainingOptions training,
    Trainer.Settings settings,
    SkipLog skips) {
  /** Trains {@code task}. */
  public TrainingResult run(TrainingTask task, Console console)
      throws IOException, VideoException, VideoListException {
    RunFolder run = new RunFolder(training.output);
    Trainer.Position from = resume(run, task, console);
    Budget budget = settings.budget();
    tell(console);
    console.note(
        memory(
            MemoryPlan.of(
                task.description(),
                training.batch * policy.views(),
                training.accumulate > 1,
                training.recompute,
                device.activations())));
    if (from.step() >= budget.steps()) {
      console.note("the run in " + run.path() + " is already finished at step " + from.step());
    }
    Catalog catalog = Catalog.of(list);
    catalog.notes().forEach(console::note);
    try (Progress progress = console.progress(label, budget.steps());
        FrameStore store = data.cacheMib == 0 ? null : new FrameStore(data.cacheMib << 20);
        ClipLoader loader =
            ClipLoader.of(list, policy)
                .batch(training.batch)
                .seed(settings.seed())
                .threads(data.decodeThreads)
                .start(from.cursor())
                .strict(data.strict)
                .skipLog(skips)
                .catalog(catalog)
                .store(store)
                .mixing(mixing)
                .open()) {
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void stepped(
                long step, long steps, double loss, double clipsPerSecond, int skipped) {
              long clips = (step - from.step()) * budget.totalBatch() * policy.views();
              progress.update(step, clips, skipped, String.format(Locale.ROOT, "loss %.4f", loss));
            }

            @Override
            public void note(String sentence) {
              console.note(sentence);
            }
          };
      return new Trainer(device, task, settings, run, listener).run(from, loader, skips);
    }
  }

  private void tell(Console console) {
    list.notes().forEach(console::note);
    skips.notes().forEach(console::note);
    console.note("data: " + list.summary());
    CommonOptions.emulation(device).ifPresent(console::note);
    Mixture.describe(list).forEach(console::note);
    Budget budget = settings.budget();
    Hyper hyper = settings.hyper();
    double scale = budget.totalBatch() / 256.0;
    console.note(
        String.format(
            Locale.ROOT,
            "%s: %d videos, %d steps of %d clips (%.1f epochs), learning rate %.3g to %.3g after"
                + " %.1f epochs of warm-up, weight decay %s, layer decay %s",
            label,
            list.videos().size(),
            budget.steps(),
            budget.totalBatch() * policy.views(),
            (double) budget.steps() / budget.stepsPerEpoch(),
            hyper.lr() * scale,
            hyper.minLr() * scale,
            hyper.warmupEpochs(),
            hyper.weightDecay(),
            hyper.layerDecay()));
  }

  private static String memory(MemoryPlan plan) {
    return "memory of tensors: %s MiB at most: weights %s, gradients %s, optimizer %s, clips %s, activations %s, workspace %s"
        .formatted(
            mib(plan.peak()),
            mib(plan.weights() + plan.positions()),
            mib(plan.gradients()),
            mib(plan.optimizer()),
            mib(plan.input()),
            mib(plan.activations()),
            mib(plan.workspace()));
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%,d", Math.round(bytes / 1048576.0));
  }

  private Trainer.Position resume(RunFolder run, TrainingTask task, Console console)
      throws IOException {
    if (training.resume.equals("none")) {
      if (TrainingState.newest(run.checkpoints(), sentence -> {}).isPresent()) {
        throw new UsageException(
            "%s already holds checkpoints; continue with --resume auto, or choose another --output"
                .formatted(run.path()));
      }
      return Trainer.Position.START;
    }
    Optional<CheckpointFolder.Saved> found;
    if (training.resume.equals("auto")) {
      List<String> damaged = new ArrayList<>();
      found = TrainingState.newest(run.checkpoints(), damaged::add);
      damaged.forEach(sentence -> console.note(sentence + "; an older one is used"));
      if (found.isEmpty() && !damaged.isEmpty()) {
        throw new FailureException(
            "no checkpoint in " + run.path() + " is intact: " + damaged.getFirst());
      }
    } else {
      Path path = Path.of(training.resume);
      if (!Files.isDirectory(path)) {
        throw new CheckpointException("--resume: there is no checkpoint folder " + path);
      }
      found = Optional.of(CheckpointFolder.open(path));
    }
    if (found.isEmpty()) {
      return Trainer.Position.START;
    }
    console.note("continuing from " + found.get().path());
    return TrainingState.restore(found.get(), task, settings);
  }
}
