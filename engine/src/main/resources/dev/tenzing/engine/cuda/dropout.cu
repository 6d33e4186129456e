// Dropout. A thread takes the 4 elements that one block of Philox decides on.
#include "common.cuh"

constexpr int THREADS = 256;

// y[B, n] = x scale where draw i of the sample's stream is not below the rate, else 0; y may be x.
template <class T>
__device__ __forceinline__ void dropout(
    const T* x, T* y, int B, int n, float rate, float scale, long long key, long long step,
    int first) {
  Place at = place_of_thread(n);
  if (at.row >= B) {
    return;
  }
  long long i = at.row * n + at.column;
  int left = n - at.column;
  bool wide = n % 4 == 0 && packable<4>(x) && packable<4>(y);
  float v[4];
  load_pack(v, x + i, left, wide);
  unsigned draws[4];
  draws_of(draws, key, step, first + static_cast<int>(at.row), at.column / 4);
#pragma unroll
  for (int k = 0; k < 4; k++) {
    v[k] = uniform(draws[k]) < rate ? 0.0f : v[k] * scale;
  }
  store_pack(y + i, v, left, wide);
}

extern "C" __global__ void __launch_bounds__(THREADS) dropout_f32(
    const float* x, float* y, int B, int n, float rate, float scale, long long key, long long step,
    int first) {
  dropout(x, y, B, n, rate, scale, key, step, first);
}

extern "C" __global__ void __launch_bounds__(THREADS) dropout_bf16(
    const bf16* x, bf16* y, int B, int n, float rate, float scale, long long key, long long step,
    int first) {
  dropout(x, y, B, n, rate, scale, key, step, first);
}
