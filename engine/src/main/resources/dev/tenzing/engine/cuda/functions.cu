// Functions of elements, and of elements along one dimension. Simple kernels: a thread has one
// element of the result, or a block has one sum. What is on the path of a training step is fused
// elsewhere.
#include "common.cuh"

constexpr int THREADS = 256;

__device__ __forceinline__ long long element_of_thread() {
  return static_cast<long long>(blockIdx.x) * THREADS + threadIdx.x;
}

__device__ __forceinline__ void put(float* to, double value, int accumulate) {
  *to = static_cast<float>(accumulate ? *to + value : value);
}

// ---- of one number; numbered as dev.tenzing.engine.kernel.UnaryFunction

enum { EXP, LOG, SQRT, RELU, SIGMOID, GELU };

__device__ __forceinline__ float value(int f, float x) {
  switch (f) {
    case EXP:
      return expf(x);
    case LOG:
      return logf(x);
    case SQRT:
      return sqrtf(x);
    case RELU:
      return x <= 0.0f ? 0.0f : x;
    case SIGMOID:
      return 1.0f / (1.0f + expf(-x));
    default:
      return 0.5f * x * (1.0f + erff(x * 0.70710678f));
  }
}

__device__ __forceinline__ float slope(int f, float x, float y) {
  switch (f) {
    case EXP:
      return y;
    case LOG:
      return 1.0f / x;
    case SQRT:
      return 0.5f / y;
    case RELU:
      return x <= 0.0f ? 0.0f : 1.0f;
    case SIGMOID:
      return y * (1.0f - y);
    default:
      return 0.5f * (1.0f + erff(x * 0.70710678f)) + x * 0.39894228f * expf(-0.5f * x * x);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    unary(int f, const float* x, float* y, long long n) {
  long long i = element_of_thread();
  if (i < n) {
    y[i] = value(f, x[i]);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) unary_backward(
    int f, const float* x, const float* y, const float* dy, float* dx, long long n,
    int accumulate) {
  long long i = element_of_thread();
  if (i < n) {
    put(dx + i, dy[i] * slope(f, x[i], y[i]), accumulate);
  }
}

// ---- of two numbers; numbered as dev.tenzing.engine.kernel.BinaryFunction

enum { ADD, SUB, MUL, DIV };

__device__ __forceinline__ float value(int f, float a, float b) {
  switch (f) {
    case ADD:
      return a + b;
    case SUB:
      return a - b;
    case MUL:
      return a * b;
    default:
      return a / b;
  }
}

__device__ __forceinline__ float slope(int f, int first, float a, float b) {
  switch (f) {
    case ADD:
      return 1.0f;
    case SUB:
      return first ? 1.0f : -1.0f;
    case MUL:
      return first ? b : a;
    default:
      return first ? 1.0f / b : -a / (b * b);
  }
}

// Element i of a result of [outer, middle, inner] takes that of a small operand, [middle].
__device__ __forceinline__ float operand(
    const float* x, long long i, long long middle, long long inner, int small) {
  return x[small ? i / inner % middle : i];
}

extern "C" __global__ void __launch_bounds__(THREADS) binary(
    int f, const float* a, const float* b, float* y, long long n, long long middle,
    long long inner, int small_a, int small_b) {
  long long i = element_of_thread();
  if (i < n) {
    y[i] = value(
        f, operand(a, i, middle, inner, small_a), operand(b, i, middle, inner, small_b));
  }
}

// The gradient of an operand that has all elements.
extern "C" __global__ void __launch_bounds__(THREADS) binary_backward(
    int f, int first, const float* a, const float* b, const float* dy, float* dx, long long n,
    long long middle, long long inner, int small_a, int small_b, int accumulate) {
  long long i = element_of_thread();
  if (i < n) {
    float d = slope(
        f, first, operand(a, i, middle, inner, small_a), operand(b, i, middle, inner, small_b));
    put(dx + i, dy[i] * d, accumulate);
  }
}

// The gradient of a small operand: a block sums up for one of its elements.
extern "C" __global__ void __launch_bounds__(THREADS) binary_backward_small(
    int f, int first, const float* a, const float* b, const float* dy, float* dx, long long outer,
    long long middle, long long inner, int small_a, int small_b, int accumulate) {
  long long m = blockIdx.x;
  double sum = 0.0;
  for (long long k = threadIdx.x; k < outer * inner; k += THREADS) {
    long long i = (k / inner * middle + m) * inner + k % inner;
    float d = slope(
        f, first, operand(a, i, middle, inner, small_a), operand(b, i, middle, inner, small_b));
    sum += static_cast<double>(dy[i]) * d;
  }
  sum = block_sum<THREADS>(sum);
  if (threadIdx.x == 0) {
    put(dx + m, sum, accumulate);
  }
}

// y (+)= condition ? a : b; an absent one is zero.
extern "C" __global__ void __launch_bounds__(THREADS) where(
    const int* condition, const float* a, const float* b, float* y, long long n, int accumulate) {
  long long i = element_of_thread();
  if (i < n) {
    const float* from = condition[i] != 0 ? a : b;
    put(y + i, from == nullptr ? 0.0f : from[i], accumulate);
  }
}

// ---- along a dimension; numbered as dev.tenzing.engine.kernel.ReduceFunction

enum { SUM, MEAN, MAX };

// y[outer, inner] of x[outer, M, inner]; n = outer inner.
extern "C" __global__ void __launch_bounds__(THREADS)
    reduce(int f, const float* x, float* y, long long n, int M, long long inner) {
  long long i = element_of_thread();
  if (i >= n) {
    return;
  }
  const float* from = x + i / inner * M * inner + i % inner;
  if (f == MAX) {
    float most = __uint_as_float(0xff800000u);  // -infinity
    for (int m = 0; m < M; m++) {
      float v = from[m * inner];
      most = v <= most ? most : v;
    }
    y[i] = most;
  } else {
    double sum = 0.0;
    for (int m = 0; m < M; m++) {
      sum += from[m * inner];
    }
    y[i] = static_cast<float>(f == MEAN ? sum / M : sum);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) reduce_backward(
    int f, const float* x, const float* y, const float* dy, float* dx, long long n, int M,
    long long inner, int accumulate) {
  long long i = element_of_thread();
  if (i >= n) {
    return;
  }
  long long first = i / inner * M * inner + i % inner;
  double share = f == MEAN ? static_cast<double>(dy[i]) / M : dy[i];
  bool taken = false;
  for (int m = 0; m < M; m++) {
    long long at = first + m * inner;
    bool takes = f != MAX || (!taken && x[at] == y[i]);
    taken = taken || takes;
    put(dx + at, takes ? share : 0.0, accumulate);
  }
}
