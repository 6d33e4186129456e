package dev.tenzing.engine.kernel;

import dev.tenzing.engine.DType;

/**
 * The computations a back end implements. Arguments that are {@code long} and named like a tensor
 * are addresses in its memory; 0 stands for an absent optional one. Unless said otherwise elements
 * are F32, arrays are row-major and contiguous, outputs do not overlap inputs, and an output is
 * completely overwritten; {@code accumulate} makes it be added to instead.
 *
 * <p>Some tensors come with their type: activations between matrix products, and their gradients,
 * are F32 or, on a back end whose {@link Backend#activations()} say so, BF16. The arithmetic is in
 * F32 either way; parameters and their gradients are always F32.
 *
 * <p>Callers (the operations in {@code dev.tenzing.engine.op}) have checked shapes; kernels check
 * nothing. Letters: B batch, N tokens, C width, H heads, D head size, T frames or slots, M rows, K
 * inner size.
 */
public interface Kernels {

  // ---- linear: y = x w^T + b
  // ---------------------------------------------------------------------------------------------------------------

  /**
   * {@code y[M,N] = x[M,K] w[N,K]^T + bias[N] + residual[M,N]}; bias and residual are optional, y
   * may be the residual.
   */
  void linear(
      long x,
      DType xType,
      long w,
      long bias,
      long residual,
      long y,
      DType yType,
      int M,
      int N,
      int K);

  /** {@code pre[M,N] = x w^T + bias; y = gelu(pre)} with the erf form of GELU; pre is optional. */
  void linearGelu(
      long x, DType xType, long w, long bias, long pre, long y, DType yType, int M, int N, int K);

  /** {@code dx[M,K] (+)= dy[M,N] w[N,K]}. */
  void linearBackwardInput(
      long dy,
      DType dyType,
      long w,
      long dx,
      DType dxType,
      int M,
      int N,
      int K,
      boolean accumulate);

  /** {@code dw[N,K] (+)= dy[M,N]^T x[M,K]}; {@code dbias[N] (+)= } column sums of dy, optional. */
  void linearBackwardWeight(
      long dy,
      DType dyType,
      long x,
      DType xType,
      long dw,
      long dbias,
      int M,
      int N,
      int K,
      boolean accumulate);

  // ---- attention
  // ---------------------------------------------------------------------------------------------------------------------------

  /**
   * {@code out[B,N,H*D] = softmax(scale q k^T) v} for qkv[B,N,3,H,D]; lse[B,H,N] receives the
   * log-sum-exp of each row of scaled logits. No N x N array is stored.
   */
  void attention(long qkv, long out, long lse, DType type, int B, int N, int H, int D, float scale);

  /** Gradient dqkv[B,N,3,H,D] of {@link #attention} from dout[B,N,H*D]. */
  void attentionBackward(
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
      float scale);

  /**
   * What cosine attention gives to {@link #attention}, y[M,3,H,D] from x[M,3,H,D]: queries and keys
   * divided by max(L2 norm, 1e-12), queries also multiplied by {@code e^min(scale[h], maxScale)},
   * values as they are.
   */
  void cosineHeads(long x, long scale, long y, DType type, int M, int H, int D, float maxScale);

  /**
   * Gradients of {@link #cosineHeads}: dx[M,3,H,D], which may be dy, and dscale[H] (+)=, which is
   * optional and gets nothing where the scale is above the maximum.
   */
  void cosineHeadsBackward(
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
      boolean accumulateScale);

  // ---- normalisation and pointwise
  // ---------------------------------------------------------------------------------------------------------

  /**
   * {@code y = (x - mean) rstd w + b} for each of M rows of C; mean[M] and rstd[M] are kept for the
   * backward. Variance is the biased one.
   */
  void layerNorm(
      long x, long w, long b, long y, DType yType, long mean, long rstd, int M, int C, float eps);

  /**
   * Gradients of {@link #layerNorm}: dx[M,C] (+)= when accumulateX; dw[C] and db[C] (+)= when
   * accumulateW.
   */
  void layerNormBackward(
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
      boolean accumulateW);

  /**
   * {@code dx = dy gelu'(x)} for n elements, and {@code y = gelu(x)} again, within the rounding of
   * x. dx may be dy, and y may be x.
   */
  void geluBackward(long x, long dy, long dx, long y, DType type, long n);

