// The pixels that a masked autoencoder predicts (He et al., 2022, section 4.1; Tong et al., 2022).
#include "common.cuh"

constexpr int THREADS = 96;  // a warp a channel; a multiple of 3, so a thread writes one channel

struct Cube {
  const float* corner;  // the first pixel of a token's cube in one channel of video[T,H,W]
  int H, W, p;

  // Element i in the order (frame, y, x).
  __device__ __forceinline__ float at(int i) const {
    const unsigned column = static_cast<unsigned>(i) % p, line = static_cast<unsigned>(i) / p;
    return corner[(static_cast<long long>(line / p) * H + line % p) * W + column];
  }
};

__device__ __forceinline__ Cube cube(
    const float* video, long long image, int token, int T, int H, int W, int t, int p) {
  const int columns = W / p, perSlot = H / p * columns;
  const int slot = token / perSlot, place = token % perSlot;
  const long long line = (image * T + static_cast<long long>(slot) * t) * H +
                         static_cast<long long>(place / columns) * p;
  return {video + line * W + static_cast<long long>(place % columns) * p, H, W, p};
}

// y[B,M,t*p*p,3] of the tokens index[B,M] of video[B,3,T,H,W]: video * std + mean, and with
// `normalize` (x - mean) / (sqrt(unbiased variance) + 1e-6) a token and channel.
//
// Nearly flat patches are common and their small deviation magnifies every rounding error of the
// mean: statistics are in double, of differences from the patch's first pixel. A block a token; its
// pixels, 4 bytes an element, are read from memory once and from the L1 cache the second time; 4
// bytes an element are written. An index that names no token gives NaN and reads nothing.
extern "C" __global__ void __launch_bounds__(THREADS, 12) patch_targets(
    const float* __restrict__ video, const int* __restrict__ index, float* __restrict__ y, int T,
    int H, int W, int t, int p, int M, float mean0, float mean1, float mean2, float std0,
    float std1, float std2, int normalize) {
  __shared__ double centre[3], reciprocal[3];
  const long long tokens = static_cast<long long>(T / t) * (H / p) * (W / p);
  const int n = t * p * p;
  const long long row = blockIdx.x;
  const int token = index[row];
  float* to = y + row * n * 3;
  if (token < 0 || token >= tokens) {
    for (int i = threadIdx.x / 3; i < n; i += THREADS / 3) {
      to[3LL * i + threadIdx.x % 3] = __uint_as_float(0x7fc00000u);
    }
    return;
  }
  if (normalize) {
    const int c = threadIdx.x / WARP;
    const double mean = c == 0 ? mean0 : c == 1 ? mean1 : mean2;
    const double std = c == 0 ? std0 : c == 1 ? std1 : std2;
    const Cube pixels = cube(video, row / M * 3 + c, token, T, H, W, t, p);
    const double first = pixels.at(0);
    double sum = 0, squares = 0;
    for (int i = threadIdx.x % WARP; i < n; i += WARP) {
      const double difference = (pixels.at(i) - first) * std;
      sum += difference;
      squares = fma(difference, difference, squares);
    }
    sum = warp_sum(sum);
    squares = warp_sum(squares);
    if (threadIdx.x % WARP == 0) {
      const double variance = (squares - sum * sum / n) / (n - 1);
      centre[c] = fma(first, std, mean) + sum / n;
      // Rounding may leave a variance just below 0; a NaN has to stay one.
      reciprocal[c] = 1 / (sqrt(variance < 0 ? 0 : variance) + 1e-6);
    }
    __syncthreads();
  }
  const int c = threadIdx.x % 3;
  const double mean = c == 0 ? mean0 : c == 1 ? mean1 : mean2;
  const double std = c == 0 ? std0 : c == 1 ? std1 : std2;
  const Cube pixels = cube(video, row / M * 3 + c, token, T, H, W, t, p);
  for (int i = threadIdx.x / 3; i < n; i += THREADS / 3) {
    const double pixel = fma(static_cast<double>(pixels.at(i)), std, mean);
    to[3LL * i + c] = static_cast<float>(normalize ? (pixel - centre[c]) * reciprocal[c] : pixel);
  }
}
