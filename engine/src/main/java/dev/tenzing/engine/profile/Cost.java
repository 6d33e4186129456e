package dev.tenzing.engine.profile;

/**
 * What a call of a kernel costs whoever computes it.
 *
 * @param shape sizes of a matrix product (MxNxK) or of attention (BxNxHxD); empty for other kernels
 * @param flops twice the multiply-adds of its matrix products; 0 for other kernels, which memory
 *     bounds
 * @param bytes what it must read and write at least once
 */
public record Cost(String shape, long flops, long bytes) {
  static Cost moving(long bytes) {
    return new Cost("", 0, bytes);
  }
}
