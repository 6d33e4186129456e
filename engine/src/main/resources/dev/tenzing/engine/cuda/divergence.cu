// Divergence of softened classes: p = softmax(teacher / T), q = softmax(student / T). Classes are
// hundreds and rows a batch, so a block takes a row and everything is in double.
#include "common.cuh"

constexpr int THREADS = 256;

// log(sum of e^(x / T)) of a row; `inverse` is 1 / T.
__device__ __forceinline__ double log_sum(const float* __restrict__ x, int C, double inverse) {
  float most = -__uint_as_float(0x7f800000u);
  for (int c = threadIdx.x; c < C; c += THREADS) {
    most = fmaxf(most, x[c]);
  }
  const double largest = block_max<THREADS>(most) * inverse;
  double sum = 0;
  for (int c = threadIdx.x; c < C; c += THREADS) {
    sum += exp(x[c] * inverse - largest);
  }
  return largest + log(block_sum<THREADS>(sum));
}

struct Row {
  const float* p;  // [C], logits
  const float* q;
  double inverse;  // 1 / T
  double logSumP, logSumQ;

  __device__ __forceinline__ double log_p(int c) const { return p[c] * inverse - logSumP; }
  __device__ __forceinline__ double log_q(int c) const { return q[c] * inverse - logSumQ; }
};

// KL(p || q).
__device__ __forceinline__ double divergence(const Row& row, int C) {
  double sum = 0;
  for (int c = threadIdx.x; c < C; c += THREADS) {
    const double logP = row.log_p(c);
    sum += exp(logP) * (logP - row.log_q(c));
  }
  return block_sum<THREADS>(sum);
}

__device__ __forceinline__ Row softened(
    const float* p, const float* q, int C, double temperature) {
  const long long at = static_cast<long long>(blockIdx.x) * C;
  Row row{p + at, q + at, 1 / temperature, 0, 0};
  row.logSumP = log_sum(row.p, C, row.inverse);
  row.logSumQ = log_sum(row.q, C, row.inverse);
  return row;
}

// perRow[m] = KL(p || q) for logits p[M,C] and q[M,C]; which is whose is the caller's choice.
extern "C" __global__ void __launch_bounds__(THREADS, 4) kl_divergence(
    const float* __restrict__ p, const float* __restrict__ q, double* __restrict__ perRow, int C,
    double temperature) {
  const double kl = divergence(softened(p, q, C, temperature), C);
  if (threadIdx.x == 0) {
    perRow[blockIdx.x] = kl;
  }
}

// dstudent (+)= dloss T / M (q - p), and in reverse dloss T / M q (log q - log p - KL(q || p)).
extern "C" __global__ void __launch_bounds__(THREADS, 4) kl_divergence_backward(
    const float* __restrict__ dloss, const float* __restrict__ student,
    const float* __restrict__ teacher, float* __restrict__ dstudent, int M, int C,
    double temperature, int reverse, int accumulate) {
  const Row row = softened(student, teacher, C, temperature);
  const double kl = reverse ? divergence(row, C) : 0;
  const double factor = *dloss * temperature / M;
  float* d = dstudent + static_cast<long long>(blockIdx.x) * C;
  for (int c = threadIdx.x; c < C; c += THREADS) {
    const double logStudent = row.log_p(c), logTeacher = row.log_q(c);
    const double slope = reverse ? exp(logStudent) * (logStudent - logTeacher - kl)
                                 : exp(logStudent) - exp(logTeacher);
    d[c] = static_cast<float>((accumulate ? d[c] : 0) + factor * slope);
  }
}
