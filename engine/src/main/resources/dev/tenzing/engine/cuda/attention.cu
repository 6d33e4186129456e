// Attention in float arithmetic, for any number of tokens and any head size: F32 exactly, and BF16
// where attention_bf16.cu does not go.
//
// The method is that of Dao et al., "FlashAttention" (2022): tiles of 64 x 64 logits are made, used
// and forgotten; the forward keeps a running maximum and sum of each row, the backward makes the
// probabilities again from the saved log-sum-exp. No N x N array, no atomics, every order fixed.
//
// A block of 256 threads handles 64 rows of one head and walks over the 64-row tiles of the other
// side. Operands lie in shared memory as they are in global memory, row by row, 64 columns (a
// slice) at a time; a head of at most 64 columns stays there, a wider one is read again. What a
// block accumulates stays in registers: CHUNKS slices of 64 columns; blockIdx.y counts the groups
// of CHUNKS slices of a wider head, and each makes the logits again.
//
// Thread (x, y) of 16 x 16 owns rows y + 16 i and, of logits, columns x + 16 j; of what is
// accumulated, columns 4 x + j of each slice (i, j < 4). So a row belongs to half a warp: weights
// pass from logits to products through shared memory without a barrier of the block.
//
// Cost with D = 64: 4 B H N^2 D FLOP forward, 14 B H N^2 D backward (7 products, 5 without the two
// that keep it deterministic), 32 FLOP per byte from L2 or more. Both inner loops read 12 wavefronts
// of shared memory for 64 FMA of a warp. Two blocks a multiprocessor, by registers (128) and, in the
// backward, by shared memory (85 KB; forward 51): one computes while the other fetches.
#include "common.cuh"

constexpr int TILE = 64;
constexpr int SLICE = 64;
// Floats from row to row: an odd number of 16 bytes, so that 8 rows lie in different banks.
constexpr int STRIDE = SLICE + 4;
constexpr int BUFFER = TILE * STRIDE;
constexpr int THREADS = 256;

__device__ __forceinline__ float infinity() { return __uint_as_float(0x7f800000u); }

// Where one head's rows are: q (part 0), k (1), v (2) in [B, N, 3, H, D], out and dout in
// [B, N, H, D], and what is kept for a row in [B, H, N].
struct Head {
  int N, H, D;
  long long b, h;

  __device__ Head(long long head, int N, int H, int D) : N(N), H(H), D(D), b(head / H), h(head % H) {}

  __device__ long long qkv(int part, int row) const {
    return (((b * N + row) * 3 + part) * H + h) * D;
  }
  __device__ long long qkv_stride() const { return 3LL * H * D; }
  __device__ long long out(int row) const { return ((b * N + row) * H + h) * D; }
  __device__ long long out_stride() const { return static_cast<long long>(H) * D; }
  __device__ long long row(int row) const { return (b * H + h) * N + row; }
};

// tile[64, 64] = rows of x from column `column` on, zero below `rows` and right of `columns`.
template <class T>
__device__ __forceinline__ void load(
    float* tile, const T* x, long long stride, int column, int rows, int columns) {
#pragma unroll 4  // Loads under way; all 16 would take registers from the products.
  for (int i = 0; i < TILE * SLICE / THREADS; i++) {
    int r = (threadIdx.x + i * THREADS) / SLICE;
    int c = (threadIdx.x + i * THREADS) % SLICE;
    bool inside = r < rows && column + c < columns;
    tile[r * STRIDE + c] = inside ? to_float(x[r * stride + column + c]) : 0;
  }
}

// sums[i][j] += a[y + 16 i] . b[x + 16 j] over the first `depth` columns of both tiles.
__device__ __forceinline__ void rows_by_rows(
    float (&sums)[4][4], const float* a, const float* b, int depth) {
  a += threadIdx.x / 16 * STRIDE;
  b += threadIdx.x % 16 * STRIDE;
#pragma unroll 1
  for (int d = 0; d < depth; d += 4) {
    float4 u[4], v[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      u[i] = *reinterpret_cast<const float4*>(a + 16 * i * STRIDE + d);
      v[i] = *reinterpret_cast<const float4*>(b + 16 * i * STRIDE + d);
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int j = 0; j < 4; j++) {
        sums[i][j] = fmaf(u[i].x, v[j].x, sums[i][j]);
        sums[i][j] = fmaf(u[i].y, v[j].y, sums[i][j]);
        sums[i][j] = fmaf(u[i].z, v[j].z, sums[i][j]);
        sums[i][j] = fmaf(u[i].w, v[j].w, sums[i][j]);
      }
    }
  }
}

