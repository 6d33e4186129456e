package dev.tenzing.everest.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.collective.Single;
import dev.tenzing.everest.cost.MemoryPlan;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.DataRecipe;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.recipe.Length;
import dev.tenzing.everest.recipe.Saving;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.everest.training.TrainingState;
import dev.tenzing.everest.training.TrainingTask;
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
 * @param data which clips
 * @param length their batches
 * @param recompute whether blocks run again in the backward
 * @param record what is written of the run
 * @param start where it begins
 */
record TrainingSession(
    Device device,
    ClipPolicy policy,
    Mixing mixing,
    DataRecipe data,
    Length length,
    boolean recompute,
    RunRecord record,
    RunStart start) {
  /** How the loop goes. */
  static Trainer.Settings settings(Saving saving, Budget budget, Hyper hyper, long seed) {
    return new Trainer.Settings(
        budget, hyper, seed, saving.every(budget), saving.keep(), saving.logEvery());
  }

  /** Compares memory for a run of a model. */
  static MemoryCheck memory(
      Device device,
      ModelDescription description,
      VideoList list,
      ClipPolicy policy,
      DataRecipe data,
      boolean recompute) {
    return new MemoryCheck(
        device,
        description,
        recompute,
        videos -> ClipLoader.of(list, policy).batch(videos).threads(data.decodeThreads()).bytes(),
        data.cacheMib() << 20,
        new HostMemory().available());
  }

  /** Trains {@code task}; what is known of the run is written before its first step. */
  TrainingResult run(TrainingTask<?> task, RunListener listener)
      throws IOException, VideoException, VideoListException {
    RunFolder run = record.folder();
    Trainer.Settings settings = record.settings();
    Budget budget = settings.budget();
    Trainer.Position from = Trainer.Position.START;
    if (start.checkpoint().isPresent()) {
      listener.note("continuing from " + start.checkpoint().get().path());
      from = TrainingState.restore(start.checkpoint().get(), task, settings);
      start.told().forEach(listener::note);
      if (!start.told().isEmpty()) {
        listener.note(
            String.format(
                Locale.ROOT,
                "the bits are not those of a run that had these settings from its first step on;"
                    + " the learning rate of step %d is %.3g",
                from.step() + 1,
                settings.schedule().at(from.step())));
      }
    }
    tell(listener);
    listener.note(
        memory(
            MemoryPlan.of(
                task.description(),
                length.batch() * policy.views(),
                length.accumulate() > 1,
                recompute,
                device.activations())));
    SkipLog skips = new SkipLog(run.skipped());
    skips.notes().forEach(listener::note);
    Catalog catalog = Catalog.of(record.list());
    catalog.notes().forEach(listener::note);
    try (FrameStore store = data.cacheMib() == 0 ? null : new FrameStore(data.cacheMib() << 20);
        ClipLoader loader =
            ClipLoader.of(record.list(), policy)
                .batch(length.batch())
                .seed(settings.seed())
                .threads(data.decodeThreads())
                .start(from.cursor())
                .strict(data.strict())
                .skipLog(skips)
                .catalog(catalog)
                .store(store)
                .mixing(mixing)
                .open()) {
      listener.begins(record, start);
      record.write(start);
      return new Trainer(
              device, new Single(), task, settings, run, record.provenance(device), listener)
          .run(from, loader);
    } finally {
      listener.ends();
    }
  }

  private void tell(RunListener listener) {
    record.list().notes().forEach(listener::note);
    listener.note("data: " + record.list().summary());
    Emulation.of(device).ifPresent(listener::note);
    Mixture.describe(record.list()).forEach(listener::note);
    Trainer.Settings settings = record.settings();
    Budget budget = settings.budget();
    Hyper hyper = settings.hyper();
    listener.note(
        String.format(
            Locale.ROOT,
            "%s: %s, %s of %s (%.1f epochs), learning rate %.3g to %.3g after"
                + " %.1f epochs of warm-up, weight decay %s, layer decay %s",
            record.command(),
            counted(record.list().videos().size(), "video"),
            counted(budget.steps(), "step"),
            counted(budget.totalBatch() * policy.views(), "clip"),
            (double) budget.steps() / budget.stepsPerEpoch(),
            settings.peakLr(),
            hyper.minLr() * budget.totalBatch() / 256.0,
            hyper.warmupEpochs(),
            hyper.weightDecay(),
            hyper.layerDecay()));
  }

  private static String counted(long count, String thing) {
    return count == 1 ? "1 " + thing : count + " " + thing + "s";
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
