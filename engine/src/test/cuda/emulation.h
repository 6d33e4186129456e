// CUDA C++ on a host: enough of the language and of its built-in functions to compile the kernels
// with the host's compiler and run them one block at a time. A block's threads are coroutines on one
// thread of the host, which makes every run the same and lets barriers and warp operations check that
// all who must arrive do. Threads take turns in an order that changes from launch to launch, so that
// a barrier that is missing shows.
#pragma once
#define TENZING_EMULATED 1

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <sys/mman.h>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

// ---- the language

#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __shared__ static
#define __constant__ static
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

struct Index3 {
  unsigned x = 1, y = 1, z = 1;
};

inline Index3 threadIdx, blockIdx, blockDim, gridDim;
constexpr int warpSize = 32;

template <class T, int N, int ALIGNMENT>
struct alignas(ALIGNMENT) Vector;
template <class T, int ALIGNMENT>
struct alignas(ALIGNMENT) Vector<T, 2, ALIGNMENT> {
  T x, y;
};
template <class T, int ALIGNMENT>
struct alignas(ALIGNMENT) Vector<T, 4, ALIGNMENT> {
  T x, y, z, w;
};
using float2 = Vector<float, 2, 8>;
using float4 = Vector<float, 4, 16>;
using int2 = Vector<int, 2, 8>;
using int4 = Vector<int, 4, 16>;
using uint2 = Vector<unsigned, 2, 8>;
using uint4 = Vector<unsigned, 4, 16>;
using double2 = Vector<double, 2, 16>;
using uchar4 = Vector<unsigned char, 4, 4>;
using ushort4 = Vector<unsigned short, 4, 8>;
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) {
  return {x, y, z, w};
}

// ---- threads