// sums[i][j] += sum over k < depth of weights[y + 16 i][k] b[k][4 x + j].
__device__ __forceinline__ void weights_by_rows(
    float (&sums)[4][4], const float* weights, const float* b, int depth) {
  weights += threadIdx.x / 16 * STRIDE;
  b += threadIdx.x % 16 * 4;
#pragma unroll 1
  for (int k = 0; k < depth; k += 4) {
    float4 w[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      w[i] = *reinterpret_cast<const float4*>(weights + 16 * i * STRIDE + k);
    }
#pragma unroll
    for (int step = 0; step < 4; step++) {
      float4 v = *reinterpret_cast<const float4*>(b + (k + step) * STRIDE);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        float f = step == 0 ? w[i].x : step == 1 ? w[i].y : step == 2 ? w[i].z : w[i].w;
        sums[i][0] = fmaf(f, v.x, sums[i][0]);
        sums[i][1] = fmaf(f, v.y, sums[i][1]);
        sums[i][2] = fmaf(f, v.z, sums[i][2]);
        sums[i][3] = fmaf(f, v.w, sums[i][3]);
      }
    }
  }
}

// Hands weights of this half warp's rows from logit columns to all its threads.
__device__ __forceinline__ void exchange(float* tile, const float (&weights)[4][4]) {
  __syncwarp();  // The last exchange has been read.
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      tile[(threadIdx.x / 16 + 16 * i) * STRIDE + threadIdx.x % 16 + 16 * j] = weights[i][j];
    }
  }
  __syncwarp();
}

__device__ __forceinline__ float half_warp_sum(float x) {
#pragma unroll
  for (int distance = 8; distance > 0; distance /= 2) {
    x += __shfl_xor_sync(ALL_LANES, x, distance);
  }
  return x;
}

__device__ __forceinline__ float half_warp_max(float x) {
#pragma unroll
  for (int distance = 8; distance > 0; distance /= 2) {
    x = fmaxf(x, __shfl_xor_sync(ALL_LANES, x, distance));
  }
  return x;
}

// Stores factors[i] sums[i][j] to rows y + 16 i below `rows`, columns 4 x + j of the slice at `column`.
template <class T>
__device__ __forceinline__ void store(
    T* x, long long stride, int column, int rows, int columns, const float (&sums)[4][4],
    const float (&factors)[4]) {
#pragma unroll
  for (int i = 0; i < 4; i++) {
    int r = threadIdx.x / 16 + 16 * i;
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int c = column + threadIdx.x % 16 * 4 + j;
      if (r < rows && c < columns) {
        x[r * stride + c] = from_float<T>(factors[i] * sums[i][j]);
      }
    }
  }
}

template <class T, int CHUNKS>
__device__ __forceinline__ void forward(
    const T* qkv, T* out, float* lse, int N, int H, int D, float scale) {
  SHARED(float, q);
  float* kv = q + BUFFER;
  float* weights = kv + BUFFER;
  const int blocks = (N + TILE - 1) / TILE;
  const Head head(blockIdx.x / blocks, N, H, D);
  const int row = blockIdx.x % blocks * TILE;
  const int rows = min(TILE, N - row);
  const bool resident = D <= SLICE;

  float sums[CHUNKS][4][4] = {};
  float most[4], total[4] = {};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    most[i] = -infinity();
  }
  for (int key = 0; key < N; key += TILE) {
    const int keys = min(TILE, N - key);
    float s[4][4] = {};
    for (int d = 0; d < D; d += SLICE) {
      __syncthreads();
      if (!resident || key == 0) {
        load(q, qkv + head.qkv(0, row), head.qkv_stride(), d, rows, D);
      }
      load(kv, qkv + head.qkv(1, key), head.qkv_stride(), d, keys, D);
      __syncthreads();
      rows_by_rows(s, q, kv, min(SLICE, D - d));
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
      float tile_most = -infinity();
#pragma unroll
      for (int j = 0; j < 4; j++) {
        s[i][j] = threadIdx.x % 16 + 16 * j < keys ? scale * s[i][j] : -infinity();
        tile_most = fmaxf(tile_most, s[i][j]);
      }
      tile_most = fmaxf(most[i], half_warp_max(tile_most));
      float shrink = expf(most[i] - tile_most);
      most[i] = tile_most;
      total[i] *= shrink;
#pragma unroll
      for (int j = 0; j < 4; j++) {
        s[i][j] = expf(s[i][j] - tile_most);
        total[i] += s[i][j];
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
          sums[c][i][j] *= shrink;
        }
      }
    }
    exchange(weights, s);
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      int d = (blockIdx.y * CHUNKS + c) * SLICE;
      __syncthreads();
      load(kv, qkv + head.qkv(2, key), head.qkv_stride(), d, keys, D);
      __syncthreads();
      weights_by_rows(sums[c], weights, kv, keys);
    }
  }
  float share[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    total[i] = half_warp_sum(total[i]);
    share[i] = 1 / total[i];
    int r = threadIdx.x / 16 + 16 * i;
    if (blockIdx.y == 0 && threadIdx.x % 16 == 0 && r < rows) {
      lse[head.row(row + r)] = most[i] + logf(total[i]);
    }
  }
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    int d = (blockIdx.y * CHUNKS + c) * SLICE;
    store(out + head.out(row), head.out_stride(), d, rows, D, sums[c], share);
  }
}

