package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.kernel.AttentionKernels;
import java.util.Arrays;

/**
 * Attention in plain loops and double accumulators, one row of N logits at a time: what {@link
 * Attention} is to compute.
 *
 * <p>For one batch and head, with rows q, k, v of size D: s_ij = scale q_i . k_j, lse_i = ln sum_j
 * e^s_ij, P_ij = e^(s_ij - lse_i), o_i = sum_j P_ij v_j.
 */
final class ReferenceAttention implements AttentionKernels {
  @Override
  public void forward(Attention call) {
    long qkv = call.qkv().address();
    long out = call.out().address();
    long lse = call.lse().address();
    int B = call.B();
    int N = call.N();
    int H = call.H();
    int D = call.D();
    float scale = call.scale();
    double[] p = new double[N];
    for (int b = 0; b < B; b++) {
      for (int h = 0; h < H; h++) {
        for (int i = 0; i < N; i++) {
          double max = Double.NEGATIVE_INFINITY;
          for (int j = 0; j < N; j++) {
            p[j] = logit(qkv, b, i, j, h, N, H, D, scale);
            max = Math.max(max, p[j]);
          }
          double sum = 0;
          for (int j = 0; j < N; j++) {
            p[j] = ScalarMath.exp(p[j] - max);
            sum += p[j];
          }
          f32(lse + 4L * (((long) b * H + h) * N + i), (float) (max + Math.log(sum)));
          for (int d = 0; d < D; d++) {
            double o = 0;
            for (int j = 0; j < N; j++) {
              o += p[j] * f32(at(qkv, b, j, 2, h, N, H, D) + 4L * d);
            }
            f32(row(out, b, i, h, N, H, D) + 4L * d, (float) (o / sum));
          }
        }
      }
    }
  }

  /**
   * With delta_i = do_i . o_i and ds_ij = scale P_ij (do_i . v_j - delta_i): dq_i = sum_j ds_ij
   * k_j, dk_j = sum_i ds_ij q_i, dv_j = sum_i P_ij do_i.
   */
  @Override
  public void backward(AttentionBackward call) {
    long qkv = call.qkv().address();
    long out = call.out().address();
    long dout = call.dout().address();
    long lse = call.lse().address();
    long dqkv = call.dqkv().address();
    int B = call.B();
    int N = call.N();
    int H = call.H();
    int D = call.D();
    float scale = call.scale();
    double[] dk = new double[N * D];
    double[] dv = new double[N * D];
    double[] dq = new double[D];
    for (int b = 0; b < B; b++) {
      for (int h = 0; h < H; h++) {
        Arrays.fill(dk, 0);
        Arrays.fill(dv, 0);
        for (int i = 0; i < N; i++) {
          long q = at(qkv, b, i, 0, h, N, H, D);
          long dO = row(dout, b, i, h, N, H, D);
          double delta = dot(dO, row(out, b, i, h, N, H, D), D);
          double logSum = f32(lse + 4L * (((long) b * H + h) * N + i));
          Arrays.fill(dq, 0);
          for (int j = 0; j < N; j++) {
            long k = at(qkv, b, j, 1, h, N, H, D);
            double p = ScalarMath.exp(logit(qkv, b, i, j, h, N, H, D, scale) - logSum);
            double ds = scale * p * (dot(dO, at(qkv, b, j, 2, h, N, H, D), D) - delta);
            for (int d = 0; d < D; d++) {
              dq[d] += ds * f32(k + 4L * d);
              dk[j * D + d] += ds * f32(q + 4L * d);
              dv[j * D + d] += p * f32(dO + 4L * d);
            }
          }
          store(dq, 0, at(dqkv, b, i, 0, h, N, H, D), D);
        }
        for (int j = 0; j < N; j++) {
          store(dk, j * D, at(dqkv, b, j, 1, h, N, H, D), D);
          store(dv, j * D, at(dqkv, b, j, 2, h, N, H, D), D);
        }
      }
    }
  }

  private static double logit(
      long qkv, int b, int i, int j, int h, int N, int H, int D, float scale) {
    return scale * dot(at(qkv, b, i, 0, h, N, H, D), at(qkv, b, j, 1, h, N, H, D), D);
  }

  /** Address of q (part 0), k (1) or v (2) of a token and head in [B, N, 3, H, D]. */
  private static long at(long qkv, int b, int n, int part, int h, int N, int H, int D) {
    return qkv + 4 * (((((long) b * N + n) * 3 + part) * H + h) * D);
  }

  /** Address of a token's and head's row in [B, N, H * D]. */
  private static long row(long x, int b, int n, int h, int N, int H, int D) {
    return x + 4 * ((((long) b * N + n) * H + h) * D);
  }

  private static double dot(long x, long y, int D) {
    double sum = 0;
    for (int d = 0; d < D; d++) {
      sum += (double) f32(x + 4L * d) * f32(y + 4L * d);
    }
    return sum;
  }

  private static void store(double[] x, int from, long target, int D) {
    for (int d = 0; d < D; d++) {
      f32(target + 4L * d, (float) x[from + d]);
    }
  }
}
