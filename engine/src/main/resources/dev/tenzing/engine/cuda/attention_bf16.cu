// Attention in BF16 on tensor cores for heads of at most 128 columns and a positive scale; sums and
// log-sum-exps are F32, probabilities are rounded to BF16 before they meet v or dout.
//
// After Dao, "FlashAttention-2" (2023): a warp owns rows (queries forward and for dq; keys for dk and
// dv, whose tiles are transposed) and keeps what it accumulates for them in registers. Logits leave
// the tensor cores in the layout in which these take them as left operand, so probabilities never
// pass through shared memory and warps meet only where tiles arrive. A block of 1 to 5 warps walks
// over the tiles of the other side, fetched with cp.async one ahead of the products: one barrier a
// tile. dq has a kernel of its own that makes the logits again: no atomics, every order fixed.
//
// Rows of shared memory are DP + 8 elements apart, DP being D padded to a size compiled here: an odd
// number of 16 bytes, so that the 8 rows of a matrix that ldmatrix reads lie in different banks, as a
// swizzle would have it, but at fixed distances. Rows past N and columns past D are zeros.
//
// Costs for D = 64, counted and not measured: no GPU has run this yet. Forward 4 N^2 D FLOP a head, backward 14 N^2 D (7 products; 5 need atomics). From
// L2 a forward block of 160 rows reads 16 KB for 64 keys: 160 FLOP a byte, 2.5 TB/s at 400 TFLOP/s.
// Of shared memory a warp of 32 rows reads 512 bytes (4 cycles) for 4 products of 16 x 8 x 16, which
// take 6 cycles if mma.sync reaches 0.65 of wgmma's rate on sm_90, as is assumed here; with 16 rows a warp
// the same bytes would feed 2. So rows are as many as registers allow, and these decide occupancy: a
// quarter of a multiprocessor holds three warps of 168 registers (forward, dq; two blocks of 5 warps)
// or two of 255 (dk and dv with their 128 sums a lane; two blocks of 4). Exponentials take 8 cycles
// for 128 logits, whose 8 products take 12: with two or three warps a quarter one's exponentials run
// beside another's products, 16 independent chains a warp. Blocks have the warps that leave the
// fewest idle: 156 tokens are one block of 5 forward, where blocks of 128 rows would idle 39 %.
#include "common.cuh"

constexpr float LOG2_E = 1.4426950408889634f;

__device__ __forceinline__ float infinity() { return __uint_as_float(0x7f800000u); }
__device__ __forceinline__ int lane() { return threadIdx.x % WARP; }
__device__ __forceinline__ int warp() { return threadIdx.x / WARP; }

// The rows of one head, `stride` elements apart: q (part 0), k (1) or v (2) of [B, N, 3, H, D], or
// those of out and dout, [B, N, H, D]. A clip's q, k and v are less than 2^31 elements.
template <class T>
struct HeadRows {
  T* first;
  int stride;

  __device__ __forceinline__ HeadRows(T* x, int parts, int part, int head, int N, int H, int D)
      : first(x + (static_cast<long long>(head / H) * N * parts + part) * H * D + head % H * D),
        stride(parts * H * D) {}

  __device__ __forceinline__ T* row(int n) const { return first + n * stride; }
};

// Whether rows start at 16 aligned bytes; if not, elements travel one by one, to the same result.
__device__ __forceinline__ bool is_aligned(const void* x, int D) {
  return D % 8 == 0 && reinterpret_cast<unsigned long long>(x) % 16 == 0;
}

// ---- tiles [rows, DP] in shared memory

template <int DP>
struct Tile {
  static constexpr int STRIDE = DP + 8;
  bf16* at;

  __device__ __forceinline__ explicit Tile(bf16* at) : at(at) {}
  __device__ __forceinline__ Tile from(int row) const { return Tile(at + row * STRIDE); }

  // Begins to fetch this thread's part of a row, the D elements of x from `from` on; eight threads
  // make a row. Zeros if not inside. Offsets have 32 bits to leave registers to the products.
  __device__ __forceinline__ void fetch(
      int row, const bf16* x, int from, bool inside, int D, bool aligned) const {
#pragma unroll 1
    for (int c = threadIdx.x % 8 * 8; c < DP; c += 64) {
      bf16* to = at + row * STRIDE + c;
      if (aligned && inside && c < D) {
        copy_async16(to, x + (from + c));
      } else {
#pragma unroll 1
        for (int i = 0; i < 8; i++) {
          to[i] = inside && c + i < D ? x[from + c + i] : bf16{0};
        }
      }
    }
  }

