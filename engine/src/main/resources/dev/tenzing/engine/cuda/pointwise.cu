// Functions of single elements. A thread takes 16 bytes of each bf16 or float array at once, so that
// enough of them are under way to keep memory busy.
#include "common.cuh"

constexpr int THREADS = 256;

// The first of the W elements of a thread.
template <int W>
__device__ __forceinline__ long long first_element() {
  return W * (static_cast<long long>(blockIdx.x) * THREADS + threadIdx.x);
}

// x Phi(x), not its tanh form.
__device__ __forceinline__ float gelu(float x) {
  float half = 0.5f * x;
  return fmaf(half, erff(x * 0.70710678f), half);
}

// e^(-x^2/2).
__device__ __forceinline__ float bell(float x) {
  return expf(-0.5f * x * x);
}

// Its derivative within 1.2e-7, where e is bell(x). With a = |x| it is h at -a and 1 - h at a, where h = Phi(-a) - a
// phi(a) = e^(-a^2/2) p(a); the polynomial is that of the CPU's VectorMath. One exponential instead
// of one and an erf: in bf16 the arithmetic would take longer than memory otherwise.
__device__ __forceinline__ float gelu_derivative(float x, float e) {
  float a = fminf(fabsf(x), 6.0f);
  float p = fmaf(a, -3.1554316e-07f, 7.708782e-06f);
  p = fmaf(p, a, -8.477102e-05f);
  p = fmaf(p, a, 0.00056365284f);
  p = fmaf(p, a, -0.0025900907f);
  p = fmaf(p, a, 0.009003848f);
  p = fmaf(p, a, -0.025471818f);
  p = fmaf(p, a, 0.061923932f);
  p = fmaf(p, a, -0.13280578f);
  p = fmaf(p, a, 0.24997257f);
  p = fmaf(p, a, -0.79788285f);
  p = fmaf(p, a, 0.49999997f);
  return x > 0.0f ? fmaf(-p, e, 1.0f) : p * e;
}

// dx = dy gelu'(x), and y = gelu(x) as x (gelu'(x) - x phi(x)), which takes no erf; dx may be dy, y
// may be x. Four elements of memory for each.
template <class T>
__device__ __forceinline__ void gelu_backward(const T* x, const T* dy, T* dx, T* y, long long n) {
  constexpr int W = 16 / sizeof(T);
  long long i = first_element<W>();
  if (i >= n) {
    return;
  }
  bool wide =
      n - i >= W && packable<W>(x) && packable<W>(dy) && packable<W>(dx) && packable<W>(y);
  float at[W], d[W];
  load_pack(at, x + i, n - i, wide);
  load_pack(d, dy + i, n - i, wide);
#pragma unroll
  for (int k = 0; k < W; k++) {
    float e = bell(at[k]);
    float slope = gelu_derivative(at[k], e);
    d[k] *= slope;
    at[k] *= fmaf(at[k] * e, -0.3989423f, slope);
  }
  store_pack(dx + i, d, n - i, wide);
  store_pack(y + i, at, n - i, wide);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    gelu_backward_f32(const float* x, const float* dy, float* dx, float* y, long long n) {
  gelu_backward(x, dy, dx, y, n);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    gelu_backward_bf16(const bf16* x, const bf16* dy, bf16* dx, bf16* y, long long n) {
  gelu_backward(x, dy, dx, y, n);
}

// y = a + b; y may be either.
template <class T>
__device__ __forceinline__ void add(const T* a, const T* b, T* y, long long n) {
  constexpr int W = 16 / sizeof(T);
  long long i = first_element<W>();
  if (i >= n) {
    return;
  }
  bool wide = n - i >= W && packable<W>(a) && packable<W>(b) && packable<W>(y);
  float sum[W], other[W];
  load_pack(sum, a + i, n - i, wide);
  load_pack(other, b + i, n - i, wide);
#pragma unroll
  for (int k = 0; k < W; k++) {
    sum[k] += other[k];
  }
  store_pack(y + i, sum, n - i, wide);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    add_f32(const float* a, const float* b, float* y, long long n) {
  add(a, b, y, n);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    add_bf16(const bf16* a, const bf16* b, bf16* y, long long n) {
  add(a, b, y, n);
}

// y (+)= alpha x; y may be x.
extern "C" __global__ void __launch_bounds__(THREADS)
    scale_f32(const float* x, float alpha, float* y, long long n, int accumulate) {
  long long i = first_element<4>();
  if (i >= n) {
    return;
  }
  bool wide = n - i >= 4 && packable<4>(x) && packable<4>(y);
  float v[4], old[4] = {};
  load_pack(v, x + i, n - i, wide);
  if (accumulate) {
    load_pack(old, y + i, n - i, wide);
  }
#pragma unroll
  for (int k = 0; k < 4; k++) {
    // Not a sum with 0: that would make a -0 of the product a 0.
    v[k] = accumulate ? fmaf(alpha, v[k], old[k]) : alpha * v[k];
  }
  store_pack(y + i, v, n - i, wide);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    fill_f32(float* y, float value, long long n) {
  long long i = first_element<4>();
  if (i < n) {
    float v[4] = {value, value, value, value};
    store_pack(y + i, v, n - i, n - i >= 4 && packable<4>(y));
  }
}

template <class From, class To>
__device__ __forceinline__ void cast(const From* x, To* y, long long n) {
  long long i = first_element<8>();
  if (i < n) {
    bool wide = n - i >= 8 && packable<8>(x) && packable<8>(y);
    float v[8];
    load_pack(v, x + i, n - i, wide);
    store_pack(y + i, v, n - i, wide);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    cast_f32_to_bf16(const float* x, bf16* y, long long n) {
  cast(x, y, n);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    cast_bf16_to_f32(const bf16* x, float* y, long long n) {
  cast(x, y, n);
}

// ---- what follows a product x[M, C]

// pre = x + bias, y = gelu(pre); bias and pre are optional, and both outputs may be x. GELU is taken
// of what pre holds, rounded as it is, because the backward sees only that.
template <class T>
__device__ __forceinline__ void bias_gelu(
    const T* x, const float* bias, T* pre, T* y, long long M, int C) {
  Place at = place_of_thread(C);
  if (at.row >= M) {
    return;
  }
  long long i = at.row * C + at.column;
  int left = C - at.column;
  bool wide = C % 4 == 0 && packable<4>(x) && packable<4>(bias) && packable<4>(pre) && packable<4>(y);
  float v[4], term[4] = {};
  load_pack(v, x + i, left, wide);
  if (bias != nullptr) {
    load_pack(term, bias + at.column, left, wide);
  }
#pragma unroll
  for (int k = 0; k < 4; k++) {
    v[k] = to_float(from_float<T>(v[k] + term[k]));
  }
  if (pre != nullptr) {
    store_pack(pre + i, v, left, wide);
  }
#pragma unroll
  for (int k = 0; k < 4; k++) {
    v[k] = gelu(v[k]);
  }
  store_pack(y + i, v, left, wide);
}

extern "C" __global__ void __launch_bounds__(THREADS) bias_gelu_f32(
    const float* x, const float* bias, float* pre, float* y, long long M, int C) {
  bias_gelu(x, bias, pre, y, M, C);
}

extern "C" __global__ void __launch_bounds__(THREADS) bias_gelu_bf16(
    const bf16* x, const float* bias, bf16* pre, bf16* y, long long M, int C) {
  bias_gelu(x, bias, pre, y, M, C);
}
