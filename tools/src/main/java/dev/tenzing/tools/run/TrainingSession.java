package dev.tenzing.tools.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.collective.Single;
import dev.tenzing.everest.cost.MemoryPlan;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.run.HostMemory;
import dev.tenzing.everest.run.MemoryCheck;
import dev.tenzing.everest.run.RunStart;
import dev.tenzing.everest.run.StopRequest;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingListener;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.everest.training.TrainingState;
import dev.tenzing.everest.training.TrainingTask;
import dev.tenzing.tools.cli.CommonOptions;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.tools.cli.Signals;
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
import java.util.Locale;

/**
 * One training run from where it begins to its last checkpoint.
 *
 * @param device where it computes
 * @param policy how clips are drawn from the videos
 * @param mixing how the clips of a batch are mixed, or null
 * @param data data options
 * @param training training options
 * @param record what is written of the run
 * @param start where it begins
 */
record TrainingSession(
    Device device,
    ClipPolicy policy,
    Mixing mixing,
    DataOptions data,
    TrainingOptions training,
    RunRecord record,
    RunStart start) {
  /** What is said to who stops a run before it begins. */
  static final String NOT_BEGUN = "stopped before the first step; nothing of the run was changed";

  /** Compares memory for a run of a model. */
  static MemoryCheck memory(
      Device device,
      ModelDescription description,
      VideoList list,
      ClipPolicy policy,
      DataOptions data,
      TrainingOptions training) {
    return new MemoryCheck(
        device,
        description,
        training.recompute,
        videos -> ClipLoader.of(list, policy).batch(videos).threads(data.decodeThreads).bytes(),
        data.cacheMib << 20,
        new HostMemory().available());
  }

  /** Trains {@code task}; what is known of the run is written before its first step. */
  TrainingResult run(TrainingTask<?> task, Console console)
      throws IOException, VideoException, VideoListException {
    RunFolder run = record.folder();
    Trainer.Settings settings = record.settings();
    Budget budget = settings.budget();
    Trainer.Position from = Trainer.Position.START;
    if (start.checkpoint().isPresent()) {
      console.note("continuing from " + start.checkpoint().get().path());
      from = TrainingState.restore(start.checkpoint().get(), task, settings);
      start.told().forEach(console::note);
      if (!start.told().isEmpty()) {
        console.note(
            String.format(
                Locale.ROOT,
                "the bits are not those of a run that had these settings from its first step on;"
                    + " the learning rate of step %d is %.3g",
                from.step() + 1,
                settings.schedule().at(from.step())));
      }
    }
    tell(console);
    console.note(
        memory(
            MemoryPlan.of(
                task.description(),
                training.batch * policy.views(),
                training.accumulate > 1,
                training.recompute,
                device.activations())));
    SkipLog skips = new SkipLog(run.skipped());
    skips.notes().forEach(console::note);
    Catalog catalog = Catalog.of(record.list());
    catalog.notes().forEach(console::note);
    long first = from.step();
    StopRequest stop = new StopRequest();
    try (Progress progress = console.progress(record.command(), budget.steps());
        FrameStore store = data.cacheMib == 0 ? null : new FrameStore(data.cacheMib << 20);
        ClipLoader loader =
            ClipLoader.of(record.list(), policy)
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
              long clips = (step - first) * budget.totalBatch() * policy.views();
              progress
                  .rate(clipsPerSecond)
                  .update(step, clips, skipped, String.format(Locale.ROOT, "loss %.4f", loss));
            }

            @Override
            public boolean stops() {
              return stop.asked();
            }

            @Override
            public void note(String sentence) {
              console.note(sentence);
            }
          };
      record.write(start);
      Signals.graceful(stop);
      return new Trainer(
              device, new Single(), task, settings, run, record.provenance(device), listener)
          .run(from, loader);
    } finally {
      Signals.graceful(null);
      Signals.atOnce("stopped after the last step, which is saved; the same command goes on");
    }
  }

  private void tell(Console console) {
    record.list().notes().forEach(console::note);
    console.note("data: " + record.list().summary());
    CommonOptions.emulation(device).ifPresent(console::note);
    Mixture.describe(record.list()).forEach(console::note);
    Trainer.Settings settings = record.settings();
    Budget budget = settings.budget();
    Hyper hyper = settings.hyper();
    console.note(
        String.format(
            Locale.ROOT,
            "%s: %d videos, %d steps of %d clips (%.1f epochs), learning rate %.3g to %.3g after"
                + " %.1f epochs of warm-up, weight decay %s, layer decay %s",
            record.command(),
            record.list().videos().size(),
            budget.steps(),
            budget.totalBatch() * policy.views(),
            (double) budget.steps() / budget.stepsPerEpoch(),
            settings.peakLr(),
            hyper.minLr() * budget.totalBatch() / 256.0,
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
}