namespace emulation {

constexpr int LANES = 32;
constexpr int MAX_THREADS = 1024;
constexpr size_t STACK_BYTES = 256 * 1024;
constexpr size_t SLOT_BYTES = 64;

enum class State { READY, AT_BLOCK_BARRIER, AT_WARP_BARRIER, DONE };

[[noreturn]] inline void fail(const char* what) {
  fprintf(stderr, "emulated kernel: %s, block (%u, %u, %u) thread (%u, %u, %u)\n", what, blockIdx.x,
          blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z);
  abort();
}

#if defined(__x86_64__)

// Saves what a call must preserve, changes stacks, and returns on the other one.
struct Context {
  void* stack_pointer;
};

extern "C" void tenzing_switch(Context* from, Context* to);
asm(R"(
.text
.local tenzing_switch
.type tenzing_switch, @function
tenzing_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq (%rsi), %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");

inline void prepare(Context& context, char* stack, void (*entry)()) {
  void** top = reinterpret_cast<void**>(stack + STACK_BYTES);
  *--top = nullptr;  // Keeps the stack aligned as after a call.
  *--top = reinterpret_cast<void*>(entry);
  for (int i = 0; i < 6; i++) {
    *--top = nullptr;
  }
  context.stack_pointer = top;
}

inline void change(Context& from, Context& to) { tenzing_switch(&from, &to); }

#else

struct Context {
  ucontext_t context;
};

inline void prepare(Context& context, char* stack, void (*entry)()) {
  getcontext(&context.context);
  context.context.uc_stack.ss_sp = stack;
  context.context.uc_stack.ss_size = STACK_BYTES;
  context.context.uc_link = nullptr;
  makecontext(&context.context, entry, 0);
}

inline void change(Context& from, Context& to) { swapcontext(&from.context, &to.context); }

#endif

struct Thread {
  Context context;
  State state;
  Index3 index;
  int number;
  int warp_turn;  // Which of the two exchange buffers its next warp operation uses.
};

struct Warp {
  int live;
  int waiting;
  alignas(16) unsigned char slots[2][LANES][SLOT_BYTES];
};

struct Copy {
  void* target;
  unsigned char bytes[16];
  int group;
};

// One block at a time.
struct Block {
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::vector<std::deque<Copy>> copies;
  std::vector<int> groups;
  Context scheduler;
  Thread* running = nullptr;
  int live = 0;
  int at_barrier = 0;
  std::vector<unsigned char> shared;
  char* stacks = nullptr;
  void (*call)(void*) = nullptr;
  void* arguments = nullptr;
};

inline Block block;

inline void yield(State state) {
  Thread& self = *block.running;
  self.state = state;
  change(self.context, block.scheduler);
  threadIdx = self.index;
}

inline void release_block() {
  if (block.live > 0 && block.at_barrier == block.live) {
    block.at_barrier = 0;
    for (Thread& thread : block.threads) {
      if (thread.state == State::AT_BLOCK_BARRIER) {
        thread.state = State::READY;
      }
    }
  }
}

inline void block_barrier() {
  block.at_barrier++;
  block.running->state = State::AT_BLOCK_BARRIER;
  release_block();
  yield(block.running->state);
}

inline Warp& warp() { return block.warps[block.running->number / LANES]; }

inline void warp_barrier() {
  Warp& own = warp();
  int first = block.running->number / LANES * LANES;
  if (++own.waiting == own.live) {
    own.waiting = 0;
    for (int t = first; t < std::min<int>(first + LANES, block.threads.size()); t++) {
      if (block.threads[t].state == State::AT_WARP_BARRIER) {
        block.threads[t].state = State::READY;
      }
    }
    return;
  }
  yield(State::AT_WARP_BARRIER);
}

inline void check_mask(unsigned mask) {
  if (mask != 0xffffffffu) {
    fail("a warp operation without all lanes");
  }
  if (warp().live != LANES) {
    fail("a warp operation after lanes of the warp have ended");
  }
}

// Every lane gives a value and sees those of all; valid until the lane's next exchange.
template <class T>
const unsigned char (*exchange(const T& value))[SLOT_BYTES] {
  static_assert(sizeof(T) <= SLOT_BYTES);
  Warp& own = warp();
  Thread& self = *block.running;
  int turn = self.warp_turn ^= 1;
  memcpy(own.slots[turn][self.number % LANES], &value, sizeof(T));
  warp_barrier();
  return own.slots[turn];
}

template <class T>
T from_lane(const unsigned char (*slots)[SLOT_BYTES], int lane) {
  T value;
  memcpy(&value, slots[lane], sizeof(T));
  return value;
}

inline unsigned char* dynamic_shared() { return block.shared.data(); }

// Where threads begin.
inline void entry() {
  threadIdx = block.running->index;
  block.call(block.arguments);
  Thread& self = *block.running;
  if (!block.copies[self.number].empty()) {
    fail("ends with asynchronous copies that nobody waited for");
  }
  block.live--;
  Warp& own = warp();
  own.live--;
  if (own.live > 0 && own.waiting == own.live) {
    fail("ends while the rest of its warp waits for it");
  }
  self.state = State::DONE;
  release_block();
  change(self.context, block.scheduler);
  abort();
}

inline void run_block(int threads, unsigned order) {
  block.live = threads;
  block.at_barrier = 0;
  block.threads.resize(threads);
  block.warps.assign((threads + LANES - 1) / LANES, Warp{});
  block.copies.assign(threads, {});
  block.groups.assign(threads, 0);
  // What a kernel reads before it writes shall not look right by chance.
  std::fill(block.shared.begin(), block.shared.end(), 0xff);
  for (int t = 0; t < threads; t++) {
    Thread& thread = block.threads[t];
    thread.state = State::READY;
    thread.number = t;
    thread.warp_turn = 0;
    thread.index = {t % blockDim.x, t / blockDim.x % blockDim.y, t / (blockDim.x * blockDim.y)};
    block.warps[t / LANES].live++;
    prepare(thread.context, block.stacks + t * STACK_BYTES, entry);
  }
  while (block.live > 0) {
    bool moved = false;
    for (int i = 0; i < threads; i++) {
      int t = order % 2 == 0 ? i : threads - 1 - i;
      Thread& thread = block.threads[(t + order / 2) % threads];
      while (thread.state == State::READY) {
        moved = true;
        block.running = &thread;
        change(block.scheduler, thread.context);
      }
    }
    if (!moved) {
      fail("waits at a barrier that not all of its threads reach");
    }
  }
}

// ---- launches

template <class F>
struct Caller;
template <class... A>
struct Caller<void (*)(A...)> {
  template <size_t... I>
  static void call(void (*function)(A...), void** arguments, std::index_sequence<I...>) {
    function(*static_cast<std::remove_cv_t<A>*>(arguments[I])...);
  }
  static void call(void (*function)(A...), void** arguments) {
    call(function, arguments, std::index_sequence_for<A...>());
  }
  static std::vector<int> sizes() { return {static_cast<int>(sizeof(A))...}; }
};

// ---- warp operations

template <class T>
T shuffle(unsigned mask, T value, int lane) {
  check_mask(mask);
  return from_lane<T>(exchange(value), lane & (LANES - 1));
}

inline int lane() { return block.running->number % LANES; }

struct Halves {
  unsigned a[4];
  unsigned b[2];
};

inline float half_to_float(unsigned pair, int which) {
  unsigned bits = (which ? pair >> 16 : pair & 0xffffu) << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

inline void mma_m16n8k16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  check_mask(0xffffffffu);
  Halves mine;
  memcpy(mine.a, a, sizeof(a));
  memcpy(mine.b, b, sizeof(b));
  const auto* slots = exchange(mine);
  int g = lane() / 4, t = lane() % 4;
  float sums[4] = {d[0], d[1], d[2], d[3]};
  for (int k = 0; k < 16; k++) {
    for (int i = 0; i < 4; i++) {
      int column = 2 * t + i % 2;
      Halves row = from_lane<Halves>(slots, g * 4 + k % 8 / 2);
      Halves col = from_lane<Halves>(slots, column * 4 + k % 8 / 2);
      unsigned x = row.a[(k >= 8 ? 2 : 0) + (i >= 2 ? 1 : 0)];
      unsigned y = col.b[k >= 8 ? 1 : 0];
      sums[i] += half_to_float(x, k % 2) * half_to_float(y, k % 2);
    }
  }
  for (int i = 0; i < 4; i++) {
    d[i] = sums[i];
  }
}

inline void ldmatrix_x4(unsigned (&r)[4], const void* row, bool transposed) {
  check_mask(0xffffffffu);
  if (reinterpret_cast<uintptr_t>(row) % 16 != 0) {
    fail("ldmatrix of a row that is not aligned to 16 bytes");
  }
  const auto* slots = exchange(row);
  for (int m = 0; m < 4; m++) {
    unsigned short pair[2];
    for (int i = 0; i < 2; i++) {
      int y = transposed ? lane() % 4 * 2 + i : lane() / 4;
      int x = transposed ? lane() / 4 : lane() % 4 * 2 + i;
      pair[i] = from_lane<const unsigned short*>(slots, 8 * m + y)[x];
    }
    r[m] = pair[0] | static_cast<unsigned>(pair[1]) << 16;
  }
  warp_barrier();  // Nobody may overwrite a row before all have read it.
}

// The bytes arrive when the group is waited for, no sooner.
inline void copy_async16(void* shared, const void* global) {
  uintptr_t both = reinterpret_cast<uintptr_t>(shared) | reinterpret_cast<uintptr_t>(global);
  if (both % 16 != 0) {
    fail("an asynchronous copy that is not aligned to 16 bytes");
  }
  int t = block.running->number;
  Copy copy{shared, {}, block.groups[t]};
  memcpy(copy.bytes, global, 16);
  block.copies[t].push_back(copy);
}

inline void copy_async_commit() { block.groups[block.running->number]++; }

inline void copy_async_wait(int pending) {
  int t = block.running->number;
  auto& copies = block.copies[t];
  while (!copies.empty() && copies.front().group < block.groups[t] - pending) {
    memcpy(copies.front().target, copies.front().bytes, 16);
    copies.pop_front();
  }
}

}  // namespace emulation

// ---- built-in functions

inline void __syncthreads() { emulation::block_barrier(); }
inline void __syncwarp(unsigned mask = 0xffffffffu) {
  emulation::check_mask(mask);
  emulation::warp_barrier();
}
template <class T>
T __shfl_sync(unsigned mask, T value, int lane) {
  return emulation::shuffle(mask, value, lane);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int distance) {
  return emulation::shuffle(mask, value, emulation::lane() ^ distance);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, int distance) {
  int from = emulation::lane() + distance;
  return emulation::shuffle(mask, value, from < 32 ? from : emulation::lane());
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, int distance) {
  int from = emulation::lane() - distance;
  return emulation::shuffle(mask, value, from >= 0 ? from : emulation::lane());
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  emulation::check_mask(mask);
  const auto* slots = emulation::exchange(predicate != 0 ? 1 : 0);
  unsigned votes = 0;
  for (int lane = 0; lane < 32; lane++) {
    votes |= static_cast<unsigned>(emulation::from_lane<int>(slots, lane)) << lane;
  }
  return votes;
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) {
  return __ballot_sync(mask, predicate) == 0xffffffffu;
}
inline int __syncthreads_or(int predicate) {
  static int any;
  __syncthreads();
  any = 0;
  __syncthreads();
  any |= predicate != 0;
  __syncthreads();
  return any;
}
inline int __syncthreads_and(int predicate) { return !__syncthreads_or(!predicate); }
inline int __syncthreads_count(int predicate) {
  static int count;
  __syncthreads();
  count = 0;
  __syncthreads();
  count += predicate != 0;
  __syncthreads();
  return count;
}
inline void __threadfence() {}
inline void __threadfence_block() {}
[[noreturn]] inline void __trap() { emulation::fail("traps"); }

template <class To, class From>
To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof(To));
  return to;
}
inline unsigned __float_as_uint(float x) { return bits_as<unsigned>(x); }
inline int __float_as_int(float x) { return bits_as<int>(x); }
inline float __uint_as_float(unsigned x) { return bits_as<float>(x); }
inline float __int_as_float(int x) { return bits_as<float>(x); }
inline long long __double_as_longlong(double x) { return bits_as<long long>(x); }
inline double __longlong_as_double(long long x) { return bits_as<double>(x); }
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32);
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clzll(long long x) {
  return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x));
}
template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldcs(const T* p) {
  return *p;
}
template <class T>
void __stcs(T* p, T value) {
  *p = value;
}

