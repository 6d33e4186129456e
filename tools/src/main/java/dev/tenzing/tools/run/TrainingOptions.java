package dev.tenzing.tools.run;

import dev.tenzing.everest.recipe.Length;
import dev.tenzing.everest.recipe.ModelRecipe;
import dev.tenzing.everest.recipe.Optimisation;
import dev.tenzing.everest.recipe.Saving;
import dev.tenzing.tools.cli.Heading;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every training command. What is not given takes the method's official default. */
@Heading("Training")
public final class TrainingOptions {
  /** The run folder. */
  @Option(
      names = "--output",
      required = true,
      paramLabel = "RUN",
      description = "folder of the run")
  public Path output;

  /** The size's name. */
  @Option(
      names = "--model",
      paramLabel = "SIZE",
      description =
          "tiny, vit-s, vit-b, vit-l, vit-h or vit-g (default: vit-s, or the checkpoint's)")
  public String model;

  /** Variants of the model. */
  @Mixin public ModelOptions variant = new ModelOptions();

  /** Epochs. */
  @Option(names = "--epochs", paramLabel = "N", description = "passes over the data")
  public Integer epochs;

  /** Optimiser steps. */
  @Option(names = "--steps", paramLabel = "N", description = "optimiser steps, instead of --epochs")
  public Long steps;

  /** Clips a forward pass. */
  @Option(
      names = "--batch",
      defaultValue = "8",
      paramLabel = "N",
      description = "clips a forward pass (default: ${DEFAULT-VALUE})")
  public int batch = 8;

  /** Forward passes a step. */
  @Option(
      names = "--accumulate",
      defaultValue = "1",
      paramLabel = "N",
      description = "forward passes a step (default: ${DEFAULT-VALUE})")
  public int accumulate = 1;

  /** Base learning rate. */
  @Option(
      names = "--lr",
      description = "base learning rate for a total batch of 256 (default: the method's)")
  public Double lr;

  /** Final learning rate. */
  @Option(
      names = "--min-lr",
      description = "final learning rate, for a total batch of 256 (default: the method's)")
  public Double minLr;

  /** Warm-up. */
  @Option(
      names = "--warmup-epochs",
      description = "epochs of linear warm-up (default: a tenth of the run, at most the method's)")
  public Double warmupEpochs;

  /** Weight decay. */
  @Option(names = "--weight-decay", description = "weight decay (default: the method's)")
  public Double weightDecay;

  /** Gradient clipping. */
  @Option(names = "--clip-grad", description = "largest global gradient norm (default: none)")
  public Double clipGrad;

  /** Smaller forward passes. */
  @Option(
      names = "--fit",
      description =
          "split a batch that does not fit into memory into the fewest equal forward passes that"
              + " do")
  public boolean fit;

  /** Steps between checkpoints. */
  @Option(
      names = "--checkpoint-every",
      paramLabel = "STEPS",
      description = "steps between checkpoints (default: an epoch, at least 50)")
  public Long checkpointEvery;

  /** Checkpoints that stay. */
  @Option(
      names = "--keep-checkpoints",
      defaultValue = "2",
      paramLabel = "N",
      description = "newest checkpoints that stay (default: ${DEFAULT-VALUE})")
  public int keepCheckpoints = 2;

  /** Steps between logged metrics. */
  @Option(
      names = "--log-every",
      defaultValue = "10",
      paramLabel = "STEPS",
      description = "steps between logged metrics (default: ${DEFAULT-VALUE})")
  public int logEvery = 10;

  /** Where to continue. */
  @Option(
      names = "--resume",
      defaultValue = "auto",
      paramLabel = "auto|PATH|none",
      description =
          "go on from the run's newest intact checkpoint, from that of a run or checkpoint folder,"
              + " or not (default: ${DEFAULT-VALUE})")
  public String resume = "auto";

  /** Recompute. */
  @Option(
      names = "--recompute",
      description = "run blocks again in the backward instead of keeping their activations")
  public boolean recompute;

  /** The model asked for. */
  public ModelRecipe model() {
    return variant.of(model, recompute);
  }

  /** The length asked for. */
  public Length length() {
    return new Length(epochs, steps, batch, accumulate, fit);
  }

  /**
   * The optimisation asked for.
   *
   * @param layerDecay of a classifier, or null
   */
  public Optimisation optimisation(Double layerDecay) {
    return new Optimisation(lr, minLr, warmupEpochs, weightDecay, layerDecay, clipGrad);
  }

  /** Where the run is kept. */
  public Saving saving() {
    return new Saving(output, checkpointEvery, keepCheckpoints, logEvery, resume);
  }
}
