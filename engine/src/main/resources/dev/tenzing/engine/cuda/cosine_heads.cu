// Queries and keys of cosine attention (Swin V2; VideoMAE V2) in arrays [M, 3, H, D]. Lanes share a
// row of D: `group` of them, a power of 2 up to 32, 4 elements each and more when D is larger. Two
// elements of memory for each forward, three backward.
#include "common.cuh"

constexpr int THREADS = 256;
constexpr float MIN_NORM = 1e-12f;  // As PyTorch's F.normalize.

__device__ __forceinline__ float group_sum(float x, int group) {
  for (int distance = group / 2; distance > 0; distance /= 2) {
    x += __shfl_xor_sync(ALL_LANES, x, distance);
  }
  return x;
}

// Row r of [M, 3, H]: part 0 are queries, 1 keys, 2 values.
struct Head {
  long long row;
  int part;
  int head;
};

__device__ __forceinline__ Head head_of_thread(int H, int group) {
  long long row = (static_cast<long long>(blockIdx.x) * THREADS + threadIdx.x) / group;
  return Head{row, static_cast<int>(row / H % 3), static_cast<int>(row % H)};
}

// What queries are multiplied by; a NaN stays one.
__device__ __forceinline__ float factor_of(const float* scale, const Head& at, float max_scale) {
  if (at.part != 0) {
    return 1.0f;
  }
  float s = scale[at.head];
  return expf(s > max_scale ? max_scale : s);
}

template <class T>
__device__ __forceinline__ void forward(
    const T* x, const float* scale, T* y, long long rows, int H, int D, float max_scale,
    int group) {
  Head at = head_of_thread(H, group);
  bool live = at.row < rows;
  bool wide = D % 4 == 0 && packable<4>(x) && packable<4>(y);
  int begin = threadIdx.x % group * 4;
  float v[4];
  float squares = 0.0f;
  if (live && at.part < 2) {
    for (int d = begin; d < D; d += 4 * group) {
      load_pack(v, x + at.row * D + d, D - d, wide);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        squares = fmaf(v[k], v[k], squares);
      }
    }
  }
  squares = group_sum(squares, group);
  if (!live) {
    return;
  }
  float divisor = at.part == 2 ? 1.0f : fmaxf(MIN_NORM, sqrtf(squares));
  float ratio = factor_of(scale, at, max_scale) / divisor;
  for (int d = begin; d < D; d += 4 * group) {
    load_pack(v, x + at.row * D + d, D - d, wide);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      v[k] *= ratio;
    }
    store_pack(y + at.row * D + d, v, D - d, wide);
  }
}

// With u = x / |x| and y = f u: dx = f / |x| (dy - u (u . dy)), and dscale = f u . dy. The queries'
// rows write their shares of dscale to shares[M, H], which may be null; dx may be dy.
template <class T>
__device__ __forceinline__ void backward(
    const T* x, const float* scale, const T* dy, T* dx, float* shares, long long rows, int H, int D,
    float max_scale, int group) {
  Head at = head_of_thread(H, group);
  bool live = at.row < rows;
  bool wide = D % 4 == 0 && packable<4>(x) && packable<4>(dy) && packable<4>(dx);
  int begin = threadIdx.x % group * 4;
  float v[4], g[4];
  float squares = 0.0f, dot = 0.0f;
  if (live && at.part < 2) {
    for (int d = begin; d < D; d += 4 * group) {
      load_pack(v, x + at.row * D + d, D - d, wide);
      load_pack(g, dy + at.row * D + d, D - d, wide);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        squares = fmaf(v[k], v[k], squares);
        dot = fmaf(v[k], g[k], dot);
      }
    }
  }
  squares = group_sum(squares, group);
  dot = group_sum(dot, group);
  if (!live) {
    return;
  }
  float norm = sqrtf(squares);
  float divisor = at.part == 2 ? 1.0f : fmaxf(MIN_NORM, norm);
  float along = dot / divisor;
  float project = norm < MIN_NORM ? 0.0f : along / divisor;  // For values both are 0.
  float factor = factor_of(scale, at, max_scale);
  float ratio = factor / divisor;
  for (int d = begin; d < D; d += 4 * group) {
    load_pack(v, x + at.row * D + d, D - d, wide);
    load_pack(g, dy + at.row * D + d, D - d, wide);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      g[k] = ratio * fmaf(-project, v[k], g[k]);
    }
    store_pack(dx + at.row * D + d, g, D - d, wide);
  }
  if (shares != nullptr && at.part == 0 && begin == 0) {
    long long m = at.row / (3ll * H);
    shares[m * H + at.head] = scale[at.head] > max_scale ? 0.0f : factor * along;
  }
}

#define COSINE_HEADS(TYPE, T)                                                                     \
  extern "C" __global__ void __launch_bounds__(THREADS) cosine_heads_forward_##TYPE(              \
      const T* x, const float* scale, T* y, long long rows, int H, int D, float max_scale,        \
      int group) {                                                                                \
    forward(x, scale, y, rows, H, D, max_scale, group);                                           \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(THREADS) cosine_heads_backward_##TYPE(             \
      const T* x, const float* scale, const T* dy, T* dx, float* shares, long long rows, int H,   \
      int D, float max_scale, int group) {                                                        \
    backward(x, scale, dy, dx, shares, rows, H, D, max_scale, group);                             \
  }
COSINE_HEADS(f32, float)
COSINE_HEADS(bf16, bf16)
