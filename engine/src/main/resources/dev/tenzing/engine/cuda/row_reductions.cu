// Sums and means over rows, and the gradient of the mean.
#include "common.cuh"

constexpr int THREADS = 512;
constexpr int WARPS = THREADS / WARP;
constexpr int STRIP = 4 * WARP;  // Columns of a block.
constexpr int BATCH = 4;         // Rows of a warp whose loads are under way together.

// y[segment, chunk, C] (+)= sum over the rows of a chunk of x[segment, M, C], divided by `divisor`.
//
// A block takes a strip of columns of one chunk; its warps every WARPS-th row. Chunks are cut by the sizes alone, so the order of additions is the same on
// every GPU. With more than one chunk y is scratch, and a second launch adds up its rows.
template <class T>
__device__ __forceinline__ void sum_rows(
    const T* x, float* y, int M, int C, int chunks, float divisor, int accumulate) {
  __shared__ float sums[WARPS][STRIP];
  int warp = threadIdx.x / WARP;
  int strips = (C + STRIP - 1) / STRIP;
  int first = blockIdx.x % strips * STRIP;
  unsigned part = blockIdx.x / strips;  // Row of y.
  long long segment = part / chunks;
  long long chunk = part % chunks;
  int column = first + threadIdx.x % WARP * 4;
  int left = C - column;
  bool wide = C % 4 == 0 && packable<4>(x);
  const T* from = x + segment * M * C + column;
  float sum[4] = {};
  int end = static_cast<int>(M * (chunk + 1) / chunks);
  for (int m = static_cast<int>(M * chunk / chunks) + warp; m < end; m += BATCH * WARPS) {
    float v[BATCH][4];
#pragma unroll
    for (int j = 0; j < BATCH; j++) {
      int row = m + j * WARPS;
      load_pack(v[j], from + static_cast<long long>(row) * C, row < end ? left : 0, wide);
    }
#pragma unroll
    for (int j = 0; j < BATCH; j++) {
#pragma unroll
      for (int k = 0; k < 4; k++) {
        sum[k] += v[j][k];
      }
    }
  }
#pragma unroll
  for (int k = 0; k < 4; k++) {
    sums[warp][column - first + k] = sum[k];
  }
  __syncthreads();
  if (threadIdx.x < STRIP && first + static_cast<int>(threadIdx.x) < C) {
    float all = 0.0f;
#pragma unroll
    for (int w = 0; w < WARPS; w++) {
      all += sums[w][threadIdx.x];
    }
    float* to = y + static_cast<long long>(part) * C + first + threadIdx.x;
    all /= divisor;
    *to = accumulate ? *to + all : all;
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) sum_rows_f32(
    const float* x, float* y, int M, int C, int chunks, float divisor, int accumulate) {
  sum_rows(x, y, M, C, chunks, divisor, accumulate);
}

extern "C" __global__ void __launch_bounds__(THREADS) sum_rows_bf16(
    const bf16* x, float* y, int M, int C, int chunks, float divisor, int accumulate) {
  sum_rows(x, y, M, C, chunks, divisor, accumulate);
}

// dx[B, N, C] (+)= dy[B, C] / N; M = B N.
extern "C" __global__ void __launch_bounds__(256) mean_tokens_backward(
    const float* dy, float* dx, long long M, int N, int C, int accumulate) {
  Place at = place_of_thread(C);
  if (at.row >= M) {
    return;
  }
  long long i = at.row * C + at.column;
  int left = C - at.column;
  bool wide = C % 4 == 0 && packable<4>(dy) && packable<4>(dx);
  float v[4], old[4] = {};
  load_pack(v, dy + at.row / N * C + at.column, left, wide);
  if (accumulate) {
    load_pack(old, dx + i, left, wide);
  }
#pragma unroll
  for (int k = 0; k < 4; k++) {
    v[k] = old[k] + v[k] / static_cast<float>(N);
  }
  store_pack(dx + i, v, left, wide);
}