  // Left operand: rows `row` to + 15, columns `column` to + 15.
  __device__ __forceinline__ void left(unsigned (&a)[4], int row, int column) const {
    ldmatrix_x4(a, at + (row + lane() % 16) * STRIDE + column + lane() / 16 * 8);
  }

  // Right operands for products with this tile's transpose: rows `row` to + 7 and + 8 to + 15.
  __device__ __forceinline__ void right_transposed(
      unsigned (&b)[2], unsigned (&next)[2], int row, int column) const {
    unsigned r[4];
    ldmatrix_x4(
        r, at + (row + lane() % 8 + lane() / 16 * 8) * STRIDE + column + lane() / 8 % 2 * 8);
    b[0] = r[0], b[1] = r[1], next[0] = r[2], next[1] = r[3];
  }

  // Right operands for products with this tile: columns `column` to + 7 and + 8 to + 15.
  __device__ __forceinline__ void right(
      unsigned (&b)[2], unsigned (&next)[2], int row, int column) const {
    unsigned r[4];
    ldmatrix_x4_trans(r, at + (row + lane() % 16) * STRIDE + column + lane() / 16 * 8);
    b[0] = r[0], b[1] = r[1], next[0] = r[2], next[1] = r[3];
  }

  // Stores factor times what a warp accumulated for 16 M rows to rows of x below `valid`, through
  // this tile, whose rows are the warp's own: 16 bytes a lane, neighbouring lanes together.
  template <int M>
  __device__ __forceinline__ void store(
      const float (&sums)[M][DP / 8][4], const float (&factors)[M][2], bf16* x, int stride,
      int valid, int D, bool aligned) const {
    __syncwarp();
    unsigned* pairs = reinterpret_cast<unsigned*>(at + lane() / 4 * STRIDE + lane() % 4 * 2);
#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
      for (int n = 0; n < DP / 8; n++) {
        const float(&s)[4] = sums[m][n];
        unsigned* to = pairs + (16 * m * STRIDE + 8 * n) / 2;
        to[0] = pack_bf16(factors[m][0] * s[0], factors[m][0] * s[1]);
        to[4 * STRIDE] = pack_bf16(factors[m][1] * s[2], factors[m][1] * s[3]);
      }
    }
    __syncwarp();
    for (int r = lane() / 8; r < min(16 * M, valid); r += WARP / 8) {
      for (int c = lane() % 8 * 8; c < D; c += 64) {
        const bf16* from = at + r * STRIDE + c;
        bf16* to = x + (r * stride + c);
        if (aligned) {
          *reinterpret_cast<uint4*>(to) = *reinterpret_cast<const uint4*>(from);
        } else {
          for (int i = 0; i < min(8, D - c); i++) {
            to[i] = from[i];
          }
        }
      }
    }
  }
};

// ---- products of a warp

// The left operand of a warp, [16 M, DP]: kept in registers, or read from shared memory each time.
template <int DP, int M, bool KEPT>
struct Left;

template <int DP, int M>
struct Left<DP, M, true> {
  unsigned a[M][DP / 16][4];

  __device__ __forceinline__ explicit Left(Tile<DP> tile) {
#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
      for (int k = 0; k < DP / 16; k++) {
        tile.left(a[m][k], 16 * m, 16 * k);
      }
    }
  }
  __device__ __forceinline__ void get(unsigned (&to)[4], int m, int k) const {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      to[i] = a[m][k][i];
    }
  }
};

template <int DP, int M>
struct Left<DP, M, false> {
  Tile<DP> tile;

  __device__ __forceinline__ explicit Left(Tile<DP> tile) : tile(tile) {}
  __device__ __forceinline__ void get(unsigned (&to)[4], int m, int k) const {
    tile.left(to, 16 * m, 16 * k);
  }
};