  /** {@code y = x} for n elements, rounded to the nearest, ties to even, when y is BF16. */
  void cast(long x, DType xType, long y, DType yType, long n);

  /** {@code y = a + b} for n elements of one type; y may be a or b. */
  void add(long a, long b, long y, DType type, long n);

  /** {@code y (+)= alpha x} for n elements; y may be x. */
  void scale(long x, float alpha, long y, long n, boolean accumulate);

  /** Sets n elements to a value. */
  void fill(long y, float value, long n);

  /** Copies bytes within the device. */
  void copy(long source, long target, long bytes);

  /**
   * {@code y[b,n,c] = x[b,n,c] + sampleScale[b] gamma[c] branch[b,n,c]} for B samples of N rows of
   * C: a residual branch with layer scale and stochastic depth. gamma[C] and sampleScale[B] are
   * optional; y may be x.
   */
  void residual(long x, long branch, long gamma, long sampleScale, long y, int B, int N, int C);

  /**
   * {@code dbranch = sampleScale gamma dy} and {@code dgamma[C] (+)= sum of sampleScale dy branch};
   * gamma, sampleScale and dgamma are optional. The branch is read only for dgamma.
   */
  void residualBackward(
      long dy,
      long branch,
      long gamma,
      long sampleScale,
      long dbranch,
      long dgamma,
      int B,
      int N,
      int C,
      boolean accumulateGamma);

  /**
   * Dropout of x[B,n]: element i of sample b is 0 when draw i of the stream (key, step, first + b)
   * of {@link dev.tenzing.engine.Rng} is below the rate, else {@code x / (1 - rate)}; y may be x.
   */
  void dropout(long x, long y, int B, int n, float rate, long key, long step, int first);

  /** {@code y[C] (+)= } sum of the M rows of x[M,C]. */
  void sumRows(long x, DType xType, long y, int M, int C, boolean accumulate);

  /** {@code y[B,C] = } mean over N of x[B,N,C]. */
  void meanTokens(long x, long y, int B, int N, int C);

  /** {@code dx[B,N,C] (+)= dy[B,C] / N}. */
  void meanTokensBackward(long dy, long dx, int B, int N, int C, boolean accumulate);

  /** Softmax of each of M rows of C. */
  void softmax(long x, long y, int M, int C);

  // ---- tokens
  // ------------------------------------------------------------------------------------------------------------------------------

  /**
   * The place of the first of {@code count} I32 indices that is not in 0..limit-1, or -1.
   * Operations ask before they hand indices to a kernel, which would read or write foreign memory;
   * a back end whose memory the host cannot read without waiting answers -1 and guards in its
   * kernels.
   */
  long firstOutOfRange(long index, long count, int limit);

  /** {@code y[b,m,:] = x[b,index[b,m],:]} for x[B,N,C] and I32 index[B,M]. */
  void gatherTokens(long x, long index, long y, int B, int N, int M, int C);

  /**
   * {@code dx[b,index[b,m],:] (+)= dy[b,m,:]}; without accumulate the other rows of dx become zero.
   * Repeated indices add up.
   */
  void gatherTokensBackward(
      long dy, long index, long dx, int B, int N, int M, int C, boolean accumulate);

  /**
   * {@code y[b,m,:] = x[b,m,:] + table[index[b,m],:]} for table[N,C] and I32 index[B,M]; without an
   * index row m of the table. When xStride is 0 every row reads the same x[C] (a mask token);
   * otherwise xStride is C. y may be x.
   */
  void addRows(long x, int xStride, long table, long index, long y, int B, int N, int M, int C);

  /**
   * Copies {@code rows} rows of {@code rowBytes} between arrays whose rows start {@code
   * sourceStride} and {@code targetStride} bytes apart: concatenation and slicing.
   */
  void copyRows(
      long source, long sourceStride, long target, long targetStride, long rows, long rowBytes);

  // ---- video
  // -------------------------------------------------------------------------------------------------------------------------------

  /** {@code y[B,3,T,H,W] = x / 255 * scale[c] + shift[c]} from U8 x[B,T,H,W,3]. */
  void normalizeVideo(long x, long y, int B, int T, int H, int W, float[] scale, float[] shift);

