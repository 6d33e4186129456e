// Moving token rows: gather and its gradient, adding table rows, strided copies.
//
// The host does not see the indices. One that is out of range reads and writes nothing: what it was
// to pick becomes NaN, so that it shows in whatever is computed from it.
#include "common.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / WARP;

// ---- gather

// y[b, m, :] = x[b, index[b, m], :]; rows = B M.
template <class T>
__device__ __forceinline__ void gather(
    const T* x, const int* index, T* y, long long rows, int N, int M, int C) {
  Place at = place_of_thread(C);
  if (at.row >= rows) {
    return;
  }
  int left = C - at.column;
  bool wide = C % 4 == 0 && packable<4>(x) && packable<4>(y);
  int n = index[at.row];
  float nan = __uint_as_float(0x7fc00000u);
  float v[4] = {nan, nan, nan, nan};
  if (n >= 0 && n < N) {
    load_pack(v, x + (at.row / M * N + n) * C + at.column, left, wide);
  }
  store_pack(y + at.row * C + at.column, v, left, wide);
}

// Each token's first and last place in its sample's indices: M and -1 before they are looked at.
extern "C" __global__ void __launch_bounds__(THREADS)
    gather_places_clear(int* first, int* last, long long tokens, int M) {
  long long i = static_cast<long long>(blockIdx.x) * THREADS + threadIdx.x;
  if (i < tokens) {
    first[i] = M;
    last[i] = -1;
  }
}

// The least and the greatest do not depend on the order of the atomic operations.
extern "C" __global__ void __launch_bounds__(THREADS) gather_places(
    const int* index, int* first, int* last, long long rows, int N, int M) {
  long long i = static_cast<long long>(blockIdx.x) * THREADS + threadIdx.x;
  if (i >= rows) {
    return;
  }
  int n = index[i];
  long long b = i / M;
  int m = static_cast<int>(i - b * M);
  if (n >= 0 && n < N) {
    atomicMin(first + b * N + n, m);
    atomicMax(last + b * N + n, m);
  }
}

// dx[b, n, :] (+)= sum of dy[b, m, :] over the m with index[b, m] = n, in their order. A warp a row
// of dx: it knows from `first` and `last` whether no row of dy belongs to it, one, or whether it has
// to look through the indices between.
template <class T>
__device__ __forceinline__ void gather_backward(
    const T* dy, const int* index, const int* first, const int* last, T* dx, long long tokens,
    int N, int M, int C, int accumulate) {
  long long row = static_cast<long long>(blockIdx.x) * WARPS + threadIdx.x / WARP;
  if (row >= tokens) {
    return;
  }
  int lane = threadIdx.x % WARP;
  int from = first[row], to = last[row];
  if (accumulate && from > to) {
    return;
  }
  long long b = row / N;
  int n = static_cast<int>(row - b * N);
  bool wide = C % 4 == 0 && packable<4>(dy) && packable<4>(dx);
  const int* indices = index + b * M;
  const T* rows = dy + b * M * C;
  for (int base = 0; base < C; base += 4 * WARP) {
    int c = base + 4 * lane;
    float sum[4] = {}, v[4];
    if (from == to) {
      load_pack(sum, rows + static_cast<long long>(from) * C + c, C - c, wide);
    } else {
      for (int m = from; m <= to; m += WARP) {
        bool mine = m + lane <= to && indices[m + lane] == n;
        for (unsigned found = __ballot_sync(ALL_LANES, mine); found != 0; found &= found - 1) {
          long long source = m + __ffs(found) - 1;
          load_pack(v, rows + source * C + c, C - c, wide);
#pragma unroll
          for (int k = 0; k < 4; k++) {
            sum[k] += v[k];
          }
        }
      }
    }
    if (accumulate) {
      load_pack(v, dx + row * C + c, C - c, wide);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        sum[k] += v[k];
      }
    }
    store_pack(dx + row * C + c, sum, C - c, wide);
  }
}

#define GATHER(TYPE, T)                                                                           \
  extern "C" __global__ void __launch_bounds__(THREADS) gather_tokens_##TYPE(                     \
      const T* x, const int* index, T* y, long long rows, int N, int M, int C) {                  \
    gather(x, index, y, rows, N, M, C);                                                           \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(THREADS) gather_tokens_backward_##TYPE(            \
      const T* dy, const int* index, const int* first, const int* last, T* dx, long long tokens,  \
      int N, int M, int C, int accumulate) {                                                      \
    gather_backward(dy, index, first, last, dx, tokens, N, M, C, accumulate);                     \
  }
GATHER(f32, float)
GATHER(bf16, bf16)

// ---- adding table rows

// y[b, m, :] = x[b, m, :] + table[index[b, m], :] for table[N, C], without an index row m of the table;
// rows = B M.
// With an x_stride of 0 every row reads the same x[C]; y may be x.
extern "C" __global__ void __launch_bounds__(THREADS) add_rows(
    const float* x, int x_stride, const float* table, const int* index, float* y, long long rows,
    int N, int M, int C) {
  Place at = place_of_thread(C);
  if (at.row >= rows) {
    return;
  }
  int left = C - at.column;
  bool wide = C % 4 == 0 && packable<4>(x) && packable<4>(table) && packable<4>(y);
  long long place = index == nullptr ? at.row % M : index[at.row];
  float nan = __uint_as_float(0x7fc00000u);
  float v[4], t[4] = {nan, nan, nan, nan};
  load_pack(v, x + at.row * x_stride + at.column, left, wide);
  if (place >= 0 && place < N) {
    load_pack(t, table + place * C + at.column, left, wide);
  }
#pragma unroll
  for (int k = 0; k < 4; k++) {
    v[k] += t[k];
  }
  store_pack(y + at.row * C + at.column, v, left, wide);
}

// ---- strided copies

// `rows` rows of `width` units; strides in units.
template <class Unit>
__device__ __forceinline__ void copy_rows(
    const Unit* source, long long source_stride, Unit* target, long long target_stride,
    long long rows, long long width) {
  unsigned long long i = static_cast<unsigned long long>(blockIdx.x) * THREADS + threadIdx.x;
  unsigned long long row = i / static_cast<unsigned long long>(width);
  long long at = static_cast<long long>(i - row * width);
  if (static_cast<long long>(row) < rows) {
    target[static_cast<long long>(row) * target_stride + at] =
        source[static_cast<long long>(row) * source_stride + at];
  }
}

#define COPY_ROWS(NAME, UNIT)                                                                     \
  extern "C" __global__ void __launch_bounds__(THREADS) NAME(                                     \
      const UNIT* source, long long source_stride, UNIT* target, long long target_stride,         \
      long long rows, long long width) {                                                          \
    copy_rows(source, source_stride, target, target_stride, rows, width);                         \
  }
COPY_ROWS(copy_rows_16, uint4)
COPY_ROWS(copy_rows_4, unsigned)
COPY_ROWS(copy_rows_1, unsigned char)
