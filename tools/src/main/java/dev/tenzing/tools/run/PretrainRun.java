package dev.tenzing.tools.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.everest.checkpoint.Fit;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.recipe.Pretraining;
import dev.tenzing.everest.training.PretrainTask;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.YamlConfig;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.sample.SamplingRule;
import java.io.IOException;
import java.util.List;
import java.util.Map;
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
 * @param record the options as they go into {@code config.yaml} and the report
 */
public record PretrainRun(
    VitConfig config,
    Start start,
    Pretraining pretraining,
    FrameSelection frames,
    DataOptions data,
    TrainingOptions training,
    long seed,
    Map<String, Object> record) {
  /**
   * Where the first parameters of a run come from.
   *
   * @param checkpoint a pre-trained model
   * @param partial whether to load what fits when not all does
   */
  public record Start(ModelFile checkpoint, boolean partial) {}

  /** Pre-trains on a device. */
  public TrainingResult run(Device device, Console console)
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
        new ModelDescription(config, clip, data.stride, pretraining, null, List.of(), rule, frames);
    // Before anything is written: it refuses frames that cannot be chosen.
    description.input(UnaryOperator.identity());
    training.fit(description, 1, device, console);
    VideoList list = data.list(VideoList.Labels.OPTIONAL, 0, List.of());
    Trainer.Settings settings = training.settings(list.epoch(), Hyper.pretraining(), 1, seed);
    RunFolder run = new RunFolder(training.output);
    AtomicFolder.create(run.path());
    YamlConfig.write(run.config(), "tenzing pretrain", record);
    console.note(
        "%s: of %s tokens (%s) the encoder sees %s, the decoder fills in %s"
            .formatted(
                pretraining.method().label(),
                grid.tokens(),
                grid,
                masking.visibleTokens(grid),
                masking.targetTokens(grid)));
    SkipLog skips = new SkipLog(run.skipped());
    try (MaskedAutoencoder model =
        new MaskedAutoencoder(config, clip, device, Rng.seed(seed), training.recompute)) {
      if (start != null) {
        Fit fit = start.checkpoint.load(model, start.partial);
        LoadNotes.tell(start.checkpoint, fit, model.parameters().size(), clip, console);
      }
      try (PretrainTask task = new PretrainTask(model, description, settings.hyper(), device)) {
        ClipPolicy policy =
            ClipPolicy.pretraining(description.loaded(data.sampling(rule)), data.size);
        TrainingResult result =
            new TrainingSession(
                    "pretrain", device, list, policy, null, data, training, settings, skips)
                .run(task, console);
        RunReport.write(
            run,
            "Pre-training with " + pretraining.method().label(),
            record,
            null,
            list.classNames());
        return result;
      }
    }
  }
}
