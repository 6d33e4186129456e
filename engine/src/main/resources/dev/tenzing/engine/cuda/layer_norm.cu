// Layer normalisation (Ba, Kiros & Hinton, 2016). x is F32 in every precision, as the residual
// stream is; y and dy have the type of activations.
//
// Memory for each element: forward 4 bytes of x and y; backward dy, x and 4 bytes of dx (8 when it
// accumulates). Rows stay in registers between their sums and their results.
#include "common.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / WARP;
constexpr int STEP = 4 * WARP;  // Columns that a warp takes at once.

// ---- forward: y = (x - mean) rstd w + b for M rows of C

template <class T>
__device__ __forceinline__ bool forward_wide(
    const float* x, const float* w, const float* b, const T* y, int C) {
  return C % 4 == 0 && packable<4>(x) && packable<4>(w) && packable<4>(b) && packable<4>(y);
}

// y of 4 columns whose x is v.
template <class T>
__device__ __forceinline__ void normalize(
    const float (&v)[4], const float* w, const float* b, T* y, float mean, float rstd, int column,
    int left, bool wide) {
  float slope[4], shift[4];
  load_pack(slope, w + column, left, wide);
  load_pack(shift, b + column, left, wide);
#pragma unroll
  for (int k = 0; k < 4; k++) {
    shift[k] = fmaf((v[k] - mean) * rstd, slope[k], shift[k]);
  }
  store_pack(y + column, shift, left, wide);
}

// A warp a row of up to PACKS * STEP columns.
template <class T, int PACKS, bool WIDE>
__device__ __forceinline__ void forward(
    const float* x, const float* w, const float* b, T* y, float* means, float* rstds, int M, int C,
    float eps) {
  long long m = static_cast<long long>(blockIdx.x) * WARPS + threadIdx.x / WARP;
  if (m >= M) {
    return;
  }
  int lane = threadIdx.x % WARP;
  float v[PACKS][4];
  float sum = 0.0f;
#pragma unroll
  for (int i = 0; i < PACKS; i++) {
    int c = i * STEP + 4 * lane;
    load_pack(v[i], x + m * C + c, C - c, WIDE);
  }
#pragma unroll
  for (int i = 0; i < PACKS; i++) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      sum += v[i][k];
    }
  }
  float mean = warp_sum(sum) / C;
  float squares = 0.0f;
#pragma unroll
  for (int i = 0; i < PACKS; i++) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      float deviation = i * STEP + 4 * lane + k < C ? v[i][k] - mean : 0.0f;
      squares = fmaf(deviation, deviation, squares);
    }
  }
  float rstd = 1.0f / sqrtf(warp_sum(squares) / C + eps);
#pragma unroll
  for (int i = 0; i < PACKS; i++) {
    int c = i * STEP + 4 * lane;
    normalize(v[i], w, b, y + m * C, mean, rstd, c, C - c, WIDE);
  }
  if (lane == 0) {
    means[m] = mean;
    rstds[m] = rstd;
  }
}

// A block a row of any length, which is read again from a cache for each pass.
template <class T>
__device__ __forceinline__ void forward_long(
    const float* x, const float* w, const float* b, T* y, float* means, float* rstds, int C,
    float eps) {
  long long m = blockIdx.x;
  bool wide = forward_wide(x, w, b, y, C);
  float v[4];
  float sum = 0.0f;
  for (int c = 4 * threadIdx.x; c < C; c += 4 * THREADS) {
    load_pack(v, x + m * C + c, C - c, wide);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      sum += v[k];
    }
  }
  float mean = block_sum<THREADS>(sum) / C;
  float squares = 0.0f;
  for (int c = 4 * threadIdx.x; c < C; c += 4 * THREADS) {
    load_pack(v, x + m * C + c, C - c, wide);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      float deviation = c + k < C ? v[k] - mean : 0.0f;
      squares = fmaf(deviation, deviation, squares);
    }
  }
  float rstd = 1.0f / sqrtf(block_sum<THREADS>(squares) / C + eps);
  for (int c = 4 * threadIdx.x; c < C; c += 4 * THREADS) {
    load_pack(v, x + m * C + c, C - c, wide);
    normalize(v, w, b, y + m * C, mean, rstd, c, C - c, wide);
  }
  if (threadIdx.x == 0) {
    means[m] = mean;
    rstds[m] = rstd;
  }
}

