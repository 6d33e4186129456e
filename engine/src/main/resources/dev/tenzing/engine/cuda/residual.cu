// Residual branches with layer scale and stochastic depth. The stream x, y, dy is F32 in every
// precision; the branch has the type of activations. For each element 12 bytes of memory in F32, 10
// in bf16, forward as backward; 4 or 2 more when gamma has a gradient, which reads the branch.
#include "common.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / WARP;
constexpr int STRIP = 4 * WARP;  // Columns of a block that sums over rows.
constexpr int BATCH = 2;         // Its warps' rows whose loads are under way together.

// factor = sampleScale[b] gamma[c] of 4 columns; both are optional.
__device__ __forceinline__ void factors(
    float (&factor)[4], const float* gamma, float sample, int column, int left, bool wide) {
  if (gamma == nullptr) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      factor[k] = sample;
    }
    return;
  }
  load_pack(factor, gamma + column, left, wide);
#pragma unroll
  for (int k = 0; k < 4; k++) {
    factor[k] *= sample;
  }
}

// y = x + factor branch for rows of C, `rows` a sample; y may be x.
template <class T>
__device__ __forceinline__ void residual(
    const float* x, const T* branch, const float* gamma, const float* sampleScale, float* y,
    long long M, int rows, int C) {
  Place at = place_of_thread(C);
  if (at.row >= M) {
    return;
  }
  long long i = at.row * C + at.column;
  int left = C - at.column;
  bool wide =
      C % 4 == 0 && packable<4>(x) && packable<4>(branch) && packable<4>(gamma) && packable<4>(y);
  float v[4], b[4], factor[4];
  load_pack(v, x + i, left, wide);
  load_pack(b, branch + i, left, wide);
  factors(factor, gamma, sampleScale == nullptr ? 1.0f : sampleScale[at.row / rows], at.column,
          left, wide);
#pragma unroll
  for (int k = 0; k < 4; k++) {
    v[k] = fmaf(factor[k], b[k], v[k]);
  }
  store_pack(y + i, v, left, wide);
}

extern "C" __global__ void __launch_bounds__(THREADS) residual_f32(
    const float* x, const float* branch, const float* gamma, const float* sampleScale, float* y,
    long long M, int rows, int C) {
  residual(x, branch, gamma, sampleScale, y, M, rows, C);
}

extern "C" __global__ void __launch_bounds__(THREADS) residual_bf16(
    const float* x, const bf16* branch, const float* gamma, const float* sampleScale, float* y,
    long long M, int rows, int C) {
  residual(x, branch, gamma, sampleScale, y, M, rows, C);
}

// dbranch = factor dy.
template <class T>
__device__ __forceinline__ void residual_backward(
    const float* dy, const float* gamma, const float* sampleScale, T* dbranch, long long M,
    int rows, int C) {
  Place at = place_of_thread(C);
  if (at.row >= M) {
    return;
  }
  long long i = at.row * C + at.column;
  int left = C - at.column;
  bool wide = C % 4 == 0 && packable<4>(dy) && packable<4>(gamma) && packable<4>(dbranch);
  float v[4], factor[4];
  load_pack(v, dy + i, left, wide);
  factors(factor, gamma, sampleScale == nullptr ? 1.0f : sampleScale[at.row / rows], at.column,
          left, wide);
#pragma unroll
  for (int k = 0; k < 4; k++) {
    v[k] *= factor[k];
  }
  store_pack(dbranch + i, v, left, wide);
}

extern "C" __global__ void __launch_bounds__(THREADS) residual_backward_f32(
    const float* dy, const float* gamma, const float* sampleScale, float* dbranch, long long M,
    int rows, int C) {
  residual_backward(dy, gamma, sampleScale, dbranch, M, rows, C);
}

extern "C" __global__ void __launch_bounds__(THREADS) residual_backward_bf16(
    const float* dy, const float* gamma, const float* sampleScale, bf16* dbranch, long long M,
    int rows, int C) {
  residual_backward(dy, gamma, sampleScale, dbranch, M, rows, C);
}

// The same, and partial[chunk, C] = sum of sampleScale dy branch over a chunk of the rows. A block
// takes a strip of columns of a chunk, its warps every WARPS-th row.
template <class T>
__device__ __forceinline__ void residual_backward_gamma(
    const float* dy, const T* branch, const float* gamma, const float* sampleScale, T* dbranch,
    float* partial, long long M, int rows, int C, int chunks) {
  __shared__ float sums[WARPS][STRIP];
  int warp = threadIdx.x / WARP;
  int strips = (C + STRIP - 1) / STRIP;
  int chunk = blockIdx.x / strips;
  int first = blockIdx.x % strips * STRIP;
  int column = first + threadIdx.x % WARP * 4;
  int left = C - column;
  bool wide = C % 4 == 0 && packable<4>(dy) && packable<4>(branch) && packable<4>(gamma) &&
              packable<4>(dbranch);
  float sum[4] = {};
  long long end = M * (chunk + 1) / chunks;
  for (long long m = M * chunk / chunks + warp; m < end; m += BATCH * WARPS) {
    float d[BATCH][4], b[BATCH][4];
#pragma unroll
    for (int j = 0; j < BATCH; j++) {
      long long row = m + j * WARPS;
      int there = row < end ? left : 0;
      load_pack(d[j], dy + row * C + column, there, wide);
      load_pack(b[j], branch + row * C + column, there, wide);
    }
#pragma unroll
    for (int j = 0; j < BATCH; j++) {
      long long row = m + j * WARPS;
      int there = row < end ? left : 0;
      float sample = sampleScale == nullptr || there <= 0 ? 1.0f : sampleScale[row / rows];
      float factor[4];
      factors(factor, gamma, sample, column, there, wide);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        sum[k] = fmaf(sample * d[j][k], b[j][k], sum[k]);
        d[j][k] *= factor[k];
      }
      store_pack(dbranch + row * C + column, d[j], there, wide);
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
    partial[static_cast<long long>(chunk) * C + first + threadIdx.x] = all;
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) residual_backward_gamma_f32(
    const float* dy, const float* branch, const float* gamma, const float* sampleScale,
    float* dbranch, float* partial, long long M, int rows, int C, int chunks) {
  residual_backward_gamma(dy, branch, gamma, sampleScale, dbranch, partial, M, rows, C, chunks);
}

extern "C" __global__ void __launch_bounds__(THREADS) residual_backward_gamma_bf16(
    const float* dy, const bf16* branch, const float* gamma, const float* sampleScale,
    bf16* dbranch, float* partial, long long M, int rows, int C, int chunks) {
  residual_backward_gamma(dy, branch, gamma, sampleScale, dbranch, partial, M, rows, C, chunks);
}
