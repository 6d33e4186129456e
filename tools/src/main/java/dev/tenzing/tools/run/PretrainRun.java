package dev.tenzing.tools.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.Fit;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.run.MemoryCheck;
import dev.tenzing.everest.run.RunLock;
import dev.tenzing.everest.run.RunResult;
import dev.tenzing.everest.run.RunStart;
import dev.tenzing.everest.task.pretraining.PretrainTask;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Signals;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.sample.SamplingRule;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A pre-training run.
 *
 * @param config sizes of the model
 * @param start where its first parameters come from, or null for new ones
 * @param pretraining how tokens are hidden and what is predicted
 * @param frames how many frames there are to choose from, or null
 * @param data data options
 * @param training training options
 * @param seed seed of everything random
 * @param options all options by their keys, to be asked for when they are settled
 */
public record PretrainRun(
    VitConfig config,
    Start start,
    Pretraining pretraining,
    FrameSelection frames,
    DataOptions data,
    TrainingOptions training,
    long seed,
    Supplier<Map<String, Object>> options) {
  /**
   * Where the first parameters of a run come from.
   *
   * @param checkpoint a pre-trained model
   * @param partial whether to load what fits when not all does
   */
  public record Start(ModelFile checkpoint, boolean partial) {}

  /**
   * What a run came to.
   *
   * @param training the training
   * @param record what was written of the run
   */
  public record Outcome(TrainingResult training, RunRecord record) {
    /** Prints it, and ends the command where the run was stopped. */
    public void print(Console console) {
      record.print(training, console);
      Map<String, Object> all = RunReport.toMap(training);
      all.put("data", record.data());
      all.put("report", record.folder().report());
      console.result(all);
      record.endIfStopped(training);
    }
  }

  /** Pre-trains on a device. */
  public Outcome run(Device device, Console console)
      throws IOException, VideoException, VideoListException {
    data.check();
    training.check();
    DataOptions.checkOutput(data.data, training.output);
    data.settle(start == null ? null : start.checkpoint).ifPresent(console::note);
    ClipShape clip = ClipShape.square(data.frames, data.size);
    Masking masking = pretraining.masking();
    TokenGrid grid = clip.grid(config);
    masking.check(grid);
    SamplingRule rule =
        data.rule(start == null ? SamplingRule.DENSE : start.checkpoint.description().sampling());
    ModelDescription description =
        new ModelDescription(config, clip, data.stride, pretraining, rule, frames);
    // Before anything is written: it refuses frames that cannot be chosen.
    description.input(UnaryOperator.identity());
    VideoList list = data.list(VideoList.Labels.OPTIONAL, 0, List.of());
    ClipPolicy policy = ClipPolicy.pretraining(description.loaded(data.sampling(rule)), data.size);
    RunFolder run = new RunFolder(training.output);
    Signals.atOnce(TrainingSession.NOT_BEGUN);
    try (RunLock lock = RunLock.acquire(run.path(), "tenzing pretrain")) {
      MemoryCheck memory =
          TrainingSession.memory(device, description, list, policy, data, training);
      training.fit(memory, 1, RunRecord.batchOf(run), console);
      Trainer.Settings settings = training.settings(list.epoch(), Hyper.pretraining(), 1, seed);
      training.settle(config, settings);
      data.sampling = rule.label();
      RunRecord record =
          new RunRecord("pretrain", run, options.get(), list, list.classNames(), settings, 1);
      RunStart begin = record.start(training.resume, console);
      if (begin.finished()) {
        RunResult result = record.finished(begin, console);
        return new Outcome(result.training(), record);
      }
      memory.require(training.batch, 1, training.accumulate > 1);
      console.note(
          "%s: of %s tokens (%s) the encoder sees %s, the decoder fills in %s"
              .formatted(
                  pretraining.method().label(),
                  String.valueOf(grid.tokens()),
                  grid,
                  String.valueOf(masking.visibleTokens(grid)),
                  String.valueOf(masking.targetTokens(grid))));
      TrainingResult result = train(device, description, policy, record, begin, console);
      new RunResult(result, null).write(run);
      RunReport.write(record, "Pre-training with " + pretraining.method().label(), result, null);
      return new Outcome(result, record);
    }
  }

  private TrainingResult train(
      Device device,
      ModelDescription description,
      ClipPolicy policy,
      RunRecord record,
      RunStart begin,
      Console console)
      throws IOException, VideoException, VideoListException {
    ClipShape clip = description.clip();
    try (MaskedAutoencoder model =
        Models.autoencoder(description, device, Rng.seed(seed), training.recompute)) {
      if (start != null) {
        Fit fit = start.checkpoint.load(model, start.partial);
        LoadNotes.tell(start.checkpoint, fit, model.parameters().size(), clip, console);
      }
      Hyper hyper = record.settings().hyper();
      try (PretrainTask task = new PretrainTask(model, description, hyper, device)) {
        return new TrainingSession(device, policy, null, data, training, record, begin)
            .run(task, console);
      }
    }
  }
}