// ---- backward: with n = (x - mean) rstd and g = dy w, dx = rstd (g - mean(g) - n mean(g n)),
// dw = sum over rows of dy n, db = sum of dy

// Packs of a thread: 3 fill warps at the usual widths 384, 768 and 1536, and with the sums for dw and
// db and the next row on its way they are what 128 registers hold. Then 16 warps fit a
// multiprocessor, with 48 KB under way.
constexpr int BACKWARD_PACKS = 3;

// n of 4 columns from x.
__device__ __forceinline__ void standardize(float (&x)[4], float mean, float rstd) {
#pragma unroll
  for (int k = 0; k < 4; k++) {
    x[k] = (x[k] - mean) * rstd;
  }
}

// dx of 4 columns.
__device__ __forceinline__ void input_gradient(
    float (&d)[4], const float (&n)[4], const float (&g)[4], const float (&old)[4], float mean_g,
    float mean_gn, float rstd, bool accumulate) {
#pragma unroll
  for (int k = 0; k < 4; k++) {
    float inner = fmaf(-n[k], mean_gn, g[k] - mean_g);
    d[k] = accumulate ? fmaf(rstd, inner, old[k]) : rstd * inner;
  }
}

// Block p of P takes a range of the rows, so that the order of additions is that of M alone. `warps`
// warps share a row; the block has rows in flight for as many such groups as it holds, and while one
// is computed the next is loaded. partial[2, P, C] receives the block's share of dw and of db.
template <class T, bool WIDE>
__device__ __forceinline__ void backward(
    const T* dy, const float* x, const float* w, const float* means, const float* rstds, float* dx,
    float* partial, int M, int C, int warps, int accumulate) {
  constexpr int PACKS = BACKWARD_PACKS;
  __shared__ float exchange[2][WARPS][2];
  __shared__ float sums[WARPS][PACKS * STEP];
  int warp = threadIdx.x / WARP;
  int lane = threadIdx.x % WARP;
  int groups = blockDim.x / WARP / warps;
  int group = warp / warps;
  int column = (warp % warps * WARP + lane) * 4;
  int stride = warps * STEP;  // From one pack of a thread to the next.
  int begin = static_cast<int>(static_cast<long long>(M) * blockIdx.x / gridDim.x);
  int end = static_cast<int>(static_cast<long long>(M) * (blockIdx.x + 1) / gridDim.x);

  float per_column = 1.0f / C;

  float dw[PACKS][4] = {}, db[PACKS][4] = {};
  float next_x[PACKS][4], next_dy[PACKS][4];
  float next_mean = 0.0f, next_rstd = 0.0f;
  auto load = [&](int m) {
    bool live = m < end;
    next_mean = live ? means[m] : 0.0f;
    next_rstd = live ? rstds[m] : 0.0f;
#pragma unroll
    for (int i = 0; i < PACKS; i++) {
      int c = column + i * stride;
      long long at = static_cast<long long>(m) * C + c;
      load_pack(next_x[i], x + at, live ? C - c : 0, WIDE);
      load_pack(next_dy[i], dy + at, live ? C - c : 0, WIDE);
    }
  };
  load(begin + group);

  // All groups go on as long as one has rows: they meet at the barrier.
  int turn = 0;
  for (int first = begin; first < end; first += groups, turn ^= 1) {
    int m = first + group;
    bool live = m < end;
    float n[PACKS][4], g[PACKS][4], old[PACKS][4] = {};
    float mean = next_mean, rstd = next_rstd;
#pragma unroll
    for (int i = 0; i < PACKS; i++) {
#pragma unroll
      for (int k = 0; k < 4; k++) {
        n[i][k] = next_x[i][k];
        g[i][k] = next_dy[i][k];
      }
    }
    load(m + groups);

    float sum_g = 0.0f, sum_gn = 0.0f;
#pragma unroll
    for (int i = 0; i < PACKS; i++) {
      int c = column + i * stride;
      float slope[4];
      load_pack(slope, w + c, C - c, WIDE);
      standardize(n[i], mean, rstd);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        // Past the row dy is 0.
        dw[i][k] = fmaf(g[i][k], n[i][k], dw[i][k]);
        db[i][k] += g[i][k];
        // Not fused into the sum: the row's end needs it rounded in the same way.
        g[i][k] = __fmul_rn(g[i][k], slope[k]);
        sum_g += g[i][k];
        sum_gn = fmaf(g[i][k], n[i][k], sum_gn);
      }
    }
    if (accumulate) {
#pragma unroll
      for (int i = 0; i < PACKS; i++) {
        int c = column + i * stride;
        load_pack(old[i], dx + static_cast<long long>(m) * C + c, live ? C - c : 0, WIDE);
      }
    }
    sum_g = warp_sum(sum_g);
    sum_gn = warp_sum(sum_gn);
    if (warps > 1) {
      if (lane == 0) {
        exchange[turn][warp][0] = sum_g;
        exchange[turn][warp][1] = sum_gn;
      }
      // One barrier a row suffices: who writes this buffer again has passed the next one.
      __syncthreads();
      sum_g = 0.0f;
      sum_gn = 0.0f;
      for (int i = group * warps; i < (group + 1) * warps; i++) {
        sum_g += exchange[turn][i][0];
        sum_gn += exchange[turn][i][1];
      }
    }
#pragma unroll
    for (int i = 0; i < PACKS; i++) {
      int c = column + i * stride;
      float d[4];
      input_gradient(d, n[i], g[i], old[i], sum_g * per_column, sum_gn * per_column, rstd, accumulate);
      store_pack(dx + static_cast<long long>(m) * C + c, d, live ? C - c : 0, WIDE);
    }
  }

  // The groups' sums one after the other, first dw and then db.
