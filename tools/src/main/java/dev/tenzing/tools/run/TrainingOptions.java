package dev.tenzing.tools.run;

import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.run.MemoryCheck;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.cli.Heading;
import dev.tenzing.tools.cli.UsageException;
import java.nio.file.Path;
import java.util.Optional;
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

  /** Rejects impossible values. */
  public void check() {
    DataOptions.positive("--batch", batch);
    DataOptions.positive("--accumulate", accumulate);
    DataOptions.positive("--keep-checkpoints", keepCheckpoints);
    DataOptions.positive("--log-every", logEvery);
    if ((epochs == null) == (steps == null)) {
      throw new UsageException("give either --epochs or --steps");
    }
    DataOptions.positive("--epochs", epochs == null ? 1 : epochs);
    DataOptions.positive("--steps", steps == null ? 1 : steps);
    DataOptions.positive("--checkpoint-every", checkpointEvery == null ? 1 : checkpointEvery);
    if (lr != null && !(lr > 0)) {
      throw new UsageException("--lr must be positive, got " + lr);
    }
  }

  /**
   * Sizes of the model: the checkpoint's when there is one, else those asked for.
   *
   * @param method how it is pre-trained, or null when it has no decoder
   * @throws UsageException when they differ
   */
  public VitConfig config(ModelFile checkpoint, Method method) {
    if (checkpoint == null) {
      String name = model == null ? VitConfig.SMALL.name() : model;
      return variant.of(method == null ? VitConfig.named(name) : method.model(name));
    }
    if (variant.any()) {
      throw new UsageException(
          "--layer-scale, --cosine-attention and --no-qkv-bias are for training from scratch; a"
              + " checkpoint brings its own");
    }
    VitConfig config = checkpoint.description().config();
    if (model != null && !model.equals(config.name())) {
      throw new UsageException(
          "--model %s does not fit the checkpoint, which holds %s".formatted(model, config.name()));
    }
    return config;
  }

  /**
   * With {@code --fit}, divides the batch until a step fits.
   *
   * @param views clips of each video of the batch
   * @param before how many videos a forward pass of this run had so far, or 0: with as many the
   *     bits stay the same, so fewer passes are not tried
   */
  public void fit(MemoryCheck check, int views, int before, Console console) {
    if (!fit) {
      return;
    }
    String last = "";
    int fewest = before > 0 && before < batch && batch % before == 0 ? batch / before : 1;
    for (int parts = fewest; parts <= batch; parts++) {
      if (batch % parts == 0) {
        Optional<String> problem = check.tooMuch(batch / parts, views, parts * accumulate > 1);
        if (problem.isEmpty()) {
          console.note(
              "--fit: %s forward passes of %s a step"
                  .formatted(String.valueOf(parts * accumulate), String.valueOf(batch / parts)));
          batch /= parts;
          accumulate *= parts;
          return;
        }
        last = problem.get().replaceFirst("; give .*", "");
      }
    }
    throw new FailureException(
        "--fit: even a forward pass of 1 is too large: %s; %s"
            .formatted(last, recompute ? "use a smaller --size or --model" : "try --recompute"));
  }

  /** Takes over what the run settled on, so that it is written down. */
  void settle(VitConfig config, Trainer.Settings settings) {
    Hyper hyper = settings.hyper();
    model = config.name();
    lr = hyper.lr();
    minLr = hyper.minLr();
    warmupEpochs = hyper.warmupEpochs();
    weightDecay = hyper.weightDecay();
    clipGrad = hyper.clipGrad();
    checkpointEvery = settings.checkpointEvery();
  }

  /** The run's length over {@code videos}. */
  public Budget budget(int videos) {
    return epochs != null
        ? Budget.epochs(epochs, videos, batch, accumulate)
        : Budget.steps(steps, videos, batch, accumulate);
  }

  /** All settings of the loop; {@code layerDecay} is for fine-tuning, 1 otherwise. */
  public Trainer.Settings settings(int videos, Hyper defaults, double layerDecay, long seed) {
    Budget budget = budget(videos);
    double epochsInAll = (double) budget.steps() / budget.stepsPerEpoch();
    Hyper hyper =
        new Hyper(
            or(lr, defaults.lr()),
            or(minLr, Math.min(defaults.minLr(), or(lr, defaults.lr()))),
            or(warmupEpochs, Math.min(defaults.warmupEpochs(), epochsInAll / 10)),
            or(weightDecay, defaults.weightDecay()),
            layerDecay,
            defaults.beta1(),
            defaults.beta2(),
            defaults.eps(),
            or(clipGrad, defaults.clipGrad()));
    long every = checkpointEvery == null ? Math.max(50, budget.stepsPerEpoch()) : checkpointEvery;
    return new Trainer.Settings(budget, hyper, seed, every, keepCheckpoints, logEvery);
  }

  private static double or(Double given, double otherwise) {
    return given == null ? otherwise : given;
  }
}
