package dev.tenzing.everest.recipe;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is asked of the optimisation; null takes the method's official value.
 *
 * @param lr base learning rate for a total batch of 256
 * @param minLr final learning rate, for a total batch of 256
 * @param warmupEpochs epochs of linear warm-up; null for a tenth of the run, at most the method's
 * @param weightDecay decay of weight matrices
 * @param layerDecay factor of the learning rate from layer to layer downwards; null for 0.75 from a
 *     checkpoint and 1 from scratch; for classifiers
 * @param clipGrad largest global gradient norm
 */
public record Optimisation(
    Double lr,
    Double minLr,
    Double warmupEpochs,
    Double weightDecay,
    Double layerDecay,
    Double clipGrad) {
  /** The method's own. */
  public static final Optimisation OFFICIAL = new Optimisation(null, null, null, null, null, null);

  /** Rejects an impossible learning rate and what is no finite number. */
  public Optimisation {
    finite("--lr", lr);
    finite("--min-lr", minLr);
    finite("--warmup-epochs", warmupEpochs);
    finite("--weight-decay", weightDecay);
    finite("--layer-decay", layerDecay);
    finite("--clip-grad", clipGrad);
    if (lr != null && !(lr > 0)) {
      throw new IllegalArgumentException("--lr must be positive, got " + lr);
    }
  }

  private static void finite(String option, Double value) {
    if (value != null && Double.isInfinite(value)) {
      throw new IllegalArgumentException(option + " must be a finite number, got " + value);
    }
  }

  /** The same at another base learning rate. */
  public Optimisation withLr(double rate) {
    return new Optimisation(rate, minLr, warmupEpochs, weightDecay, layerDecay, clipGrad);
  }

  /** The same with another decay from layer to layer. */
  public Optimisation withLayerDecay(double decay) {
    return new Optimisation(lr, minLr, warmupEpochs, weightDecay, decay, clipGrad);
  }

  /** What that comes to. */
  public Hyper hyper(Budget budget, Hyper defaults) {
    double epochsInAll = (double) budget.steps() / budget.stepsPerEpoch();
    return new Hyper(
        or(lr, defaults.lr()),
        or(minLr, Math.min(defaults.minLr(), or(lr, defaults.lr()))),
        or(warmupEpochs, Math.min(defaults.warmupEpochs(), epochsInAll / 10)),
        or(weightDecay, defaults.weightDecay()),
        or(layerDecay, 1.0),
        defaults.beta1(),
        defaults.beta2(),
        defaults.eps(),
        or(clipGrad, defaults.clipGrad()));
  }

  private static double or(Double given, double otherwise) {
    return given == null ? otherwise : given;
  }

  Optimisation settled(Hyper hyper) {
    return new Optimisation(
        hyper.lr(),
        hyper.minLr(),
        hyper.warmupEpochs(),
        hyper.weightDecay(),
        layerDecay,
        hyper.clipGrad());
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("lr", lr);
    all.put("min-lr", minLr);
    all.put("warmup-epochs", warmupEpochs);
    all.put("weight-decay", weightDecay);
    all.put("layer-decay", layerDecay);
    all.put("clip-grad", clipGrad);
    return all;
  }
}
