// Which tokens matter: motion importance, sorting, taking some of a ranking.
#include "common.cuh"

// importance[B,T*L] of tokens[B,T*L,C]: the distance to the same place one slot earlier, and slot 0
// takes slot 1's. A warp a distance, elements to lanes by fours; 8 bytes read an element, of which
// the earlier slot's 4 are still in the L2 cache.
extern "C" __global__ void __launch_bounds__(256) motion_importance(
    const float* __restrict__ tokens, float* __restrict__ importance, int B, int T, int L, int C) {
  const int distances = T > 1 ? T - 1 : 1;
  const int lane = threadIdx.x % WARP, warps = blockDim.x / WARP;
  const long long number = static_cast<long long>(blockIdx.x) * warps + threadIdx.x / WARP;
  if (number >= static_cast<long long>(B) * distances * L) {
    return;
  }
  const long long place = number % L, earlier = number / L % distances, b = number / L / distances;
  const long long later = T > 1 ? earlier + 1 : 0;  // A single slot has no distance but to itself.
  const float* x = tokens + ((b * T + later) * L + place) * C;
  const float* y = tokens + ((b * T + earlier) * L + place) * C;
  const bool aligned = packable<4>(x) && packable<4>(y);
  double squares = 0;
  for (long long c = 4 * lane; c < C; c += 4 * WARP) {
    const bool wide = aligned && C - c >= 4;
    float u[4], v[4];
    load_pack(u, x + c, C - c, wide);
    load_pack(v, y + c, C - c, wide);
    const double d0 = static_cast<double>(u[0]) - v[0], d1 = static_cast<double>(u[1]) - v[1];
    const double d2 = static_cast<double>(u[2]) - v[2], d3 = static_cast<double>(u[3]) - v[3];
    squares = fma(d0, d0, fma(d1, d1, fma(d2, d2, fma(d3, d3, squares))));
  }
  squares = warp_sum(squares);
  if (lane == 0) {
    const float distance = static_cast<float>(sqrt(squares));
    importance[(b * T + later) * L + place] = distance;
    if (later == 1) {
      importance[b * T * L + place] = distance;
    }
  }
}

// ---- sorting: a bitonic network (Batcher, 1968) on 64-bit keys. The upper half orders like the
// value and the lower half is its place, so no two are equal and the sort is stable. Rows are padded
// to a power of two, P, with keys above all others. Rows of up to CHUNK keys are sorted in shared
// memory by one block; longer ones lie in scratch, and only exchanges over CHUNK and more go
// through memory.

using Key = unsigned long long;

constexpr int CHUNK = 4096;  // 32 KB; the launcher knows it
constexpr Key PADDING = ~0ull;
constexpr int SORT_THREADS = 1024;

// The place of the first of pair number `pair` among those that are `stride` apart.
__device__ __forceinline__ long long place_of(long long pair, long long stride) {
  return 2 * pair - (pair & (stride - 1));
}

__device__ __forceinline__ void exchange(Key* keys, long long at, long long stride, bool up) {
  const Key a = keys[at], b = keys[at + stride];
  if ((a > b) == up) {
    keys[at] = b;
    keys[at + stride] = a;
  }
}

// Exchanges over stride, stride / 2, .. 1 within `count` keys in shared memory, which are those from
// place `from` of their row on. Ascending where the place has no bit `size`. Pairs up to 32 apart
// belong to the same warp in every step, so only wider steps, and the one after, wait for the block;
// `wide` says that the step before the first was such.
__device__ __forceinline__ void merge(Key* keys, int count, long long from, long long size,
                                      int stride, bool wide) {
  for (; stride > 0; stride /= 2) {
    if (wide || stride > WARP) {
      __syncthreads();
    } else {
      __syncwarp();
    }
    wide = stride > WARP;
    for (int pair = threadIdx.x; pair < count / 2; pair += blockDim.x) {
      const int at = static_cast<int>(place_of(pair, stride));
      exchange(keys, at, stride, ((from + at) & size) == 0);
    }
  }
}

// Sorts the keys; all threads see the result.
__device__ __forceinline__ void sort(Key* keys, int count, long long from) {
  for (int size = 2; size <= count; size *= 2) {
    merge(keys, count, from, size, size / 2, size == 2);
  }
  __syncthreads();
}