// s[16 M, C] += left[16 M, DP] right[C, DP]^T
template <int DP, int M, int C, bool KEPT>
__device__ __forceinline__ void multiply_transposed(
    float (&s)[M][C / 8][4], const Left<DP, M, KEPT>& left, Tile<DP> right) {
#pragma unroll
  for (int k = 0; k < DP / 16; k++) {
    unsigned a[M][4];
#pragma unroll
    for (int m = 0; m < M; m++) {
      left.get(a[m], m, k);
    }
#pragma unroll
    for (int n = 0; n < C / 8; n += 2) {
      unsigned b[2][2];
      right.right_transposed(b[0], b[1], 8 * n, 16 * k);
#pragma unroll
      for (int m = 0; m < M; m++) {
        mma_m16n8k16(s[m][n], a[m], b[0]);
        mma_m16n8k16(s[m][n + 1], a[m], b[1]);
      }
    }
  }
}

// sums[16 M, DP] += weights[16 M, C] right[C, DP]; weights are as a product left them.
template <int DP, int M, int C>
__device__ __forceinline__ void multiply(
    float (&sums)[M][DP / 8][4], const float (&weights)[M][C / 8][4], Tile<DP> right) {
#pragma unroll
  for (int k = 0; k < C / 16; k++) {
    unsigned a[M][4];
#pragma unroll
    for (int m = 0; m < M; m++) {
      const float(&w)[4] = weights[m][2 * k];
      const float(&next)[4] = weights[m][2 * k + 1];
      a[m][0] = pack_bf16(w[0], w[1]);
      a[m][1] = pack_bf16(w[2], w[3]);
      a[m][2] = pack_bf16(next[0], next[1]);
      a[m][3] = pack_bf16(next[2], next[3]);
    }
#pragma unroll
    for (int n = 0; n < DP / 8; n += 2) {
      unsigned b[2][2];
      right.right(b[0], b[1], 16 * k, 8 * n);
#pragma unroll
      for (int m = 0; m < M; m++) {
        mma_m16n8k16(sums[m][n], a[m], b[0]);
        mma_m16n8k16(sums[m][n + 1], a[m], b[1]);
      }
    }
  }
}

// ---- forward

// Sets logits of columns from `valid` on to minus infinity.
template <int M, int C>
__device__ __forceinline__ void mask(float (&s)[M][C / 8][4], int valid) {
  if (valid < C) {
    const int left = valid - lane() % 4 * 2;
#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
      for (int n = 0; n < C / 8; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          if (8 * n + i % 2 >= left) {
            s[m][n][i] = -infinity();
          }
        }
      }
    }
  }
}

// The 32 rows of a warp: what is accumulated in units of 2^(scale base) of each row, and the sum of
// its probabilities in these. A lane holds rows lane / 4 and + 8 of each 16, and of `total` its own
// columns' share. `base` is the largest logit of some tile, and follows the largest of all only when
// that has grown by a factor of 2^8: most tiles need no agreement within a row and rescale nothing,
// and no digit is lost, as a factor common to the sums divides out.
template <int DP>
struct Rows {
  float sums[2][DP / 8][4] = {};
  float base[2][2], total[2][2] = {};

  __device__ __forceinline__ Rows() {
#pragma unroll
    for (int m = 0; m < 2; m++) {
      base[m][0] = base[m][1] = -infinity();
    }
  }

  // Takes logits in and makes them probabilities.
  template <int C>
  __device__ __forceinline__ void take(float (&s)[2][C / 8][4], float scale) {
    float most[2][2];
    bool grown = false;
#pragma unroll
    for (int m = 0; m < 2; m++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        most[m][half] = -infinity();
#pragma unroll
        for (int n = 0; n < C / 8; n++) {
          most[m][half] =
              fmaxf(most[m][half], fmaxf(s[m][n][2 * half], s[m][n][2 * half + 1]));
        }
        grown |= scale * (most[m][half] - base[m][half]) > 8;
      }
    }
    if (__any_sync(ALL_LANES, grown)) {
      rescale(most, scale);
    }
#pragma unroll
    for (int m = 0; m < 2; m++) {
#pragma unroll
      for (int n = 0; n < C / 8; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          s[m][n][i] = exp2_fast(fmaf(scale, s[m][n][i], -scale * base[m][i / 2]));
          total[m][i / 2] += s[m][n][i];
        }
      }
    }
  }

  __device__ __forceinline__ void rescale(const float (&most)[2][2], float scale) {
#pragma unroll
    for (int m = 0; m < 2; m++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        float to = fmaxf(base[m][half], most[m][half]);
        to = fmaxf(to, __shfl_xor_sync(ALL_LANES, to, 1));
        to = fmaxf(to, __shfl_xor_sync(ALL_LANES, to, 2));
        float shrink = exp2_fast(scale * (base[m][half] - to));
        base[m][half] = to;
        total[m][half] *= shrink;
#pragma unroll
        for (int n = 0; n < DP / 8; n++) {
          sums[m][n][2 * half] *= shrink;
          sums[m][n][2 * half + 1] *= shrink;
        }
      }
    }
  }
};