#pragma unroll
  for (int which = 0; which < 2; which++) {
    __syncthreads();
#pragma unroll
    for (int i = 0; i < PACKS; i++) {
#pragma unroll
      for (int k = 0; k < 4; k++) {
        sums[warp][i * STEP + 4 * lane + k] = which == 0 ? dw[i][k] : db[i][k];
      }
    }
    __syncthreads();
    if (group == 0) {
      float* to = partial + (static_cast<long long>(which) * gridDim.x + blockIdx.x) * C;
#pragma unroll
      for (int i = 0; i < PACKS; i++) {
        float all[4] = {};
        for (int j = 0; j < groups; j++) {
#pragma unroll
          for (int k = 0; k < 4; k++) {
            all[k] += sums[j * warps + warp][i * STEP + 4 * lane + k];
          }
        }
        int c = column + i * stride;
        store_pack(to + c, all, C - c, false);
      }
    }
  }
}

// dx of rows of any length: a block a row.
template <class T>
__device__ __forceinline__ void backward_long(
    const T* dy, const float* x, const float* w, const float* means, const float* rstds, float* dx,
    int C, int accumulate) {
  long long m = blockIdx.x;
  bool wide =
      C % 4 == 0 && packable<4>(dy) && packable<4>(x) && packable<4>(w) && packable<4>(dx);
  float mean = means[m], rstd = rstds[m];
  float n[4], g[4], slope[4], old[4] = {}, d[4];
  auto load = [&](int c) {
    load_pack(n, x + m * C + c, C - c, wide);
    load_pack(g, dy + m * C + c, C - c, wide);
    load_pack(slope, w + c, C - c, wide);
    standardize(n, mean, rstd);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      g[k] *= slope[k];
    }
  };
  float sum_g = 0.0f, sum_gn = 0.0f;
  for (int c = 4 * threadIdx.x; c < C; c += 4 * THREADS) {
    load(c);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      sum_g += g[k];
      sum_gn = fmaf(g[k], n[k], sum_gn);
    }
  }
  sum_g = block_sum<THREADS>(sum_g);
  sum_gn = block_sum<THREADS>(sum_gn);
  for (int c = 4 * threadIdx.x; c < C; c += 4 * THREADS) {
    load(c);
    if (accumulate) {
      load_pack(old, dx + m * C + c, C - c, wide);
    }
    input_gradient(d, n, g, old, sum_g / C, sum_gn / C, rstd, accumulate);
    store_pack(dx + m * C + c, d, C - c, wide);
  }
}