// Orders like x; equal for both zeros, and above infinity for a NaN.
__device__ __forceinline__ unsigned ordered(float x, bool descending) {
  const unsigned bits = x == 0 ? 0 : __float_as_uint(x);
  const unsigned key = x != x ? ~0u : (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
  return descending ? ~key : key;
}

__device__ __forceinline__ Key number_key(const float* __restrict__ row, int N, long long j,
                                          bool descending) {
  return j < N ? static_cast<Key>(ordered(row[j], descending)) << 32 | j : PADDING;
}

// Of ids[N] at perm[j]; what is not in 0..N-1 reads nothing and becomes -1, which no kernel takes
// for an index either.
__device__ __forceinline__ Key id_key(const int* __restrict__ ids, int N,
                                      const int* __restrict__ perm, int count, long long j) {
  if (j >= count) {
    return PADDING;
  }
  const int place = perm[j];
  const int id = place >= 0 && place < N ? ids[place] : -1;
  return static_cast<Key>(static_cast<unsigned>(id) ^ 0x80000000u) << 32 | j;
}

__device__ __forceinline__ int id_of(Key key) {
  return static_cast<int>(static_cast<unsigned>(key >> 32) ^ 0x80000000u);
}

// order[M,N] of keys[M,N], a block a row of at most CHUNK; shared memory for P keys.
extern "C" __global__ void __launch_bounds__(SORT_THREADS) argsort_rows(
    const float* __restrict__ keys, int* __restrict__ order, int N, int P, int descending) {
  SHARED(Key, row);
  const long long first = static_cast<long long>(blockIdx.x) * N;
  for (int j = threadIdx.x; j < P; j += blockDim.x) {
    row[j] = number_key(keys + first, N, j, descending);
  }
  sort(row, P, 0);
  for (int j = threadIdx.x; j < N; j += blockDim.x) {
    order[first + j] = static_cast<int>(row[j]);
  }
}

// y[M,count]: ids[M,N] at perm[M,K] from a column on, sorted; a block a row.
extern "C" __global__ void __launch_bounds__(SORT_THREADS) take_sorted_rows(
    const int* __restrict__ ids, int N, const int* __restrict__ perm, int K, int* __restrict__ y,
    int from, int count, int P) {
  SHARED(Key, row);
  const long long m = blockIdx.x;
  for (int j = threadIdx.x; j < P; j += blockDim.x) {
    row[j] = id_key(ids + m * N, N, perm + m * K + from, count, j);
  }
  sort(row, P, 0);
  for (int j = threadIdx.x; j < count; j += blockDim.x) {
    y[m * count + j] = id_of(row[j]);
  }
}

// ---- long rows: scratch[M,P]

extern "C" __global__ void __launch_bounds__(256) argsort_load(
    const float* __restrict__ keys, Key* __restrict__ scratch, int N, long long P,
    int descending) {
  const long long m = blockIdx.y, j = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  scratch[m * P + j] = number_key(keys + m * N, N, j, descending);
}

extern "C" __global__ void __launch_bounds__(256) argsort_store(
    const Key* __restrict__ scratch, int* __restrict__ order, int N, long long P) {
  const long long m = blockIdx.y, j = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (j < N) {
    order[m * N + j] = static_cast<int>(scratch[m * P + j]);
  }
}

extern "C" __global__ void __launch_bounds__(256) take_sorted_load(
    const int* __restrict__ ids, int N, const int* __restrict__ perm, int K,
    Key* __restrict__ scratch, int from, int count, long long P) {
  const long long m = blockIdx.y, j = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  scratch[m * P + j] = id_key(ids + m * N, N, perm + m * K + from, count, j);
}

extern "C" __global__ void __launch_bounds__(256) take_sorted_store(
    const Key* __restrict__ scratch, int* __restrict__ y, int count, long long P) {
  const long long m = blockIdx.y, j = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (j < count) {
    y[m * count + j] = id_of(scratch[m * P + j]);
  }
}

// Sorts each CHUNK of rows of P; with `size` above CHUNK, exchanges within each chunk only.
extern "C" __global__ void __launch_bounds__(SORT_THREADS) sort_chunks(
    Key* __restrict__ scratch, long long P, long long size) {
  SHARED(Key, chunk);
  const long long first = static_cast<long long>(blockIdx.x) * CHUNK;
  for (int j = threadIdx.x; j < CHUNK; j += blockDim.x) {
    chunk[j] = scratch[first + j];
  }
  if (size > CHUNK) {
    merge(chunk, CHUNK, first & (P - 1), size, CHUNK / 2, true);
    __syncthreads();
  } else {
    sort(chunk, CHUNK, first & (P - 1));
  }
  for (int j = threadIdx.x; j < CHUNK; j += blockDim.x) {
    scratch[first + j] = chunk[j];
  }
}

// One step of the network for pairs of rows of P that are `stride`, CHUNK or more, apart.
extern "C" __global__ void __launch_bounds__(256) sort_step(
    Key* __restrict__ scratch, long long P, long long size, long long stride) {
  const long long pair = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const long long at = place_of(pair, stride);
  exchange(scratch, at, stride, (at & (P - 1) & size) == 0);
}
