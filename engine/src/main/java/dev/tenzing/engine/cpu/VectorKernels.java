package dev.tenzing.engine.cpu;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.kernel.Kernels;

/**
 * The fast CPU kernels: one class a family on the Vector API; this class only brings them together.
 */
final class VectorKernels implements Kernels {
  private final Gemm gemm;
  private final Attention attention;
  private final CosineHeads cosineHeads;
  private final LayerNorms layerNorms;
  private final Pointwise pointwise;
  private final Dropouts dropouts;
  private final Residuals residuals;
  private final RowReductions rowReductions;
  private final Softmaxes softmaxes;
  private final Tokens tokens;
  private final VideoKernels videos;
  private final PatchTargets patchTargets;
  private final Ranking ranking;
  private final Losses losses;
  private final Divergences divergences;
  private final Optimizer optimizer;

  VectorKernels(WorkerPool pool, Precision precision) {
    gemm = new Gemm(pool, Packing.of(precision));
    attention = new Attention(pool);
    cosineHeads = new CosineHeads(pool);
    layerNorms = new LayerNorms(pool);
    pointwise = new Pointwise(pool);
    dropouts = new Dropouts(pool);
    residuals = new Residuals(pool);
    rowReductions = new RowReductions(pool);
    softmaxes = new Softmaxes(pool);
    tokens = new Tokens(pool);
    videos = new VideoKernels(pool);
    patchTargets = new PatchTargets(pool);
    ranking = new Ranking(pool);
    losses = new Losses(pool);
    divergences = new Divergences(pool);
    optimizer = new Optimizer(pool);
  }

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
    gemm.linear(x, w, bias, residual, y, M, N, K);
  }

  @Override
  public void linearGelu(
      long x, DType xType, long w, long bias, long pre, long y, DType yType, int M, int N, int K) {
    gemm.linearGelu(x, w, bias, pre, y, M, N, K);
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
    gemm.linearBackwardInput(dy, w, dx, M, N, K, accumulate);
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
    gemm.linearBackwardWeight(dy, x, dw, dbias, M, N, K, accumulate);
  }

  @Override
  public void attention(
      long qkv, long out, long lse, DType type, int B, int N, int H, int D, float scale) {
    attention.forward(qkv, out, lse, B, N, H, D, scale);
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
    attention.backward(qkv, out, dout, lse, dqkv, B, N, H, D, scale);
  }

  @Override
  public void cosineHeads(
      long x, long scale, long y, DType type, int M, int H, int D, float maxScale) {
    cosineHeads.forward(x, scale, y, M, H, D, maxScale);
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
    cosineHeads.backward(x, scale, dy, dx, dscale, M, H, D, maxScale, accumulateScale);
  }

  @Override
  public void layerNorm(
      long x, long w, long b, long y, DType yType, long mean, long rstd, int M, int C, float eps) {
    layerNorms.forward(x, w, b, y, mean, rstd, M, C, eps);
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
    layerNorms.backward(dy, x, w, mean, rstd, dx, dw, db, M, C, accumulateX, accumulateW);
  }

  @Override
  public void geluBackward(long x, long dy, long dx, long y, DType type, long n) {
    pointwise.geluBackward(x, dy, dx, y, n);
  }

  /** Activations are F32 here, so nothing is rounded. */
  @Override
  public void cast(long x, DType xType, long y, DType yType, long n) {
    copy(x, y, n * xType.bytes());
  }

  @Override
  public void add(long a, long b, long y, DType type, long n) {
    pointwise.add(a, b, y, n);
  }

  @Override
  public void scale(long x, float alpha, long y, long n, boolean accumulate) {
    pointwise.scale(x, alpha, y, n, accumulate);
  }

  @Override
  public void fill(long y, float value, long n) {
    pointwise.fill(y, value, n);
  }

  @Override
  public void copy(long source, long target, long bytes) {
    pointwise.copy(source, target, bytes);
  }

  @Override
  public void residual(
      long x, long branch, long gamma, long sampleScale, long y, int B, int N, int C) {
    residuals.forward(x, branch, gamma, sampleScale, y, B, N, C);
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
    residuals.backward(dy, branch, gamma, sampleScale, dbranch, dgamma, B, N, C, accumulateGamma);
  }

  @Override
  public void dropout(long x, long y, int B, int n, float rate, long key, long step, int first) {
    dropouts.run(x, y, B, n, rate, key, step, first);
  }

  @Override
  public void sumRows(long x, DType xType, long y, int M, int C, boolean accumulate) {
    rowReductions.sumRows(x, y, M, C, accumulate);
  }

  @Override
  public void meanTokens(long x, long y, int B, int N, int C) {
    rowReductions.meanTokens(x, y, B, N, C);
  }

  @Override
  public void meanTokensBackward(long dy, long dx, int B, int N, int C, boolean accumulate) {
    rowReductions.meanTokensBackward(dy, dx, B, N, C, accumulate);
  }

  @Override
  public void softmax(long x, long y, int M, int C) {
    softmaxes.forward(x, y, M, C);
  }

  @Override
  public long firstOutOfRange(long index, long count, int limit) {
    return ReferenceTokens.firstOutOfRange(index, count, limit);
  }

  @Override
  public void gatherTokens(long x, long index, long y, int B, int N, int M, int C) {
    tokens.gather(x, index, y, B, N, M, C);
  }

  @Override
  public void gatherTokensBackward(
      long dy, long index, long dx, int B, int N, int M, int C, boolean accumulate) {
    tokens.gatherBackward(dy, index, dx, B, N, M, C, accumulate);
  }

  @Override
  public void addRows(
      long x, int xStride, long table, long index, long y, int B, int N, int M, int C) {
    tokens.addRows(x, xStride, table, index, y, B, M, C);
  }

  @Override
  public void copyRows(
      long source, long sourceStride, long target, long targetStride, long rows, long rowBytes) {
    tokens.copyRows(source, sourceStride, target, targetStride, rows, rowBytes);
  }

  @Override
  public void normalizeVideo(
      long x, long y, int B, int T, int H, int W, float[] scale, float[] shift) {
    videos.normalize(x, y, B, T, H, W, scale, shift);
  }

  @Override
  public void patchify(long video, long y, int B, int T, int H, int W, int t, int p) {
    videos.patchify(video, y, B, T, H, W, t, p);
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
    patchTargets.forward(video, index, y, B, T, H, W, t, p, M, mean, std, normalize);
  }

  @Override
  public void motionImportance(long tokens, long importance, int B, int T, int L, int C) {
    ranking.motionImportance(tokens, importance, B, T, L, C);
  }

  @Override
  public void argsort(long keys, long order, int M, int N, boolean descending) {
    ranking.argsort(keys, order, M, N, descending);
  }

  @Override
  public void takeSorted(long ids, int N, long perm, int K, long y, int M, int from, int count) {
    ranking.takeSorted(ids, N, perm, K, y, M, from, count);
  }

  @Override
  public void squaredError(
      long x, long target, long weight, long loss, int M, int C, double scale) {
    losses.squaredError(x, target, weight, loss, M, C, scale);
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
    losses.squaredErrorBackward(dloss, x, target, weight, dx, M, C, scale, accumulate);
  }

  @Override
  public void softTargetCrossEntropy(
      long logits, long target, long logProbability, long loss, int M, int C) {
    losses.crossEntropy(logits, target, logProbability, loss, M, C);
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
    losses.crossEntropyBackward(dloss, logProbability, target, dlogits, M, C, accumulate);
  }

  @Override
  public void klDivergence(
      long student, long teacher, long loss, int M, int C, float temperature, boolean reverse) {
    divergences.forward(student, teacher, loss, M, C, temperature, reverse);
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
    divergences.backward(dloss, student, teacher, dstudent, M, C, temperature, reverse, accumulate);
  }

  @Override
  public void globalNorm(long[] arrays, long[] n, long norm) {
    optimizer.globalNorm(arrays, n, norm);
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
    optimizer.adamW(p, g, m, v, n, lr, weightDecay, step, beta1, beta2, eps, norm, maxNorm);
  }
}