// partial[2, P, C] for rows of any length: a thread a column of one of P ranges of the rows.
template <class T>
__device__ __forceinline__ void backward_columns(
    const T* dy, const float* x, const float* means, const float* rstds, float* partial, int M,
    int C) {
  int P = gridDim.y, p = blockIdx.y;
  int c = blockIdx.x * THREADS + threadIdx.x;
  if (c >= C) {
    return;
  }
  int end = static_cast<int>(static_cast<long long>(M) * (p + 1) / P);
  float dw = 0.0f, db = 0.0f;
  for (long long m = static_cast<long long>(M) * p / P; m < end; m++) {
    float d = to_float(dy[m * C + c]);
    dw = fmaf(d, (x[m * C + c] - means[m]) * rstds[m], dw);
    db += d;
  }
  partial[static_cast<long long>(p) * C + c] = dw;
  partial[static_cast<long long>(P + p) * C + c] = db;
}

// ---- kernels

#define LAYER_NORM_FORWARD(NAME, T, PACKS, WIDE)                                                  \
  extern "C" __global__ void __launch_bounds__(THREADS) layer_norm_forward_##NAME(                \
      const float* x, const float* w, const float* b, T* y, float* mean, float* rstd, int M,      \
      int C, float eps) {                                                                         \
    forward<T, PACKS, WIDE>(x, w, b, y, mean, rstd, M, C, eps);                                   \
  }

#define LAYER_NORM_BACKWARD(NAME, T, WIDE)                                                        \
  extern "C" __global__ void __launch_bounds__(THREADS, WIDE ? 2 : 1)                             \
      layer_norm_backward_##NAME(                                                                 \
          const T* dy, const float* x, const float* w, const float* mean, const float* rstd,      \
          float* dx, float* partial, int M, int C, int warps, int accumulate) {                   \
    backward<T, WIDE>(dy, x, w, mean, rstd, dx, partial, M, C, warps, accumulate);                \
  }

// "wide" where every row begins with a pack, which the caller has to know.
#define LAYER_NORM(TYPE, T)                                                                       \
  LAYER_NORM_FORWARD(512_##TYPE, T, 4, false)                                                     \
  LAYER_NORM_FORWARD(512_wide_##TYPE, T, 4, true)                                                 \
  LAYER_NORM_FORWARD(1024_##TYPE, T, 8, false)                                                    \
  LAYER_NORM_FORWARD(1024_wide_##TYPE, T, 8, true)                                                \
  LAYER_NORM_FORWARD(1536_##TYPE, T, 12, false)                                                   \
  LAYER_NORM_FORWARD(1536_wide_##TYPE, T, 12, true)                                               \
  LAYER_NORM_BACKWARD(TYPE, T, false)                                                             \
  LAYER_NORM_BACKWARD(wide_##TYPE, T, true)                                                       \
  extern "C" __global__ void __launch_bounds__(THREADS) layer_norm_forward_long_##TYPE(           \
      const float* x, const float* w, const float* b, T* y, float* mean, float* rstd, int M,      \
      int C, float eps) {                                                                         \
    forward_long(x, w, b, y, mean, rstd, C, eps);                                                 \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(THREADS) layer_norm_backward_long_##TYPE(          \
      const T* dy, const float* x, const float* w, const float* mean, const float* rstd,          \
      float* dx, int C, int accumulate) {                                                         \
    backward_long(dy, x, w, mean, rstd, dx, C, accumulate);                                       \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(THREADS) layer_norm_backward_columns_##TYPE(       \
      const T* dy, const float* x, const float* mean, const float* rstd, float* partial, int M,   \
      int C) {                                                                                    \
    backward_columns(dy, x, mean, rstd, partial, M, C);                                           \
  }
LAYER_NORM(f32, float)
LAYER_NORM(bf16, bf16)