template <int DP, bool KEPT>
__device__ __forceinline__ void forward(
    const bf16* __restrict__ qkv, bf16* __restrict__ out, float* __restrict__ lse, int N, int H,
    int D, float scale) {
  constexpr int KEYS = 32;
  SHARED(bf16, shared);
  const int rows = blockDim.x;  // 32 a warp
  const int blocks = (N + rows - 1) / rows;
  const int head = blockIdx.x / blocks;
  const int first = blockIdx.x % blocks * rows;
  const int own = 32 * warp();
  const HeadRows<const bf16> all(qkv, 3, 0, head, N, H, D);
  const bool aligned = is_aligned(qkv, D);
  const Tile<DP> q(shared), tiles = q.from(rows);

  auto fetch = [&](int tile) {
    const Tile<DP> to = tiles.from(tile % 2 * 2 * KEYS);
#pragma unroll 1
    for (int r = threadIdx.x / 8; r < KEYS; r += blockDim.x / 8) {
      const int key = tile * KEYS + r;
      const int k = key * all.stride + H * D;
      to.fetch(r, all.first, k, key < N, D, aligned);
      to.fetch(KEYS + r, all.first, k + H * D, key < N, D, aligned);
    }
    copy_async_commit();
  };

  for (int r = threadIdx.x / 8; r < rows; r += blockDim.x / 8) {
    q.fetch(r, all.first, (first + r) * all.stride, first + r < N, D, aligned);
  }
  fetch(0);
  copy_async_wait<0>();
  __syncthreads();
  const Left<DP, 2, KEPT> left(q.from(own));
  Rows<DP> r;
  for (int tile = 0; tile * KEYS < N; tile++) {
    if (tile > 0) {
      copy_async_wait<0>();
      __syncthreads();  // Tile `tile` is here, and all have done with the one before.
    }
    if ((tile + 1) * KEYS < N) {
      fetch(tile + 1);
    }
    if (first + own < N) {
      const Tile<DP> k = tiles.from(tile % 2 * 2 * KEYS);
      float p[2][KEYS / 8][4] = {};
      multiply_transposed<DP, 2, KEYS, KEPT>(p, left, k);
      mask<2, KEYS>(p, N - tile * KEYS);
      r.template take<KEYS>(p, scale * LOG2_E);
      multiply<DP, 2, KEYS>(r.sums, p, k.from(KEYS));
    }
  }

  float share[2][2];
#pragma unroll
  for (int m = 0; m < 2; m++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float total = r.total[m][half];
      total += __shfl_xor_sync(ALL_LANES, total, 1);
      total += __shfl_xor_sync(ALL_LANES, total, 2);
      share[m][half] = 1 / total;
      int row = first + own + 16 * m + 8 * half + lane() / 4;
      if (lane() % 4 == 0 && row < N) {
        lse[static_cast<long long>(head) * N + row] = fmaf(scale, r.base[m][half], logf(total));
      }
    }
  }
  const HeadRows<bf16> to(out, 1, 0, head, N, H, D);
  q.from(own).template store<2>(
      r.sums, share, to.row(first + own), to.stride, N - first - own, D, is_aligned(out, D));
}

// ---- backward

// Eight elements from a row, zeros from `count` on.
__device__ __forceinline__ void load8(float (&to)[8], const bf16* x, int count, bool aligned) {
  if (aligned) {
    uint4 bits = *reinterpret_cast<const uint4*>(x);
    const unsigned pairs[4] = {bits.x, bits.y, bits.z, bits.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
      to[2 * i] = __uint_as_float(pairs[i] << 16);
      to[2 * i + 1] = __uint_as_float(pairs[i] & 0xffff0000u);
    }
  } else {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      to[i] = i < count ? to_float(x[i]) : 0;
    }
  }
}