// delta[B, H, N] = dout . out of each row; a warp a row.
template <class T>
__device__ __forceinline__ void row_products(
    const T* out, const T* dout, float* delta, long long rows, int N, int H, int D) {
  long long r = static_cast<long long>(blockIdx.x) * (THREADS / WARP) + threadIdx.x / WARP;
  if (r >= rows) {
    return;
  }
  const long long from = Head(r / N, N, H, D).out(static_cast<int>(r % N));
  float sum = 0;
  for (int d = threadIdx.x % WARP; d < D; d += WARP) {
    sum = fmaf(to_float(out[from + d]), to_float(dout[from + d]), sum);
  }
  sum = warp_sum(sum);
  if (threadIdx.x % WARP == 0) {
    delta[r] = sum;
  }
}

// What both halves of the backward share: tiles of q . k and dout . v between 64 rows of one side
// and 64 of the other.
template <class T>
struct Pairs {
  const Head head;
  const T* qkv;
  const T* dout;
  float *q, *k, *v, *dO, *weights;  // [64, STRIDE] each, in shared memory

  __device__ Pairs(const T* qkv, const T* dout, float* shared, long long h, int N, int H, int D)
      : head(h, N, H, D),
        qkv(qkv),
        dout(dout),
        q(shared),
        k(q + BUFFER),
        v(k + BUFFER),
        dO(v + BUFFER),
        weights(dO + BUFFER) {}

  __device__ __forceinline__ int valid(int row) const { return min(TILE, head.N - row); }

  __device__ __forceinline__ void load_queries(int row, int d) const {
    load(q, qkv + head.qkv(0, row), head.qkv_stride(), d, valid(row), head.D);
    load(dO, dout + head.out(row), head.out_stride(), d, valid(row), head.D);
  }

  __device__ __forceinline__ void load_keys(int row, int d) const {
    load(k, qkv + head.qkv(1, row), head.qkv_stride(), d, valid(row), head.D);
    load(v, qkv + head.qkv(2, row), head.qkv_stride(), d, valid(row), head.D);
  }
};

// dq = sum over keys of ds k, with ds = scale p (dout . v - delta).
template <class T, int CHUNKS>
__device__ __forceinline__ void backward_queries(
    const T* qkv, const T* dout, const float* lse, const float* delta, T* dqkv, int N, int H, int D,
    float scale) {
  SHARED(float, shared);
  const int blocks = (N + TILE - 1) / TILE;
  const Pairs<T> pairs(qkv, dout, shared, blockIdx.x / blocks, N, H, D);
  const int row = blockIdx.x % blocks * TILE;
  const bool resident = D <= SLICE;

  float row_lse[4], row_delta[4], sums[CHUNKS][4][4] = {};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    long long r = pairs.head.row(min(row + static_cast<int>(threadIdx.x) / 16 + 16 * i, N - 1));
    row_lse[i] = lse[r];
    row_delta[i] = delta[r];
  }
  for (int key = 0; key < N; key += TILE) {
    float p[4][4] = {}, ds[4][4] = {};
    for (int d = 0; d < D; d += SLICE) {
      __syncthreads();
      if (!resident || key == 0) {
        pairs.load_queries(row, d);
      }
      pairs.load_keys(key, d);
      __syncthreads();
      rows_by_rows(p, pairs.q, pairs.k, min(SLICE, D - d));
      rows_by_rows(ds, pairs.dO, pairs.v, min(SLICE, D - d));
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int j = 0; j < 4; j++) {
        bool inside = threadIdx.x % 16 + 16 * j < pairs.valid(key);
        p[i][j] = inside ? expf(scale * p[i][j] - row_lse[i]) : 0;
        ds[i][j] = inside ? p[i][j] * (ds[i][j] - row_delta[i]) : 0;
      }
    }
    exchange(pairs.weights, ds);
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      if (!resident) {
        __syncthreads();
        pairs.load_keys(key, (blockIdx.y * CHUNKS + c) * SLICE);
        __syncthreads();
      }
      weights_by_rows(sums[c], pairs.weights, pairs.k, pairs.valid(key));
    }
  }
  const float scales[4] = {scale, scale, scale, scale};
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    store(dqkv + pairs.head.qkv(0, row), pairs.head.qkv_stride(),
          (blockIdx.y * CHUNKS + c) * SLICE, pairs.valid(row), D, sums[c], scales);
  }
}

