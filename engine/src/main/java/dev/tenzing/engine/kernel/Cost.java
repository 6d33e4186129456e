package dev.tenzing.engine.kernel;

/**
 * What a call of a kernel costs whoever computes it.
 *
 * <p>Each array counts once: read, written, or both when it is added to. Floating-point operations
 * are those of matrix products, two a multiply-add; all else has too few to matter beside the bytes
 * it moves.
 *
 * @param shape sizes of a matrix product (MxNxK) or of attention (BxNxHxD); empty for other kernels
 * @param flops twice the multiply-adds of its matrix products; 0 for other kernels, which memory
 *     bounds
 * @param bytes what it must read and write at least once
 */
public record Cost(String shape, long flops, long bytes) {
  /** The cost of a kernel that multiplies no matrices. */
  public static Cost moving(long bytes) {
    return new Cost("", 0, bytes);
  }

  /** The cost of a product of M x N x K multiply-adds. */
  public static Cost product(int M, int N, int K, long bytes) {
    return new Cost(M + "x" + N + "x" + K, 2L * M * N * K, bytes);
  }
}
