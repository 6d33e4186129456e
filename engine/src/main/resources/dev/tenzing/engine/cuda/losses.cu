// Squared error and soft-target cross entropy, summed in double precision in a fixed order.
#include "common.cuh"

// ---- squared error. A row is cut into pieces of PIECE elements and a warp takes one piece, so that
// few long rows keep as many warps busy as many short ones. A piece's elements go to lanes by fours.

constexpr int PIECE = 4096;
constexpr int WARPS = 8;  // of a block

struct Piece {
  long long m;      // its row
  long long first;  // element of x[M,C]
  int count;
};

__device__ __forceinline__ Piece piece(long long number, int C) {
  const int perRow = (C - 1) / PIECE + 1;
  const long long m = number / perRow;
  const int from = static_cast<int>(number % perRow) * PIECE;
  return {m, m * C + from, min(PIECE, C - from)};
}

// partial[i] = sum over 8 pieces of weight[m] * sum of (x - target)^2. Eight bytes read an element.
extern "C" __global__ void __launch_bounds__(WARPS * WARP) squared_error(
    const float* __restrict__ x, const float* __restrict__ target,
    const float* __restrict__ weight, double* __restrict__ partial, long long pieces, int C) {
  __shared__ double sums[WARPS];
  const int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
  const long long number = static_cast<long long>(blockIdx.x) * WARPS + warp;
  double sum = 0;
  if (number < pieces) {
    const Piece at = piece(number, C);
    const float* a = x + at.first;
    const float* b = target + at.first;
    const bool aligned = packable<4>(a) && packable<4>(b);
    for (int i = 4 * lane; i < at.count; i += 4 * WARP) {
      const int left = at.count - i;
      const bool wide = aligned && left >= 4;
      float u[4], v[4];
      load_pack(u, a + i, left, wide);
      load_pack(v, b + i, left, wide);
      const double d0 = static_cast<double>(u[0]) - v[0], d1 = static_cast<double>(u[1]) - v[1];
      const double d2 = static_cast<double>(u[2]) - v[2], d3 = static_cast<double>(u[3]) - v[3];
      sum = fma(d0, d0, fma(d1, d1, fma(d2, d2, fma(d3, d3, sum))));
    }
    if (weight != nullptr) {
      sum *= weight[at.m];
    }
  }
  sum = warp_sum(sum);
  if (lane == 0) {
    sums[warp] = sum;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    double total = 0;
    for (int w = 0; w < WARPS; w++) {
      total += sums[w];
    }
    partial[blockIdx.x] = total;
  }
}

// dx (+)= dloss * 2 scale weight[m] (x - target). Eight bytes read and four written an element.
extern "C" __global__ void __launch_bounds__(WARPS * WARP) squared_error_backward(
    const float* __restrict__ dloss, const float* __restrict__ x,
    const float* __restrict__ target, const float* __restrict__ weight, float* __restrict__ dx,
    long long pieces, int C, double scale, int accumulate) {
  const long long number = static_cast<long long>(blockIdx.x) * WARPS + threadIdx.x / WARP;
  if (number >= pieces) {
    return;
  }
  const Piece at = piece(number, C);
  const double rowWeight = weight == nullptr ? 1 : weight[at.m];
  const float factor = static_cast<float>(*dloss * 2 * scale * rowWeight);
  const float* a = x + at.first;
  const float* b = target + at.first;
  float* d = dx + at.first;
  const bool aligned = packable<4>(a) && packable<4>(b) && packable<4>(d);
  for (int i = 4 * (threadIdx.x % WARP); i < at.count; i += 4 * WARP) {
    const int left = at.count - i;
    const bool wide = aligned && left >= 4;
    float u[4], v[4], sum[4] = {};
    load_pack(u, a + i, left, wide);
    load_pack(v, b + i, left, wide);
    if (accumulate) {
      load_pack(sum, d + i, left, wide);
    }
#pragma unroll
    for (int k = 0; k < 4; k++) {
      sum[k] = fmaf(factor, u[k] - v[k], sum[k]);
    }
    store_pack(d + i, sum, left, wide);
  }
}

// ---- soft-target cross entropy. Classes are hundreds and rows a batch, a few thousand times less
// work than the network before them: a block a row, all in double.

constexpr int CLASS_THREADS = 256;

// logProbability[M,C] = log softmax(logits); entropy[m] = -sum of target * logProbability.
extern "C" __global__ void __launch_bounds__(CLASS_THREADS, 4) soft_target_cross_entropy(
    const float* __restrict__ logits, const float* __restrict__ target,
    float* __restrict__ logProbability, double* __restrict__ entropy, int C) {
  const long long row = static_cast<long long>(blockIdx.x) * C;
  float most = -__uint_as_float(0x7f800000u);
  for (int c = threadIdx.x; c < C; c += CLASS_THREADS) {
    most = fmaxf(most, logits[row + c]);
  }
  const double largest = block_max<CLASS_THREADS>(most);
  double sum = 0;
  for (int c = threadIdx.x; c < C; c += CLASS_THREADS) {
    sum += exp(logits[row + c] - largest);
  }
  const double logSum = largest + log(block_sum<CLASS_THREADS>(sum));
  double loss = 0;
  for (int c = threadIdx.x; c < C; c += CLASS_THREADS) {
    const double logP = logits[row + c] - logSum;
    logProbability[row + c] = static_cast<float>(logP);
    loss -= target[row + c] * logP;
  }
  loss = block_sum<CLASS_THREADS>(loss);
  if (threadIdx.x == 0) {
    entropy[blockIdx.x] = loss;
  }
}

// dlogits (+)= dloss (exp(logProbability) sum(target) - target) / M.
extern "C" __global__ void __launch_bounds__(CLASS_THREADS, 4) soft_target_cross_entropy_backward(
    const float* __restrict__ dloss, const float* __restrict__ logProbability,
    const float* __restrict__ target, float* __restrict__ dlogits, int M, int C, int accumulate) {
  const long long row = static_cast<long long>(blockIdx.x) * C;
  double mass = 0;
  for (int c = threadIdx.x; c < C; c += CLASS_THREADS) {
    mass += target[row + c];
  }
  mass = block_sum<CLASS_THREADS>(mass);
  const double factor = static_cast<double>(*dloss) / M;
  for (int c = threadIdx.x; c < C; c += CLASS_THREADS) {
    const double p = exp(static_cast<double>(logProbability[row + c]));
    const double d = factor * (p * mass - target[row + c]);
    dlogits[row + c] = static_cast<float>(accumulate ? dlogits[row + c] + d : d);
  }
}

// ---- loss = scale * sum of n partial sums, by one block.

constexpr int TOTAL_THREADS = 1024;

extern "C" __global__ void __launch_bounds__(TOTAL_THREADS) total_loss(
    const double* __restrict__ partial, long long n, double scale, float* __restrict__ loss) {
  double sum = 0;
  for (long long i = threadIdx.x; i < n; i += TOTAL_THREADS) {
    sum += partial[i];
  }
  sum = block_sum<TOTAL_THREADS>(sum);
  if (threadIdx.x == 0) {
    *loss = static_cast<float>(scale * sum);
  }
}
