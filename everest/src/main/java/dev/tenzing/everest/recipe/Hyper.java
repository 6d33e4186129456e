package dev.tenzing.everest.recipe;

import dev.tenzing.nn.optim.AdamW;

/**
 * Optimisation settings.
 *
 * @param lr base learning rate for a total batch of 256; the peak is {@code lr * total batch / 256}
 * @param minLr final learning rate, scaled likewise
 * @param warmupEpochs epochs of linear warm-up from 0
 * @param weightDecay decay of weight matrices
 * @param layerDecay factor of the learning rate from layer to layer downwards; 1 = none
 * @param beta1 AdamW's decay of the first moment
 * @param beta2 AdamW's decay of the second moment
 * @param eps AdamW's epsilon
 * @param clipGrad largest global gradient norm; 0 = no clipping
 */
public record Hyper(
    double lr,
    double minLr,
    double warmupEpochs,
    double weightDecay,
    double layerDecay,
    double beta1,
    double beta2,
    double eps,
    double clipGrad) {
  /** The official pre-training defaults of VideoMAE and EVEREST. */
  public static Hyper pretraining() {
    return new Hyper(1.5e-4, 1e-5, 40, 0.05, 1, 0.9, 0.95, 1e-8, 0);
  }

  /** The official fine-tuning defaults. */
  public static Hyper finetuning() {
    return new Hyper(1e-3, 1e-6, 5, 0.05, 0.75, 0.9, 0.999, 1e-8, 0);
  }

  /** The constants of the optimiser. */
  public AdamW.Options adamW() {
    return new AdamW.Options(beta1, beta2, eps, clipGrad);
  }

  /** The same with gradients clipped to a global norm. */
  public Hyper clipped(double norm) {
    return new Hyper(lr, minLr, warmupEpochs, weightDecay, layerDecay, beta1, beta2, eps, norm);
  }
}
