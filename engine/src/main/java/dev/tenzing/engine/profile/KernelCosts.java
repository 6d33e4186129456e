package dev.tenzing.engine.profile;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Kernels;

/**
 * What kernels cost, from their arguments alone: a call computes nothing and leaves its {@link
 * #last() cost}. Being {@link Kernels} itself it can lack none of them.
 *
 * <p>Each array counts once: read, written, or both when it is added to. Floating-point operations
 * are those of matrix products, two a multiply-add; all else has too few to matter beside the bytes
 * it moves.
 */
public final class KernelCosts implements Kernels {
  // Products of N x N x D, where a forward has two. Besides four gradients the backward computes
  // the scores again, because nobody stores them; FlashAttention counts the same.
  private static final int FORWARD_PRODUCTS = 2;
  private static final int BACKWARD_PRODUCTS = 5;

  private Cost last;

  /** The cost of the last call. */
  public Cost last() {
    return last;
  }

  private void moves(long bytes) {
    last = Cost.moving(bytes);
  }

  /** A product of M x N x K multiply-adds. */
  private void multiplies(int M, int N, int K, long bytes) {
    last = new Cost(M + "x" + N + "x" + K, 2L * M * N * K, bytes);
  }

  private void attends(int products, int B, int N, int H, int D, long bytes) {
    String shape = B + "x" + N + "x" + H + "x" + D;
    last = new Cost(shape, 2L * products * B * H * N * N * D, bytes);
  }

  private static long f32(long elements) {
    return 4 * elements;
  }

  private static long i32(long elements) {
    return 4 * elements;
  }

  private static long of(DType type, long elements) {
    return type.bytes() * elements;
  }

  /** Elements of an optional array. */
  private static long optional(long address, long elements) {
    return address == 0 ? 0 : elements;
  }

  /** Elements of an output, which is read too when it is added to. */
  private static long output(long elements, boolean accumulate) {
    return accumulate ? 2 * elements : elements;
  }

  private static long area(int rows, int columns) {
    return (long) rows * columns;
  }

  private static long volume(int B, int N, int C) {
    return area(B, N) * C;
  }

  // ---- linear
  // ------------------------------------------------------------------------------------------------------------------------------

  @Override
  public void linear(
      long x,
      DType xType,
      long w,
      long bias,
      long residual,
      long y,
      DType yType,
      int M,
      int N,
      int K) {
    multiplies(
        M,
        N,
        K,
        of(xType, area(M, K))
            + f32(area(N, K) + optional(bias, N) + optional(residual, area(M, N)))
            + of(yType, area(M, N)));
  }

  @Override
  public void linearGelu(
      long x, DType xType, long w, long bias, long pre, long y, DType yType, int M, int N, int K) {
    multiplies(
        M,
        N,
        K,
        of(xType, area(M, K))
            + f32(area(N, K) + optional(bias, N))
            + of(yType, area(M, N) + optional(pre, area(M, N))));
  }

  @Override
  public void linearBackwardInput(
      long dy,
      DType dyType,
      long w,
      long dx,
      DType dxType,
      int M,
      int N,
      int K,
      boolean accumulate) {
    multiplies(
        M,
        N,
        K,
        of(dyType, area(M, N)) + f32(area(N, K)) + of(dxType, output(area(M, K), accumulate)));
  }

  @Override
  public void linearBackwardWeight(
      long dy,
      DType dyType,
      long x,
      DType xType,
      long dw,
      long dbias,
      int M,
      int N,
      int K,
      boolean accumulate) {
    multiplies(
        M,
        N,
        K,
        of(dyType, area(M, N))
            + of(xType, area(M, K))
            + f32(output(area(N, K) + optional(dbias, N), accumulate)));
  }

  // ---- attention
  // ---------------------------------------------------------------------------------------------------------------------------

  @Override
  public void attention(
      long qkv, long out, long lse, DType type, int B, int N, int H, int D, float scale) {
    long heads = volume(B, N, H);
    attends(FORWARD_PRODUCTS, B, N, H, D, of(type, (3 + 1) * heads * D) + f32(heads));
  }

  @Override
  public void attentionBackward(
      long qkv,
      long out,
      long dout,
      long lse,
      long dqkv,
      DType type,
      int B,
      int N,
      int H,
      int D,
      float scale) {
    long heads = volume(B, N, H);
    attends(BACKWARD_PRODUCTS, B, N, H, D, of(type, (3 + 1 + 1 + 3) * heads * D) + f32(heads));
  }

