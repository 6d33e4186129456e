package dev.tenzing.tools.run;

import dev.tenzing.everest.recipe.ClassifierRecipe;
import dev.tenzing.everest.recipe.FinetuneRecipe;
import dev.tenzing.everest.recipe.Start;
import dev.tenzing.everest.recipe.Validation;
import dev.tenzing.everest.task.classification.Views;
import dev.tenzing.tools.cli.Heading;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of training a classifier. */
@Heading("Fine-tuning")
public final class FinetuneOptions {
  /** Where the encoder comes from. */
  @Option(
      names = "--checkpoint",
      paramLabel = "CKPT",
      description =
          "run or checkpoint of any format, pre-trained or fine-tuned (default: from scratch)")
  public Path checkpoint;

  /** Heads of its model. */
  @Mixin public HeadOptions heads = new HeadOptions();

  /** Whether the head of a fine-tuned checkpoint is thrown away. */
  @Option(
      names = "--reset-head",
      description = "start a new head although the checkpoint has one, for other classes")
  public boolean resetHead;

  /** Whether to load what fits. */
  @Option(
      names = "--partial",
      description = "load what fits of a checkpoint when not all of it does")
  public boolean partial;

  /** What to evaluate on. */
  @Option(names = "--val", paramLabel = "LIST", description = "list to evaluate on at the end")
  public Path val;

  /** K. */
  @Option(
      names = "--classes",
      defaultValue = "0",
      paramLabel = "N",
      description = "number of classes (default: from the list)")
  public int classes;

  /** Share of tokens kept. */
  @Option(
      names = "--keep",
      defaultValue = "1",
      description = "share of tokens kept by ReRo selection; EVEREST uses 0.6 (default: all)")
  public double keep = 1;

  /** Whether frames are selected. */
  @Mixin public FrameOptions frames = new FrameOptions();

  /** Stochastic depth. */
  @Option(
      names = "--drop-path",
      defaultValue = "0.1",
      description = "stochastic depth rate of the last block (default: ${DEFAULT-VALUE})")
  public double dropPath = 0.1;

  /** Dropout in the encoder. */
  @Option(
      names = "--dropout",
      defaultValue = "0",
      description =
          "dropout after the positions and at the end of every branch (default: ${DEFAULT-VALUE})")
  public double dropout;

  /** Dropout before the head. */
  @Option(
      names = "--head-dropout",
      defaultValue = "0",
      description = "dropout of what the head sees (default: ${DEFAULT-VALUE})")
  public double headDropout;

  /** Pooling. */
  @Option(
      names = "--first-token",
      description = "classify by the first token instead of the mean of all")
  public boolean firstToken;

  /** Layer-wise learning rates. */
  @Option(
      names = "--layer-decay",
      description =
          "factor of the learning rate from layer to layer downwards (default: 0.75 from a"
              + " checkpoint, 1 from scratch)")
  public Double layerDecay;

  /** Label smoothing. */
  @Option(
      names = "--smoothing",
      defaultValue = "0.1",
      description = "label smoothing (default: ${DEFAULT-VALUE})")
  public double smoothing = 0.1;

  /** Head initialisation. */
  @Option(
      names = "--init-scale",
      defaultValue = "0.001",
      description = "factor of the head's initial weights (default: ${DEFAULT-VALUE})")
  public double initScale = 0.001;

  /** How clips are changed at random. */
  @Mixin public AugmentOptions augment = new AugmentOptions();

  /** Views of the evaluation. */
  @Option(
      names = "--views",
      defaultValue = "5x3",
      description = "views of the evaluation, segments x crops (default: ${DEFAULT-VALUE})")
  public String views = "5x3";

  /** Whether the evaluation tolerates bad videos. */
  @Option(names = "--allow-skips", description = "evaluate although some videos cannot be read")
  public boolean allowSkips;

  /**
   * The whole recipe asked for.
   *
   * @param distill a teacher, or null
   */
  public FinetuneRecipe recipe(
      DistillOptions distill, DataOptions data, TrainingOptions training, long seed) {
    return new FinetuneRecipe(
        new ClassifierRecipe(
            classes,
            resetHead,
            keep,
            frames.over(null),
            dropPath,
            dropout,
            headDropout,
            firstToken,
            smoothing,
            initScale),
        distill == null ? null : distill.recipe(),
        augment.recipe(),
        new Validation(val, Views.parse(views), allowSkips),
        new Start(checkpoint, heads.hints(), partial),
        data.recipe(),
        training.model(),
        training.length(),
        training.optimisation(layerDecay),
        training.saving(),
        seed);
  }
}
