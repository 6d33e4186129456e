package dev.tenzing.everest.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.Fit;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.DataRecipe;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.recipe.Length;
import dev.tenzing.everest.recipe.PretrainRecipe;
import dev.tenzing.everest.task.pretraining.PretrainTask;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.sample.SamplingRule;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A pre-training run, from its list to its last checkpoint.
 *
 * @param recipe what is to be done
 * @param lists reads its list
 */
public record PretrainRun(PretrainRecipe recipe, ListReader lists) {
  /** A run over a list file or a folder of videos. */
  public PretrainRun(PretrainRecipe recipe) {
    this(recipe, ListReader.PLAIN);
  }

  /** Pre-trains on a device; a run that was stopped goes on, a finished one is told again. */
  public RunOutcome run(Device device, RunListener listener)
      throws IOException, VideoException, VideoListException {
    try (ModelFile start = recipe.start().open()) {
      if (start != null) {
        start.notes().forEach(listener::note);
      }
      return run(device, start, listener);
    }
  }

  private RunOutcome run(Device device, ModelFile start, RunListener listener)
      throws IOException, VideoException, VideoListException {
    Pretraining pretraining = recipe.pretraining();
    VitConfig config = recipe.model().config(start, pretraining.method());
    recipe.data().taken(start).ifPresent(listener::note);
    DataRecipe data = recipe.data().settled(start);
    ClipShape clip = ClipShape.square(data.frames(), data.size());
    Masking masking = pretraining.masking();
    TokenGrid grid = clip.grid(config);
    masking.check(grid);
    SamplingRule rule =
        data.rule(start == null ? SamplingRule.DENSE : start.description().sampling());
    ModelDescription description =
        new ModelDescription(config, clip, data.stride(), pretraining, rule, recipe.frames());
    // Before anything is written: it refuses frames that cannot be chosen.
    description.input(UnaryOperator.identity());
    VideoList list =
        lists.existing(data.list(), data.root(), VideoList.Labels.OPTIONAL, 0, List.of());
    ClipPolicy policy =
        ClipPolicy.pretraining(description.loaded(data.sampling(rule)), data.size());
    boolean recompute = recipe.model().recompute();
    RunFolder run = new RunFolder(recipe.saving().run());
    try (RunLock lock = RunLock.acquire(run.path(), "tenzing pretrain")) {
      MemoryCheck memory =
          TrainingSession.memory(device, description, list, policy, data, recompute);
      Length length = memory.fit(recipe.length(), 1, RunRecord.batchOf(run), listener::note);
      Budget budget = length.budget(list.epoch());
      Hyper hyper = recipe.optimisation().hyper(budget, Hyper.pretraining());
      Trainer.Settings settings =
          TrainingSession.settings(recipe.saving(), budget, hyper, recipe.seed());
      PretrainRecipe settled =
          recipe.settled(
              data.sampled(rule),
              config.name(),
              recipe.length().batch() / length.batch(),
              hyper,
              settings.checkpointEvery());
      RunRecord record =
          new RunRecord(
              "pretrain",
              run,
              listener.settings(settled.settings()),
              list,
              list.classNames(),
              settings,
              1);
      RunStart begin = record.start(recipe.saving().resume(), listener);
      if (begin.finished()) {
        RunResult kept = record.finished(begin, listener);
        return new RunOutcome(new RunResult(kept.training(), null), record);
      }
      memory.require(length.batch(), 1, length.accumulate() > 1);
      listener.note(
          "%s: of %s tokens (%s) the encoder sees %s, the decoder fills in %s"
              .formatted(
                  pretraining.method().label(),
                  String.valueOf(grid.tokens()),
                  grid,
                  String.valueOf(masking.visibleTokens(grid)),
                  String.valueOf(masking.targetTokens(grid))));
      TrainingSession session =
          new TrainingSession(device, policy, null, data, length, recompute, record, begin);
      RunResult result = new RunResult(train(description, session, start, listener), null);
      result.write(run);
      listener.came(record, result);
      return new RunOutcome(result, record);
    }
  }

  private TrainingResult train(
      ModelDescription description, TrainingSession session, ModelFile start, RunListener listener)
      throws IOException, VideoException, VideoListException {
    Device device = session.device();
    try (MaskedAutoencoder model =
        Models.autoencoder(description, device, Rng.seed(recipe.seed()), session.recompute())) {
      if (start != null) {
        Fit fit = start.load(model, recipe.start().partial());
        LoadNotes.tell(start, fit, model.parameters().size(), description.clip(), listener::note);
      }
      Hyper hyper = session.record().settings().hyper();
      try (PretrainTask task = new PretrainTask(model, description, hyper, device)) {
        return session.run(task, listener);
      }
    }
  }
}