  @Override
  public void cosineHeads(
      long x, long scale, long y, DType type, int M, int H, int D, float maxScale) {
    moves(of(type, (3 + 3) * volume(M, H, D)) + f32(H));
  }

  @Override
  public void cosineHeadsBackward(
      long x,
      long scale,
      long dy,
      long dx,
      long dscale,
      DType type,
      int M,
      int H,
      int D,
      float maxScale,
      boolean accumulateScale) {
    moves(
        of(type, (3 + 3 + 3) * volume(M, H, D))
            + f32(H + output(optional(dscale, H), accumulateScale)));
  }

  // ---- normalisation and pointwise
  // ---------------------------------------------------------------------------------------------------------

  @Override
  public void layerNorm(
      long x, long w, long b, long y, DType yType, long mean, long rstd, int M, int C, float eps) {
    moves(f32(area(M, C) + 2L * C + 2L * M) + of(yType, area(M, C)));
  }

  @Override
  public void layerNormBackward(
      long dy,
      DType dyType,
      long x,
      long w,
      long mean,
      long rstd,
      long dx,
      long dw,
      long db,
      int M,
      int C,
      boolean accumulateX,
      boolean accumulateW) {
    moves(
        of(dyType, area(M, C))
            + f32(
                area(M, C)
                    + C
                    + 2L * M
                    + output(area(M, C), accumulateX)
                    + output(2L * C, accumulateW)));
  }

  @Override
  public void geluBackward(long x, long dy, long dx, long y, DType type, long n) {
    moves(of(type, 4 * n));
  }

  @Override
  public void cast(long x, DType xType, long y, DType yType, long n) {
    moves(of(xType, n) + of(yType, n));
  }

  @Override
  public void add(long a, long b, long y, DType type, long n) {
    moves(of(type, 3 * n));
  }

  @Override
  public void scale(long x, float alpha, long y, long n, boolean accumulate) {
    moves(f32(n + output(n, accumulate)));
  }

  @Override
  public void fill(long y, float value, long n) {
    moves(f32(n));
  }

  @Override
  public void copy(long source, long target, long bytes) {
    moves(2 * bytes);
  }

  @Override
  public void residual(
      long x, long branch, long gamma, long sampleScale, long y, int B, int N, int C) {
    moves(f32(3 * volume(B, N, C) + optional(gamma, C) + optional(sampleScale, B)));
  }

  @Override
  public void residualBackward(
      long dy,
      long branch,
      long gamma,
      long sampleScale,
      long dbranch,
      long dgamma,
      int B,
      int N,
      int C,
      boolean accumulateGamma) {
    moves(
        f32(
            2 * volume(B, N, C)
                + optional(gamma, C)
                + optional(sampleScale, B)
                + optional(dgamma, volume(B, N, C) + output(C, accumulateGamma))));
  }

  @Override
  public void dropout(long x, long y, int B, int n, float rate, long key, long step, int first) {
    moves(f32(2 * area(B, n)));
  }

  @Override
  public void sumRows(long x, DType xType, long y, int M, int C, boolean accumulate) {
    moves(of(xType, area(M, C)) + f32(output(C, accumulate)));
  }

  @Override
  public void meanTokens(long x, long y, int B, int N, int C) {
    moves(f32(volume(B, N, C) + area(B, C)));
  }

  @Override
  public void meanTokensBackward(long dy, long dx, int B, int N, int C, boolean accumulate) {
    moves(f32(area(B, C) + output(volume(B, N, C), accumulate)));
  }

  @Override
  public void softmax(long x, long y, int M, int C) {
    moves(f32(2 * area(M, C)));
  }

  // ---- tokens
  // ------------------------------------------------------------------------------------------------------------------------------

  @Override
  public long firstOutOfRange(long index, long count, int limit) {
    moves(i32(count));
    return -1;
  }

  @Override
  public void gatherTokens(long x, long index, long y, int B, int N, int M, int C) {
    moves(f32(2 * volume(B, M, C)) + i32(area(B, M)));
  }

