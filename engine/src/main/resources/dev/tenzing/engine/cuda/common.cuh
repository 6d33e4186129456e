// What every kernel file shares: element types, sums over a warp and over a block, the shared memory
// of a launch, tensor-core products and asynchronous copies.
//
// No header of the toolkit is used: NVRTC finds none on a machine that has only a driver and
// NVIDIA's run-time libraries. On a machine without a GPU the same sources are compiled by the
// host's C++ compiler; TENZING_EMULATED is defined then, and the functions with inline assembly are
// supplied by the emulation.
#pragma once

constexpr int WARP = 32;
constexpr unsigned ALL_LANES = 0xffffffffu;

// ---- element types

// A bfloat16 in memory: the upper half of a float. Arithmetic is in float.
struct bf16 {
  unsigned short bits;
};

__device__ __forceinline__ float to_float(float x) { return x; }
__device__ __forceinline__ float to_float(bf16 x) {
  return __uint_as_float(static_cast<unsigned>(x.bits) << 16);
}

// To the nearest, ties to even; a NaN stays one.
__device__ __forceinline__ bf16 to_bf16(float x) {
  unsigned bits = __float_as_uint(x);
  unsigned rounded = bits + 0x7fffu + (bits >> 16 & 1u);
  bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return bf16{static_cast<unsigned short>(nan ? bits >> 16 | 0x40u : rounded >> 16)};
}

template <class T>
__device__ __forceinline__ T from_float(float x);
template <>
__device__ __forceinline__ float from_float<float>(float x) {
  return x;
}
template <>
__device__ __forceinline__ bf16 from_float<bf16>(float x) {
  return to_bf16(x);
}

// ---- several neighbouring elements in one access

// N elements, which are moved up to 16 bytes at a time.
template <int N, class T>
struct alignas(N * sizeof(T) < 16 ? N * sizeof(T) : 16) Pack {
  T at[N];
};

// Whether an array begins where a pack may. A view may begin anywhere: kernels ask once, pass the
// answer on to load_pack and store_pack, and compute the same either way.
template <int N, class T>
__device__ __forceinline__ bool packable(const T* p) {
  return reinterpret_cast<unsigned long long>(p) % alignof(Pack<N, T>) == 0;
}

// N elements from p on, of which `left` exist: zeros stand for the others. When `wide`, p begins a
// pack, and all N elements exist or none.
template <int N, class T, class Count>
__device__ __forceinline__ void load_pack(float (&v)[N], const T* p, Count left, bool wide) {
  if (wide) {
    Pack<N, T> pack = {};
    if (left > 0) {
      pack = *reinterpret_cast<const Pack<N, T>*>(p);
    }
#pragma unroll
    for (int k = 0; k < N; k++) {
      v[k] = to_float(pack.at[k]);
    }
  } else {
#pragma unroll
    for (int k = 0; k < N; k++) {
      v[k] = k < left ? to_float(p[k]) : 0.0f;
    }
  }
}

// Writes the first `left` of N elements; `wide` as above.
template <int N, class T, class Count>
__device__ __forceinline__ void store_pack(T* p, const float (&v)[N], Count left, bool wide) {
  if (wide) {
    Pack<N, T> pack;
#pragma unroll
    for (int k = 0; k < N; k++) {
      pack.at[k] = from_float<T>(v[k]);
    }
    if (left > 0) {
      *reinterpret_cast<Pack<N, T>*>(p) = pack;
    }
  } else {
#pragma unroll
    for (int k = 0; k < N; k++) {
      if (k < left) {
        p[k] = from_float<T>(v[k]);
      }
    }
  }
}

// The share of a thread in an array of rows of C when each thread of a one-dimensional launch takes
// one pack of 4 columns: rows begin with a pack of their own.
struct Place {
  long long row;
  int column;
};

__device__ __forceinline__ Place place_of_thread(int C) {
  unsigned long long packs = (static_cast<unsigned>(C) + 3) / 4;
  unsigned long long i = static_cast<unsigned long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  unsigned long long row = i / packs;
  return Place{static_cast<long long>(row), static_cast<int>(i - row * packs) * 4};
}

// ---- random numbers

