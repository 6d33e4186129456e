// Softmax of rows, and its gradient.
#include "common.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / WARP;
constexpr int STEP = 4 * WARP;  // Columns a warp takes at once.

// y = softmax of each of M rows of C. A warp a row, which is read from memory once: the second and
// third pass find it in the first-level cache.
extern "C" __global__ void __launch_bounds__(THREADS)
    softmax_f32(const float* x, float* y, int M, int C) {
  long long m = static_cast<long long>(blockIdx.x) * WARPS + threadIdx.x / WARP;
  if (m >= M) {
    return;
  }
  const float* from = x + m * C;
  float* to = y + m * C;
  bool wide = C % 4 == 0 && packable<4>(x) && packable<4>(y);
  int begin = threadIdx.x % WARP * 4;
  float v[4];
  float most = __uint_as_float(0xff800000u);  // -infinity
  for (int c = begin; c < C; c += STEP) {
    load_pack(v, from + c, C - c, wide);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      most = c + k < C ? fmaxf(most, v[k]) : most;
    }
  }
  most = warp_max(most);
  float sum = 0.0f;
  for (int c = begin; c < C; c += STEP) {
    load_pack(v, from + c, C - c, wide);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      sum += c + k < C ? expf(v[k] - most) : 0.0f;
    }
  }
  sum = warp_sum(sum);
  for (int c = begin; c < C; c += STEP) {
    load_pack(v, from + c, C - c, wide);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      v[k] = expf(v[k] - most) / sum;
    }
    store_pack(to + c, v, C - c, wide);
  }
}

// dx (+)= y (dy - sum of dy y) for each of M rows of C. A warp a row.
extern "C" __global__ void __launch_bounds__(THREADS) softmax_backward_f32(
    const float* y, const float* dy, float* dx, int M, int C, int accumulate) {
  long long m = static_cast<long long>(blockIdx.x) * WARPS + threadIdx.x / WARP;
  if (m >= M) {
    return;
  }
  float sum = 0.0f;
  for (int c = threadIdx.x % WARP; c < C; c += WARP) {
    sum += dy[m * C + c] * y[m * C + c];
  }
  sum = warp_sum(sum);
  for (int c = threadIdx.x % WARP; c < C; c += WARP) {
    float d = y[m * C + c] * (dy[m * C + c] - sum);
    float* to = dx + m * C + c;
    *to = accumulate ? *to + d : d;
  }
}
