package dev.tenzing.engine.cpu;

import dev.tenzing.engine.kernel.Kernels;

/**
 * The fast CPU kernels: one class a family on the Vector API; this class only brings them together.
 */
final class VectorKernels implements Kernels {
  private final Gemm gemm;

  VectorKernels(WorkerPool pool) {
    gemm = new Gemm(pool);
  }

  @Override
  public void linear(long x, long w, long bias, long residual, long y, int M, int N, int K) {
    gemm.linear(x, w, bias, residual, y, M, N, K);
  }

  @Override
  public void linearGelu(long x, long w, long bias, long pre, long y, int M, int N, int K) {
    gemm.linearGelu(x, w, bias, pre, y, M, N, K);
  }

  @Override
  public void linearBackwardInput(
      long dy, long w, long dx, int M, int N, int K, boolean accumulate) {
    gemm.linearBackwardInput(dy, w, dx, M, N, K, accumulate);
  }

  @Override
  public void linearBackwardWeight(
      long dy, long x, long dw, long dbias, int M, int N, int K, boolean accumulate) {
    gemm.linearBackwardWeight(dy, x, dw, dbias, M, N, K, accumulate);
  }

  @Override
  public void attention(long qkv, long out, long lse, int B, int N, int H, int D, float scale) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void attentionBackward(
      long qkv, long out, long dout, long lse, long dqkv, int B, int N, int H, int D, float scale) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void layerNorm(
      long x, long w, long b, long y, long mean, long rstd, int M, int C, float eps) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void layerNormBackward(
      long dy,
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void geluBackward(long x, long dy, long dx, long n) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void add(long a, long b, long y, long n) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void scale(long x, float alpha, long y, long n, boolean accumulate) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void fill(long y, float value, long n) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copy(long source, long target, long bytes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void residual(
      long x, long branch, long gamma, long sampleScale, long y, int B, int N, int C) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void sumRows(long x, long y, int M, int C, boolean accumulate) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void meanTokens(long x, long y, int B, int N, int C) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void meanTokensBackward(long dy, long dx, int B, int N, int C, boolean accumulate) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void softmax(long x, long y, int M, int C) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void gatherTokens(long x, long index, long y, int B, int N, int M, int C) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void gatherTokensBackward(
      long dy, long index, long dx, int B, int N, int M, int C, boolean accumulate) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void addRows(long x, int xStride, long table, long index, long y, int B, int M, int C) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copyRows(
      long source, long sourceStride, long target, long targetStride, long rows, long rowBytes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void normalizeVideo(
      long x, long y, int B, int T, int H, int W, float[] scale, float[] shift) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void patchify(long video, long y, int B, int T, int H, int W, int t, int p) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void motionImportance(long tokens, long importance, int B, int T, int L, int C) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void argsort(long keys, long order, int M, int N, boolean descending) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void takeSorted(long ids, int N, long perm, int K, long y, int M, int from, int count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void squaredError(
      long x, long target, long weight, long loss, int M, int C, double scale) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void softTargetCrossEntropy(
      long logits, long target, long logProbability, long loss, int M, int C) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void globalNorm(long[] arrays, long[] n, long norm) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }
}