inline float rsqrtf(float x) { return 1 / sqrtf(x); }
inline double rsqrt(double x) { return 1 / sqrt(x); }
// glibc declares these two as well, and as such that throw nothing.
inline float __expf(float x) noexcept { return expf(x); }
inline float __logf(float x) noexcept { return logf(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fmul_rn(float a, float b) {
  volatile float product = a * b;
  return product;
}
inline float __fadd_rn(float a, float b) {
  volatile float sum = a + b;
  return sum;
}
inline float __fsub_rn(float a, float b) {
  volatile float difference = a - b;
  return difference;
}
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline double __dmul_rn(double a, double b) {
  volatile double product = a * b;
  return product;
}
inline double __dadd_rn(double a, double b) {
  volatile double sum = a + b;
  return sum;
}

#define TENZING_MIN_MAX(T)                          \
  inline T min(T a, T b) { return b < a ? b : a; }  \
  inline T max(T a, T b) { return a < b ? b : a; }
TENZING_MIN_MAX(int)
TENZING_MIN_MAX(unsigned)
TENZING_MIN_MAX(long)
TENZING_MIN_MAX(long long)
TENZING_MIN_MAX(unsigned long long)
#undef TENZING_MIN_MAX
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

template <class T>
T atomicAdd(T* at, T value) {
  T old = *at;
  *at = old + value;
  return old;
}
template <class T>
T atomicMax(T* at, T value) {
  T old = *at;
  *at = old < value ? value : old;
  return old;
}
template <class T>
T atomicMin(T* at, T value) {
  T old = *at;
  *at = value < old ? value : old;
  return old;
}
template <class T>
T atomicOr(T* at, T value) {
  T old = *at;
  *at = old | value;
  return old;
}
template <class T>
T atomicExch(T* at, T value) {
  T old = *at;
  *at = value;
  return old;
}
template <class T>
T atomicCAS(T* at, T expected, T value) {
  T old = *at;
  if (old == expected) {
    *at = value;
  }
  return old;
}

// ---- what the stand-in for the driver calls

namespace emulation {

struct Registered {
  std::string name;
  void (*call)(const void*, void**);
  const void* function;
  std::vector<int> sizes;
};

inline std::vector<Registered>& registered() {
  static std::vector<Registered> all;
  return all;
}

template <class... A>
struct Register {
  Register(const char* name, void (*function)(A...)) {
    registered().push_back(
        {name,
         [](const void* f, void** arguments) {
           auto* typed = reinterpret_cast<void (*)(A...)>(const_cast<void*>(f));
           Caller<void (*)(A...)>::call(typed, arguments);
         },
         reinterpret_cast<const void*>(function),
         Caller<void (*)(A...)>::sizes()});
  }
};

struct Invocation {
  const Registered* kernel;
  void** arguments;
};

}  // namespace emulation

// The number of a kernel, or -1.
extern "C" inline __attribute__((used, visibility("default"))) int tenzing_find(const char* name) {
  auto& all = emulation::registered();
  for (size_t i = 0; i < all.size(); i++) {
    if (all[i].name == name) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

// How many arguments a kernel takes; their sizes in bytes are written to `sizes`.
extern "C" inline __attribute__((used, visibility("default"))) int tenzing_arguments(
    int kernel, int* sizes) {
  auto& of = emulation::registered()[kernel].sizes;
  std::copy(of.begin(), of.end(), sizes);
  return static_cast<int>(of.size());
}

extern "C" inline __attribute__((used, visibility("default"))) void tenzing_launch(
    int kernel, const unsigned grid[3], const unsigned block_size[3], unsigned shared_bytes,
    void** arguments) {
  using namespace emulation;
  static unsigned launches = 0;
  Invocation invocation{&registered()[kernel], arguments};
  int threads = static_cast<int>(block_size[0] * block_size[1] * block_size[2]);
  if (block.stacks == nullptr) {
    block.stacks = static_cast<char*>(
        mmap(nullptr, MAX_THREADS * STACK_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  }
  block.shared.resize(shared_bytes);
  block.call = [](void* p) {
    auto* i = static_cast<Invocation*>(p);
    i->kernel->call(i->kernel->function, i->arguments);
  };
  block.arguments = &invocation;
  gridDim = {grid[0], grid[1], grid[2]};
  blockDim = {block_size[0], block_size[1], block_size[2]};
  unsigned order = launches++;
  for (unsigned z = 0; z < grid[2]; z++) {
    for (unsigned y = 0; y < grid[1]; y++) {
      for (unsigned x = 0; x < grid[0]; x++) {
        blockIdx = {x, y, z};
        run_block(threads, order);
      }
    }
  }
}