  @Override
  public void gatherTokensBackward(
      long dy, long index, long dx, int B, int N, int M, int C, boolean accumulate) {
    // What is added to stays as it is where nothing arrives.
    long written = accumulate ? 2 * volume(B, M, C) : volume(B, N, C);
    moves(f32(volume(B, M, C) + written) + i32(area(B, M)));
  }

  @Override
  public void addRows(
      long x, int xStride, long table, long index, long y, int B, int N, int M, int C) {
    // One sample's rows of the table: the others may read the same ones.
    moves(
        f32((xStride == 0 ? C : volume(B, M, C)) + area(M, C) + volume(B, M, C))
            + i32(optional(index, area(B, M))));
  }

  @Override
  public void copyRows(
      long source, long sourceStride, long target, long targetStride, long rows, long rowBytes) {
    moves(2 * rows * rowBytes);
  }

  // ---- video
  // -------------------------------------------------------------------------------------------------------------------------------

  @Override
  public void normalizeVideo(
      long x, long y, int B, int T, int H, int W, float[] scale, float[] shift) {
    long values = 3 * volume(B, T, H) * W;
    moves(of(DType.U8, values) + f32(values));
  }

  @Override
  public void patchify(long video, long y, int B, int T, int H, int W, int t, int p) {
    moves(f32(2 * 3 * volume(B, T, H) * W));
  }

  @Override
  public void patchTargets(
      long video,
      long index,
      long y,
      int B,
      int T,
      int H,
      int W,
      int t,
      int p,
      int M,
      float[] mean,
      float[] std,
      boolean normalize) {
    moves(f32(2 * area(B, M) * 3 * volume(t, p, p)) + i32(area(B, M)));
  }

  @Override
  public void motionImportance(long tokens, long importance, int B, int T, int L, int C) {
    moves(f32(volume(B, T, L) * C + volume(B, T, L)));
  }

  @Override
  public void argsort(long keys, long order, int M, int N, boolean descending) {
    moves(f32(area(M, N)) + i32(area(M, N)));
  }

  @Override
  public void takeSorted(long ids, int N, long perm, int K, long y, int M, int from, int count) {
    moves(i32(3 * area(M, count)));
  }

  // ---- losses
  // ------------------------------------------------------------------------------------------------------------------------------

  @Override
  public void squaredError(
      long x, long target, long weight, long loss, int M, int C, double scale) {
    moves(f32(2 * area(M, C) + optional(weight, M) + 1));
  }

  @Override
  public void squaredErrorBackward(
      long dloss,
      long x,
      long target,
      long weight,
      long dx,
      int M,
      int C,
      double scale,
      boolean accumulate) {
    moves(f32(1 + 2 * area(M, C) + optional(weight, M) + output(area(M, C), accumulate)));
  }

  @Override
  public void softTargetCrossEntropy(
      long logits, long target, long logProbability, long loss, int M, int C) {
    moves(f32(3 * area(M, C) + 1));
  }

  @Override
  public void softTargetCrossEntropyBackward(
      long dloss,
      long logProbability,
      long target,
      long dlogits,
      int M,
      int C,
      boolean accumulate) {
    moves(f32(1 + 2 * area(M, C) + output(area(M, C), accumulate)));
  }

  @Override
  public void klDivergence(
      long student, long teacher, long loss, int M, int C, float temperature, boolean reverse) {
    moves(f32(2 * area(M, C) + 1));
  }

  @Override
  public void klDivergenceBackward(
      long dloss,
      long student,
      long teacher,
      long dstudent,
      int M,
      int C,
      float temperature,
      boolean reverse,
      boolean accumulate) {
    moves(f32(1 + 2 * area(M, C) + output(area(M, C), accumulate)));
  }

  // ---- optimiser
  // ---------------------------------------------------------------------------------------------------------------------------

  private static long sum(long[] n) {
    long sum = 0;
    for (long elements : n) {
      sum += elements;
    }
    return sum;
  }

  @Override
  public void globalNorm(long[] arrays, long[] n, long norm) {
    moves(f32(sum(n) + 1));
  }

  @Override
  public void adamW(
      long[] p,
      long[] g,
      long[] m,
      long[] v,
      long[] n,
      double[] lr,
      double[] weightDecay,
      long[] step,
      double beta1,
      double beta2,
      double eps,
      long norm,
      double maxNorm) {
    // Parameter and moments are read and written, the gradient is read.
    moves(f32(7 * sum(n) + (maxNorm > 0 ? 1 : 0)));
  }
}
