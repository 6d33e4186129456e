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
  const bool aligned = packable<4>(x);
  double sum = 0;
  for (int i = 4 * threadIdx.x; i < count; i += 4 * THREADS) {
    float u[4];
    load_pack(u, x + i, count - i, aligned && count - i >= 4);
    const double a = u[0], b = u[1], c = u[2], d = u[3];
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
  const bool aligned = packable<4>(p) && packable<4>(g) && packable<4>(m) && packable<4>(v);
  for (int i = 4 * threadIdx.x; i < count; i += 4 * THREADS) {
    const int left = count - i;
    const bool wide = aligned && left >= 4;
    float p4[4], g4[4], m4[4], v4[4];
    load_pack(p4, p + i, left, wide);
    load_pack(g4, g + i, left, wide);
    load_pack(m4, m + i, left, wide);
    load_pack(v4, v + i, left, wide);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      rule.update(array, p4[k], g4[k], m4[k], v4[k]);
    }
    store_pack(p + i, p4, left, wide);
    store_pack(m + i, m4, left, wide);
    store_pack(v + i, v4, left, wide);
  }
}
