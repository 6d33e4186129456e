// The norm of all gradients, and AdamW (Loshchilov & Hutter, 2019), each in one launch for all arrays
// of a model. Arrays are cut into chunks of CHUNK elements and a block takes one, so that every
// block but each array's last does the same work; the last column of the table says where an array's
// chunks end.
#include "common.cuh"

constexpr int THREADS = 256;
constexpr int CHUNK = 8192;  // the launcher knows it

// The array that a chunk belongs to: as many as end before it. All threads of the block take part.
template <class Entry>
__device__ __forceinline__ int array_of(
    const Entry* __restrict__ table, int arrays, long long chunk) {
  int before = 0;
  for (int first = 0; first < arrays; first += THREADS) {
    const int i = first + static_cast<int>(threadIdx.x);
    before += __syncthreads_count(i < arrays && table[i].end <= chunk);
  }
  return before;
}

// The chunk's first element in its array.
template <class Entry>
__device__ __forceinline__ long long first_of(const Entry* __restrict__ table, int array,
                                              long long chunk) {
  return (chunk - (array == 0 ? 0 : table[array - 1].end)) * CHUNK;
}

struct Summand {
  const float* x;
  long long n;
  long long end;  // number of chunks of this array and those before it
};

// partial[i] = sum of squares of chunk i, in double. Four bytes read an element.
extern "C" __global__ void __launch_bounds__(THREADS) sum_squares(
    const Summand* __restrict__ table, int arrays, double* __restrict__ partial) {
  const int array = array_of(table, arrays, blockIdx.x);
  const long long first = first_of(table, array, blockIdx.x);
  const float* x = table[array].x + first;
  const int count = static_cast<int>(min(static_cast<long long>(CHUNK), table[array].n - first));
  const bool whole = aligned16(x);
  double sum = 0;
  for (int i = 4 * threadIdx.x; i < count; i += 4 * THREADS) {
    const float4 u = load_four(x + i, count - i, whole);
    const double a = u.x, b = u.y, c = u.z, d = u.w;
    sum = fma(a, a, fma(b, b, fma(c, c, fma(d, d, sum))));
  }
  sum = block_sum<THREADS>(sum);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = sum;
  }
}

constexpr int TOTAL_THREADS = 1024;

// norm = sqrt of the sum of n partial sums, by one block.
extern "C" __global__ void __launch_bounds__(TOTAL_THREADS) total_norm(
    const double* __restrict__ partial, long long n, float* __restrict__ norm) {
  double sum = 0;
  for (long long i = threadIdx.x; i < n; i += TOTAL_THREADS) {
    sum += partial[i];
  }
  sum = block_sum<TOTAL_THREADS>(sum);
  if (threadIdx.x == 0) {
    *norm = static_cast<float>(sqrt(sum));
  }
}

struct Parameter {
  float* p;
  const float* g;
  float* m;
  float* v;
  long long n;
  long long end;    // number of chunks of this array and those before it
  float decay;      // lr * weight decay
  float rate;       // lr / (1 - beta1^t)
  float rootScale;  // 1 / sqrt(1 - beta2^t)
  float unused;
};

struct Rule {
  float clip, beta1, rest1, beta2, rest2, eps;

  // The decay is taken off p together with the step: p (1 - decay) with 1 - decay in float would
  // have lost most of its digits.
  __device__ __forceinline__ void update(
      const Parameter& array, float& p, float g, float& m, float& v) const {
    g *= clip;
    m = fmaf(rest1, g, beta1 * m);
    v = fmaf(rest2 * g, g, beta2 * v);
    const float divisor = fmaf(sqrtf(v), array.rootScale, eps);
    p -= fmaf(array.decay, p, array.rate * m / divisor);
  }
};

// Sixteen bytes read and twelve written an element. The norm of all gradients stays on the device.
extern "C" __global__ void __launch_bounds__(THREADS) adam_w(
    const Parameter* __restrict__ table, int arrays, float beta1, float rest1, float beta2,
    float rest2, float eps, const float* __restrict__ norm, double maxNorm) {
  const int number = array_of(table, arrays, blockIdx.x);
  const Parameter array = table[number];
  const long long first = first_of(table, number, blockIdx.x);
  const int count = static_cast<int>(min(static_cast<long long>(CHUNK), array.n - first));
  Rule rule{1, beta1, rest1, beta2, rest2, eps};
  if (maxNorm > 0) {
    const double clip = maxNorm / (*norm + 1e-6);
    rule.clip = clip > 1 ? 1 : static_cast<float>(clip);  // A NaN has to show.
  }
  float* p = array.p + first;
  const float* g = array.g + first;
  float* m = array.m + first;
  float* v = array.v + first;
  const bool whole = aligned16(p) && aligned16(g) && aligned16(m) && aligned16(v);
  for (int i = 4 * threadIdx.x; i < count; i += 4 * THREADS) {
    const int left = count - i;
    float4 p4 = load_four(p + i, left, whole), m4 = load_four(m + i, left, whole);
    float4 v4 = load_four(v + i, left, whole);
    const float4 g4 = load_four(g + i, left, whole);
    rule.update(array, p4.x, g4.x, m4.x, v4.x);
    rule.update(array, p4.y, g4.y, m4.y, v4.y);
    rule.update(array, p4.z, g4.z, m4.z, v4.z);
    rule.update(array, p4.w, g4.w, m4.w, v4.w);
    store_four(p + i, p4, left, whole);
    store_four(m + i, m4, left, whole);
    store_four(v + i, v4, left, whole);
  }
}