// Philox 4x32-10 as dev.tenzing.engine.Rng: `v` is the counter and becomes the four draws.
__device__ __forceinline__ void philox(unsigned (&v)[4], unsigned key0, unsigned key1) {
#pragma unroll
  for (int round = 0; round < 10; round++) {
    unsigned long long p0 = 0xD2511F53ull * v[0];
    unsigned long long p1 = 0xCD9E8D57ull * v[2];
    v[0] = static_cast<unsigned>(p1 >> 32) ^ v[1] ^ key0;
    v[1] = static_cast<unsigned>(p1);
    v[2] = static_cast<unsigned>(p0 >> 32) ^ v[3] ^ key1;
    v[3] = static_cast<unsigned>(p0);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

// Draws 4 block .. 4 block + 3 of the stream of a sample at a step.
__device__ __forceinline__ void draws_of(
    unsigned (&draws)[4], long long key, long long step, int sample, int block) {
  draws[0] = static_cast<unsigned>(block);
  draws[1] = static_cast<unsigned>(sample);
  draws[2] = static_cast<unsigned>(step);
  draws[3] = static_cast<unsigned>(step >> 32);
  philox(draws, static_cast<unsigned>(key), static_cast<unsigned>(key >> 32));
}

// Uniform in [0, 1) with 24 random bits.
__device__ __forceinline__ float uniform(unsigned draw) {
  return static_cast<float>(draw >> 8) * 0x1p-24f;
}

// ---- sums and maxima; every order is fixed, so bits do not change from run to run

template <class T>
__device__ __forceinline__ T warp_sum(T x) {
#pragma unroll
  for (int distance = WARP / 2; distance > 0; distance /= 2) {
    x += __shfl_xor_sync(ALL_LANES, x, distance);
  }
  return x;
}

__device__ __forceinline__ float warp_max(float x) {
#pragma unroll
  for (int distance = WARP / 2; distance > 0; distance /= 2) {
    x = fmaxf(x, __shfl_xor_sync(ALL_LANES, x, distance));
  }
  return x;
}

// Sum over a one-dimensional block of THREADS, a multiple of 32; every thread gets it.
template <int THREADS, class T>
__device__ __forceinline__ T block_sum(T x) {
  constexpr int WARPS = THREADS / WARP;
  __shared__ T partial[WARPS];
  x = warp_sum(x);
  __syncthreads();  // The last call's partial sums have been read.
  if (threadIdx.x % WARP == 0) {
    partial[threadIdx.x / WARP] = x;
  }
  __syncthreads();
  T sum = partial[0];
#pragma unroll
  for (int w = 1; w < WARPS; w++) {
    sum += partial[w];
  }
  return sum;
}

template <int THREADS>
__device__ __forceinline__ float block_max(float x) {
  constexpr int WARPS = THREADS / WARP;
  __shared__ float partial[WARPS];
  x = warp_max(x);
  __syncthreads();
  if (threadIdx.x % WARP == 0) {
    partial[threadIdx.x / WARP] = x;
  }
  __syncthreads();
  float most = partial[0];
#pragma unroll
  for (int w = 1; w < WARPS; w++) {
    most = fmaxf(most, partial[w]);
  }
  return most;
}

// ---- what differs between a GPU and its emulation

#ifdef TENZING_EMULATED

// The dynamic shared memory of the launch.
#define SHARED(type, name) type* name = reinterpret_cast<type*>(emulation::dynamic_shared())

__device__ inline unsigned pack_bf16(float low, float high) {
  return static_cast<unsigned>(to_bf16(high).bits) << 16 | to_bf16(low).bits;
}
__device__ inline float exp2_fast(float x) { return exp2f(x); }

__device__ inline void mma_m16n8k16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  emulation::mma_m16n8k16(d, a, b);
}
__device__ inline void ldmatrix_x4(unsigned (&r)[4], const void* row) {
  emulation::ldmatrix_x4(r, row, false);
}
__device__ inline void ldmatrix_x4_trans(unsigned (&r)[4], const void* row) {
  emulation::ldmatrix_x4(r, row, true);
}
__device__ inline void copy_async16(void* shared, const void* global) {
  emulation::copy_async16(shared, global);
}
__device__ inline void copy_async_commit() { emulation::copy_async_commit(); }
template <int PENDING>
__device__ inline void copy_async_wait() {
  emulation::copy_async_wait(PENDING);
}

#else

extern __shared__ __align__(16) unsigned char dynamic_shared_memory[];
#define SHARED(type, name) type* name = reinterpret_cast<type*>(dynamic_shared_memory)

__device__ __forceinline__ unsigned shared_address(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

// Two bf16 in a register, as tensor cores take them, rounded like to_bf16 in one instruction: `low` is
// the first in memory.
__device__ __forceinline__ unsigned pack_bf16(float low, float high) {
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}

// 2^x to 2 units in the last place, results below the normal numbers are 0: one instruction.
__device__ __forceinline__ float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// d[16,8] += a[16,16] b[16,8], bf16 in, float sums. With g = lane / 4 and t = lane % 4, a lane holds
// a = {(g, 2t), (g+8, 2t), (g, 2t+8), (g+8, 2t+8)} with the element to its right each,
// b = {(2t, g), (2t+8, g)} with the element below each, d = {(g, 2t), (g, 2t+1), (g+8, 2t), (g+8, 2t+1)}.
__device__ __forceinline__ void mma_m16n8k16(
    float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// Four 8x8 matrices of 16-bit elements: lanes 8i..8i+7 point at the rows of matrix i, 16 aligned
// bytes of shared memory each. r[i] of lane l is row l / 4, elements 2 (l % 4) and the next.
__device__ __forceinline__ void ldmatrix_x4(unsigned (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}

// The same with each matrix transposed.
__device__ __forceinline__ void ldmatrix_x4_trans(unsigned (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}

// 16 aligned bytes from global to shared memory, without waiting.
__device__ __forceinline__ void copy_async16(void* shared, const void* global) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;"
               :
               : "r"(shared_address(shared)), "l"(global)
               : "memory");
}

// Ends a group of copies.
__device__ __forceinline__ void copy_async_commit() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

// Waits until at most PENDING of this thread's groups are under way; a barrier must follow before
// other threads' copies are read.
template <int PENDING>
__device__ __forceinline__ void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" : : "n"(PENDING) : "memory");
}

#endif