  /**
   * {@code y[B,N,3*t*p*p]} from video[B,3,T,H,W]: cubes of t frames by p x p pixels, elements in
   * the order of a Conv3d weight (channel, frame, y, x), tokens in the order (slot, row, column).
   */
  void patchify(long video, long y, int B, int T, int H, int W, int t, int p);

  /**
   * Pixel targets y[B,M,t*p*p*3] of the tokens in I32 index[B,M], elements in the order (frame, y,
   * x, channel): video * std + mean, and with normalize, for each token and channel, (x - mean) /
   * (sqrt(unbiased variance) + 1e-6).
   */
  void patchTargets(
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
      boolean normalize);

  /**
   * Motion importance[B,T*L] of tokens[B,T*L,C]: the L2 distance to the token at the same place one
   * slot earlier; slot 0 takes slot 1's value, and with T = 1 it is zero. Sums are taken in double
   * precision.
   */
  void motionImportance(long tokens, long importance, int B, int T, int L, int C);

  /**
   * I32 order[M,N]: indices of each row of keys[M,N] sorted ascending, or descending; equal keys
   * (-0 equals 0) keep the lower index first, and NaN is larger than every number.
   */
  void argsort(long keys, long order, int M, int N, boolean descending);

  /**
   * {@code y[r,j] = ids[r, perm[r, from + j]]} for I32 ids[M,N], perm[M,K] and count columns, then
   * each row sorted ascending.
   */
  void takeSorted(long ids, int N, long perm, int K, long y, int M, int from, int count);

  // ---- losses
  // ------------------------------------------------------------------------------------------------------------------------------

  /**
   * {@code loss = scale * sum over M rows of weight[m] * sum over C of (x - target)^2}; weight is
   * optional. Summed in double precision, in row order.
   */
  void squaredError(long x, long target, long weight, long loss, int M, int C, double scale);

  /** {@code dx (+)= dloss * 2 scale weight[m] (x - target)}; dloss is the address of one F32. */
  void squaredErrorBackward(
      long dloss,
      long x,
      long target,
      long weight,
      long dx,
      int M,
      int C,
      double scale,
      boolean accumulate);

  /**
   * {@code loss = mean over M rows of -sum over C of target log softmax(logits)}; also keeps
   * logProbability[M,C].
   */
  void softTargetCrossEntropy(
      long logits, long target, long logProbability, long loss, int M, int C);

  /** {@code dlogits (+)= dloss (exp(logProbability) sum(target) - target) / M}. */
  void softTargetCrossEntropyBackward(
      long dloss, long logProbability, long target, long dlogits, int M, int C, boolean accumulate);

  /**
   * {@code loss = T^2 mean over M rows of KL(p || q)} with p = softmax(teacher / T) and q =
   * softmax(student / T), or of KL(q || p) in reverse. In double precision, in row order.
   */
  void klDivergence(
      long student, long teacher, long loss, int M, int C, float temperature, boolean reverse);

  /** Gradient dstudent[M,C] (+)= of {@link #klDivergence}; dloss is the address of one F32. */
  void klDivergenceBackward(
      long dloss,
      long student,
      long teacher,
      long dstudent,
      int M,
      int C,
      float temperature,
      boolean reverse,
      boolean accumulate);

  // ---- optimiser
  // ---------------------------------------------------------------------------------------------------------------------------

  /**
   * {@code norm = sqrt(sum of squares)} over several arrays of n[i] elements, summed in double
   * precision in a fixed order.
   */
  void globalNorm(long[] arrays, long[] n, long norm);

  /**
   * One AdamW update (Loshchilov & Hutter, 2019) of several arrays p with gradients g and moments
   * m, v: g is first multiplied by min(1, maxNorm / (norm + 1e-6)) when maxNorm is positive; then
   * {@code p *= 1 - lr wd; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= lr / (1 - b1^t) * m
   * / (sqrt(v) / sqrt(1 - b2^t) + eps)}.
   *
   * @param norm address of the gradient norm, read only when maxNorm is positive
   * @param lr learning rate of each array
   * @param weightDecay decay of each array
   * @param step t of each array, counted from 1
   */
  void adamW(
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
      double maxNorm);
}
