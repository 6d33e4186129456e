// From decoded pixels to the input of the patch embedding.
#include "common.cuh"

// y[B,3,T,H,W] = x * scale[c] + shift[c] from bytes x[B,T,H,W,3]; `scale` has the division by 255 in
// it, `plane` is T*H*W. One byte read and four written an element. A block takes PIXELS pixels of a
// sample; a thread four in a row where everything is aligned, so that planes are written 16 bytes at
// a time.
constexpr int PIXELS = 1024;

extern "C" __global__ void __launch_bounds__(256) normalize_video(
    const unsigned char* __restrict__ x, float* __restrict__ y, int B, long long plane,
    float scale0, float scale1, float scale2, float shift0, float shift1, float shift2) {
  const bool whole =
      plane % 4 == 0 && reinterpret_cast<unsigned long long>(x) % 4 == 0 && packable<4>(y);
  const long long first = static_cast<long long>(blockIdx.x) * PIXELS;
  for (long long b = blockIdx.y; b < B; b += gridDim.y) {
    const unsigned char* pixels = x + 3 * plane * b;  // [plane, 3]
    float* red = y + 3 * plane * b;                   // [3, plane]
    float* green = red + plane;
    float* blue = green + plane;
    if (whole) {
      const long long i = first + 4 * threadIdx.x;
      if (i < plane) {
        const uchar4* words = reinterpret_cast<const uchar4*>(pixels + 3 * i);
        const uchar4 p = words[0], q = words[1], r = words[2];  // rgbr gbrg brgb
        *reinterpret_cast<float4*>(red + i) =
            make_float4(fmaf(p.x, scale0, shift0), fmaf(p.w, scale0, shift0),
                        fmaf(q.z, scale0, shift0), fmaf(r.y, scale0, shift0));
        *reinterpret_cast<float4*>(green + i) =
            make_float4(fmaf(p.y, scale1, shift1), fmaf(q.x, scale1, shift1),
                        fmaf(q.w, scale1, shift1), fmaf(r.z, scale1, shift1));
        *reinterpret_cast<float4*>(blue + i) =
            make_float4(fmaf(p.z, scale2, shift2), fmaf(q.y, scale2, shift2),
                        fmaf(r.x, scale2, shift2), fmaf(r.w, scale2, shift2));
      }
      continue;
    }
    for (long long i = first + threadIdx.x; i < first + PIXELS && i < plane; i += blockDim.x) {
      red[i] = fmaf(pixels[3 * i], scale0, shift0);
      green[i] = fmaf(pixels[3 * i + 1], scale1, shift1);
      blue[i] = fmaf(pixels[3 * i + 2], scale2, shift2);
    }
  }
}

// WIDTH floats that are moved at once.
template <int WIDTH>
struct Run;
template <>
struct Run<1> {
  using type = float;
};
template <>
struct Run<2> {
  using type = float2;
};
template <>
struct Run<4> {
  using type = float4;
};

// One token y[3,t,p,p] by one warp; `corner` is the first pixel of its cube in video[3,T,H,W].
template <int WIDTH>
__device__ __forceinline__ void patchify_token(
    const float* __restrict__ corner, float* __restrict__ y, int T, int H, int W, int t, int p) {
  using Type = typename Run<WIDTH>::type;
  const unsigned across = p / WIDTH;
  const unsigned runs = 3u * t * p * across;
  for (unsigned i = threadIdx.x % WARP; i < runs; i += WARP) {
    const unsigned column = i % across * WIDTH, line = i / across;
    const unsigned row = line % p, image = line / p;
    const unsigned frame = image % t, c = image / t;
    const long long at = ((static_cast<long long>(c) * T + frame) * H + row) * W + column;
    reinterpret_cast<Type*>(y)[i] = *reinterpret_cast<const Type*>(corner + at);
  }
}

// y[B,N,3,t,p,p] from video[B,3,T,H,W]. Four bytes read and four written an element. Warps that
// follow each other take patches that lie side by side, so lines of memory that two patches share
// are read from DRAM once.
extern "C" __global__ void __launch_bounds__(128) patchify(
    const float* __restrict__ video, float* __restrict__ y, int B, int T, int H, int W, int t,
    int p) {
  const int columns = W / p, perSlot = H / p * columns;
  const long long tokens = static_cast<long long>(T / t) * perSlot;
  const long long size = 3LL * t * p * p;  // a token's
  const unsigned long long both =
      reinterpret_cast<unsigned long long>(video) | reinterpret_cast<unsigned long long>(y);
  const bool fours = p % 4 == 0 && W % 4 == 0 && both % 16 == 0;
  const bool twos = p % 2 == 0 && W % 2 == 0 && both % 8 == 0;
  const int warps = blockDim.x / WARP;
  const long long number = static_cast<long long>(blockIdx.x) * warps + threadIdx.x / WARP;
  if (number >= B * tokens) {
    return;
  }
  const long long b = number / tokens, token = number % tokens, slot = token / perSlot;
  const int place = static_cast<int>(token % perSlot);
  const float* corner = video + ((b * 3 * T + slot * t) * H + place / columns * p) * W +
                        static_cast<long long>(place % columns) * p;
  float* to = y + number * size;
  if (fours) {
    patchify_token<4>(corner, to, T, H, W, t, p);
  } else if (twos) {
    patchify_token<2>(corner, to, T, H, W, t, p);
  } else {
    patchify_token<1>(corner, to, T, H, W, t, p);
  }
}