// rows[B, H, 2, NP] = lse in powers of 2 and delta = dout . out, with NP = N padded to 32; rows of
// padding get probabilities 0. Eight lanes a row; reads 4 D + 4 bytes a row, writes 8.
extern "C" __global__ void __launch_bounds__(256) attention_backward_rows_bf16(
    const bf16* __restrict__ out, const bf16* __restrict__ dout, const float* __restrict__ lse,
    float* __restrict__ rows, long long count, int N, int NP, int H, int D) {
  const long long row = static_cast<long long>(blockIdx.x) * 32 + threadIdx.x / 8;
  const long long head = row / NP;
  const int n = static_cast<int>(row % NP);
  const bool inside = row < count && n < N;
  const bool aligned = is_aligned(out, D) && is_aligned(dout, D);
  float sum = 0;
  if (inside) {
    const long long from = ((head / H * N + n) * H + head % H) * D;
    for (int d = threadIdx.x % 8 * 8; d < D; d += 64) {
      float x[8], y[8];
      load8(x, out + from + d, D - d, aligned);
      load8(y, dout + from + d, D - d, aligned);
#pragma unroll
      for (int i = 0; i < 8; i++) {
        sum = fmaf(x[i], y[i], sum);
      }
    }
  }
#pragma unroll
  for (int distance = 4; distance > 0; distance /= 2) {
    sum += __shfl_xor_sync(ALL_LANES, sum, distance);
  }
  if (row < count && threadIdx.x % 8 == 0) {
    float* to = rows + head * 2 * NP + n;
    to[0] = inside ? lse[head * N + n] * LOG2_E : infinity();
    to[NP] = sum;
  }
}

// dq = scale sum over keys of ds k, with ds = p (dout . v - delta); 32 keys a tile.
template <int DP, bool KEPT>
__device__ __forceinline__ void backward_queries(
    const bf16* __restrict__ qkv, const bf16* __restrict__ dout, const float* __restrict__ rows_of,
    bf16* __restrict__ dqkv, int N, int NP, int H, int D, float scale) {
  constexpr int M = 2, KEYS = 32;
  SHARED(bf16, shared);
  const int rows = blockDim.x;
  const int blocks = (N + rows - 1) / rows;
  const int head = blockIdx.x / blocks;
  const int first = blockIdx.x % blocks * rows;
  const int own = 32 * warp();
  const HeadRows<const bf16> all(qkv, 3, 0, head, N, H, D), all_dO(dout, 1, 0, head, N, H, D);
  const bool aligned = is_aligned(qkv, D);
  const Tile<DP> q(shared), dO = q.from(rows), tiles = dO.from(rows);

  auto fetch = [&](int tile) {
    const Tile<DP> to = tiles.from(tile % 2 * 2 * KEYS);
#pragma unroll 1
    for (int r = threadIdx.x / 8; r < KEYS; r += blockDim.x / 8) {
      const int key = tile * KEYS + r;
      const int k = key * all.stride + H * D;
      to.fetch(r, all.first, k, key < N, D, aligned);
      to.fetch(KEYS + r, all.first, k + H * D, key < N, D, aligned);
    }
    copy_async_commit();
  };

  const bool dout_aligned = is_aligned(dout, D);
  for (int r = threadIdx.x / 8; r < rows; r += blockDim.x / 8) {
    q.fetch(r, all.first, (first + r) * all.stride, first + r < N, D, aligned);
    dO.fetch(
        r, all_dO.first, (first + r) * all_dO.stride, first + r < N, D, dout_aligned);
  }
  fetch(0);
  // [2, rows]: lse and delta; in registers they would be 8.
  float* of = reinterpret_cast<float*>(tiles.from(4 * KEYS).at);
  const float* row = rows_of + 2LL * head * NP + min(first + static_cast<int>(threadIdx.x), NP - 1);
  of[threadIdx.x] = row[0];
  of[rows + threadIdx.x] = row[NP];
  copy_async_wait<0>();
  __syncthreads();
  const Left<DP, M, KEPT> left_q(q.from(own)), left_dO(dO.from(own));
  float dq[M][DP / 8][4] = {};
  for (int tile = 0; tile * KEYS < N; tile++) {
    if (tile > 0) {
      copy_async_wait<0>();
      __syncthreads();
    }
    if ((tile + 1) * KEYS < N) {
      fetch(tile + 1);
    }
    if (first + own < N) {
      const Tile<DP> k = tiles.from(tile % 2 * 2 * KEYS), v = k.from(KEYS);
      const float* lse = of + own + lane() / 4;
      const float* delta = lse + rows;
      float p[M][KEYS / 8][4] = {}, ds[M][KEYS / 8][4];
#pragma unroll
      for (int m = 0; m < M; m++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const float start = -delta[16 * m + 8 * half];
#pragma unroll
          for (int n = 0; n < KEYS / 8; n++) {
            ds[m][n][2 * half] = ds[m][n][2 * half + 1] = start;
          }
        }
      }
      multiply_transposed<DP, M, KEYS, KEPT>(p, left_q, k);
      multiply_transposed<DP, M, KEYS, KEPT>(ds, left_dO, v);
      mask<M, KEYS>(p, N - tile * KEYS);
#pragma unroll
      for (int m = 0; m < M; m++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const float row_lse = lse[16 * m + i / 2 * 8];
#pragma unroll
          for (int n = 0; n < KEYS / 8; n++) {
            ds[m][n][i] *= exp2_fast(fmaf(scale * LOG2_E, p[m][n][i], -row_lse));
          }
        }
      }
      multiply<DP, M, KEYS>(dq, ds, k);
    }
  }
  const float scales[M][2] = {{scale, scale}, {scale, scale}};
  const HeadRows<bf16> to(dqkv, 3, 0, head, N, H, D);
  q.from(own).template store<M>(
      dq, scales, to.row(first + own), to.stride, N - first - own, D, is_aligned(dqkv, D));
}

