package dev.tenzing.engine;

/**
 * With how many bits a device computes. Parameters, their gradients, the residual stream and losses
 * are F32 in any case, and sums are taken in F32.
 */
public enum Precision {
  /** F32 throughout. */
  FP32,
  /** F32 in memory; factors of matrix products lose all but 10 bits of their fraction. */
  TF32,
  /**
   * Matrix products in BF16; on a GPU attention too, and so the activations between them, which are
   * F32 on the CPU.
   */
  BF16;

  /** The type of the activations between matrix products on a GPU. */
  public DType activations() {
    return this == BF16 ? DType.BF16 : DType.F32;
  }
}