// dk = sum over queries of ds q, dv = sum over queries of p dout; tiles are transposed here, keys
// are their rows.
template <class T, int CHUNKS>
__device__ __forceinline__ void backward_keys(
    const T* qkv, const T* dout, const float* lse, const float* delta, T* dqkv, int N, int H, int D,
    float scale) {
  SHARED(float, shared);
  const int blocks = (N + TILE - 1) / TILE;
  const Pairs<T> pairs(qkv, dout, shared, blockIdx.x / blocks, N, H, D);
  const int row = blockIdx.x % blocks * TILE;
  const bool resident = D <= SLICE;

  float dk[CHUNKS][4][4] = {}, dv[CHUNKS][4][4] = {};
  for (int query = 0; query < N; query += TILE) {
    float p[4][4] = {}, ds[4][4] = {};
    for (int d = 0; d < D; d += SLICE) {
      __syncthreads();
      if (!resident || query == 0) {
        pairs.load_keys(row, d);
      }
      pairs.load_queries(query, d);
      __syncthreads();
      rows_by_rows(p, pairs.k, pairs.q, min(SLICE, D - d));
      rows_by_rows(ds, pairs.v, pairs.dO, min(SLICE, D - d));
    }
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int column = query + threadIdx.x % 16 + 16 * j;
      bool inside = column < N;
      long long at = pairs.head.row(min(column, N - 1));
      float column_lse = lse[at];
      float column_delta = delta[at];
#pragma unroll
      for (int i = 0; i < 4; i++) {
        p[i][j] = inside ? expf(scale * p[i][j] - column_lse) : 0;
        ds[i][j] = inside ? p[i][j] * (ds[i][j] - column_delta) : 0;
      }
    }
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
      if (!resident) {
        __syncthreads();
        pairs.load_queries(query, (blockIdx.y * CHUNKS + c) * SLICE);
        __syncthreads();
      }
      exchange(pairs.weights, p);
      weights_by_rows(dv[c], pairs.weights, pairs.dO, pairs.valid(query));
      exchange(pairs.weights, ds);
      weights_by_rows(dk[c], pairs.weights, pairs.q, pairs.valid(query));
    }
  }
  const float scales[4] = {scale, scale, scale, scale};
  const float ones[4] = {1, 1, 1, 1};
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    int d = (blockIdx.y * CHUNKS + c) * SLICE;
    T* k = dqkv + pairs.head.qkv(1, row);
    T* v = dqkv + pairs.head.qkv(2, row);
    store(k, pairs.head.qkv_stride(), d, pairs.valid(row), D, dk[c], scales);
    store(v, pairs.head.qkv_stride(), d, pairs.valid(row), D, dv[c], ones);
  }
}

#define ATTENTION(T, NAME, CHUNKS)                                                                \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) attention_forward_##NAME(                 \
      const T* qkv, T* out, float* lse, int N, int H, int D, float scale) {                       \
    forward<T, CHUNKS>(qkv, out, lse, N, H, D, scale);                                            \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(THREADS, 2) attention_backward_queries_##NAME(        \
      const T* qkv, const T* dout, const float* lse, const float* delta, T* dqkv, int N, int H,   \
      int D, float scale) {                                                                       \
    backward_queries<T, CHUNKS>(qkv, dout, lse, delta, dqkv, N, H, D, scale);                     \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(THREADS, 3 - CHUNKS) attention_backward_keys_##NAME(           \
      const T* qkv, const T* dout, const float* lse, const float* delta, T* dqkv, int N, int H,   \
      int D, float scale) {                                                                       \
    backward_keys<T, CHUNKS>(qkv, dout, lse, delta, dqkv, N, H, D, scale);                        \
  }

ATTENTION(float, f32_64, 1)
ATTENTION(float, f32_128, 2)
ATTENTION(bf16, bf16_general, 2)

extern "C" __global__ void __launch_bounds__(THREADS) attention_row_products_f32(
    const float* out, const float* dout, float* delta, long long rows, int N, int H, int D) {
  row_products(out, dout, delta, rows, N, H, D);
}

extern "C" __global__ void __launch_bounds__(THREADS) attention_row_products_bf16(
    const bf16* out, const bf16* dout, float* delta, long long rows, int N, int H, int D) {
  row_products(out, dout, delta, rows, N, H, D);
}