// dk = scale sum over queries of ds q, dv = sum over queries of p dout; 16 M keys a warp, 32 queries
// a tile. Keys past N make numbers that nobody stores.
template <int DP, int M, bool KEPT>
__device__ __forceinline__ void backward_keys(
    const bf16* __restrict__ qkv, const bf16* __restrict__ dout, const float* __restrict__ rows_of,
    bf16* __restrict__ dqkv, int N, int NP, int H, int D, float scale) {
  constexpr int QUERIES = 32;
  SHARED(bf16, shared);
  const int rows = 16 * M * (blockDim.x / WARP);
  const int blocks = (N + rows - 1) / rows;
  const int head = blockIdx.x / blocks;
  const int first = blockIdx.x % blocks * rows;
  const int own = 16 * M * warp();
  const HeadRows<const bf16> all(qkv, 3, 0, head, N, H, D), all_dO(dout, 1, 0, head, N, H, D);
  const float* of = rows_of + 2LL * head * NP;
  const bool aligned = is_aligned(qkv, D), dout_aligned = is_aligned(dout, D);
  const Tile<DP> k(shared), v = k.from(rows), tiles = v.from(rows);
  // [2, 2, QUERIES]: lse and delta of a tile's queries
  float* columns = reinterpret_cast<float*>(tiles.from(4 * QUERIES).at);

  auto fetch = [&](int tile) {
    const Tile<DP> to = tiles.from(tile % 2 * 2 * QUERIES);
#pragma unroll 1
    for (int r = threadIdx.x / 8; r < QUERIES; r += blockDim.x / 8) {
      const int query = tile * QUERIES + r;
      to.fetch(r, all.first, query * all.stride, query < N, D, aligned);
      to.fetch(QUERIES + r, all_dO.first, query * all_dO.stride, query < N, D, dout_aligned);
    }
    if (threadIdx.x < 16) {
      const int which = threadIdx.x / 8, four = threadIdx.x % 8 * 4;
      copy_async16(
          columns + (tile % 2 * 2 + which) * QUERIES + four,
          of + (which * NP + tile * QUERIES + four));
    }
    copy_async_commit();
  };

  for (int r = threadIdx.x / 8; r < rows; r += blockDim.x / 8) {
    const int from = (first + r) * all.stride + H * D;
    k.fetch(r, all.first, from, first + r < N, D, aligned);
    v.fetch(r, all.first, from + H * D, first + r < N, D, aligned);
  }
  fetch(0);
  copy_async_wait<0>();
  __syncthreads();
  const Left<DP, M, KEPT> left_k(k.from(own)), left_v(v.from(own));
  float dk[M][DP / 8][4] = {}, dv[M][DP / 8][4] = {};
  for (int tile = 0; tile * QUERIES < N; tile++) {
    if (tile > 0) {
      copy_async_wait<0>();
      __syncthreads();
    }
    if ((tile + 1) * QUERIES < N) {
      fetch(tile + 1);
    }
    if (first + own < N) {
      const Tile<DP> q = tiles.from(tile % 2 * 2 * QUERIES), dO = q.from(QUERIES);
      const float* lse = columns + tile % 2 * 2 * QUERIES + lane() % 4 * 2;
      const float* delta = lse + QUERIES;
      float p[M][QUERIES / 8][4] = {}, ds[M][QUERIES / 8][4] = {};
      multiply_transposed<DP, M, QUERIES, KEPT>(p, left_k, q);
      multiply_transposed<DP, M, QUERIES, KEPT>(ds, left_v, dO);
#pragma unroll
      for (int m = 0; m < M; m++) {
#pragma unroll
        for (int n = 0; n < QUERIES / 8; n++) {
#pragma unroll
          for (int i = 0; i < 4; i++) {
            const int column = 8 * n + i % 2;
            p[m][n][i] = exp2_fast(fmaf(scale * LOG2_E, p[m][n][i], -lse[column]));
            ds[m][n][i] = p[m][n][i] * (ds[m][n][i] - delta[column]);
          }
        }
      }
      multiply<DP, M, QUERIES>(dv, p, dO);
      multiply<DP, M, QUERIES>(dk, ds, q);
    }
  }
  float scales[M][2], ones[M][2];
#pragma unroll
  for (int m = 0; m < M; m++) {
    scales[m][0] = scales[m][1] = scale;
    ones[m][0] = ones[m][1] = 1;
  }
  const int valid = N - first - own;
  const bool to_aligned = is_aligned(dqkv, D);
  const HeadRows<bf16> to(dqkv, 3, 1, head, N, H, D);
  k.from(own).template store<M>(
      dk, scales, to.row(first + own), to.stride, valid, D, to_aligned);
  v.from(own).template store<M>(
      dv, ones, to.row(first + own) + H * D, to.stride, valid, D, to_aligned);
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1000
constexpr bool KEEP_64 = false;  // It would spill there.
#else
constexpr bool KEEP_64 = true;
#endif

// DP: columns; KEPT: whether left operands stay in registers; WARPS of a block at most and blocks that
// a multiprocessor is to hold; each forward (F), for dq (Q), for dk and dv (K); M: of 16 keys a warp.
#define ATTENTION(DP, KEPT_F, WARPS_F, BLOCKS_F, KEPT_Q, WARPS_Q, BLOCKS_Q, M, KEPT_K, WARPS_K, BLOCKS_K) \
  extern "C" __global__ void __launch_bounds__(32 * WARPS_F, BLOCKS_F) attention_forward_bf16_##DP(  \
      const bf16* qkv, bf16* out, float* lse, int N, int H, int D, float scale) {                    \
    forward<DP, KEPT_F>(qkv, out, lse, N, H, D, scale);                                              \
  }                                                                                                  \
  extern "C" __global__ void __launch_bounds__(32 * WARPS_Q, BLOCKS_Q)                               \
      attention_backward_queries_bf16_##DP(                                                          \
          const bf16* qkv, const bf16* dout, const float* rows, bf16* dqkv, int N,  \
          int NP, int H, int D, float scale) {                                                       \
    backward_queries<DP, KEPT_Q>(qkv, dout, rows, dqkv, N, NP, H, D, scale);                  \
  }                                                                                                  \
  extern "C" __global__ void __launch_bounds__(32 * WARPS_K, BLOCKS_K)                               \
      attention_backward_keys_bf16_##DP(                                                             \
          const bf16* qkv, const bf16* dout, const float* rows, bf16* dqkv, int N,  \
          int NP, int H, int D, float scale) {                                                       \
    backward_keys<DP, M, KEPT_K>(qkv, dout, rows, dqkv, N, NP, H, D, scale);                  \
  }

ATTENTION(32, true, 5, 2, true, 5, 2, 2, false, 4, 2)
ATTENTION(64, KEEP_64, 5, 2, false, 5, 2, 2, false, 4, 2)
ATTENTION(80, false, 5, 2, false, 4, 2, 1, true, 4, 2)
ATTENTION(96, false, 4, 2, false, 4, 2, 1, true, 4, 2)
ATTENTION(128, false, 4, 2, false, 4, 2, 1, false, 4, 2)
