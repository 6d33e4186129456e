// Copies in another order: a thread has one element of what is written.
#include "common.cuh"

constexpr int THREADS = 256;
constexpr int DIMENSIONS = 6;

__device__ __forceinline__ long long element_of_thread() {
  return static_cast<long long>(blockIdx.x) * THREADS + threadIdx.x;
}

struct Dimensions {
  long long size[DIMENSIONS];
  long long stride[DIMENSIONS];
};

// y is x in another order of dimensions; strides are those in x of y's dimensions.
extern "C" __global__ void __launch_bounds__(THREADS) permute(
    const int* x, int* y, long long n, long long size0, long long size1, long long size2,
    long long size3, long long size4, long long size5, long long stride0, long long stride1,
    long long stride2, long long stride3, long long stride4, long long stride5) {
  long long i = element_of_thread();
  if (i >= n) {
    return;
  }
  Dimensions d = {
      {size0, size1, size2, size3, size4, size5},
      {stride0, stride1, stride2, stride3, stride4, stride5}};
  long long from = 0;
  long long rest = i;
#pragma unroll
  for (int k = DIMENSIONS - 1; k >= 0; k--) {
    from += rest % d.size[k] * d.stride[k];
    rest /= d.size[k];
  }
  y[i] = x[from];
}

// y[B, count, C, taps] from x[B, T, C]; n elements of y.
extern "C" __global__ void __launch_bounds__(THREADS) unfold(
    const float* x, float* y, long long n, int T, int C, int taps, int count, int stride,
    int padding, int dilation, float fill) {
  long long i = element_of_thread();
  if (i >= n) {
    return;
  }
  int tap = static_cast<int>(i % taps);
  long long c = i / taps % C;
  long long window = i / taps / C;
  int t = static_cast<int>(window % count) * stride + tap * dilation - padding;
  y[i] = t >= 0 && t < T ? x[(window / count * T + t) * C + c] : fill;
}

// dx[B, T, C] (+)= the sum over the windows that see an entry; n elements of dx.
extern "C" __global__ void __launch_bounds__(THREADS) fold(
    const float* dy, float* dx, long long n, int T, int C, int taps, int count, int stride,
    int padding, int dilation, int accumulate) {
  long long i = element_of_thread();
  if (i >= n) {
    return;
  }
  long long c = i % C;
  int t = static_cast<int>(i / C % T);
  long long b = i / C / T;
  double sum = 0.0;
  for (int tap = 0; tap < taps; tap++) {
    int begin = t + padding - tap * dilation;
    int window = begin / stride;
    if (begin >= 0 && begin % stride == 0 && window < count) {
      sum += dy[((b * count + window) * C + c) * taps + tap];
    }
  }
  dx[i] = static_cast<float>(accumulate ? dx[i] + sum : sum);
}
