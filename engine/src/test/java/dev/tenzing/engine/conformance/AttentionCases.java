package dev.tenzing.engine.conformance;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Attention;
import dev.tenzing.engine.op.Cast;
import dev.tenzing.engine.op.CosineAttention;
import java.util.List;

/** Attention; sizes B, N, H, D. */
final class AttentionCases {
  private AttentionCases() {}

  static Problem attention(Draw draw, int... s) {
    float scale = (float) (1 / Math.sqrt(s[3]));
    return new Problem(
        Math.max(s[1], s[3]),
        List.of(draw.variable(s[0], s[1], 3L * s[2] * s[3])),
        t -> Attention.apply(activation(t[0]), s[2], scale),
        in -> attention(in[0], s[0], s[1], s[2], s[3], scale));
  }

  /** Some heads lie above the largest scale; the gradient of the scale sums over B N D. */
  static Problem cosine(Draw draw, int... s) {
    float max = 0.5f;
    return new Problem(
        Math.max(s[1], s[0] * s[1] * s[3]),
        List.of(draw.variable(s[0], s[1], 3L * s[2] * s[3]), draw.variable(s[2])),
        t -> CosineAttention.apply(activation(t[0]), t[1], max),
        in ->
            attention(
                cosine(in[0], in[1], s[0] * s[1], s[2], s[3], max), s[0], s[1], s[2], s[3], 1));
  }

  /** What a linear layer would hand to attention. */
  private static Tensor activation(Tensor x) {
    DType type = x.device().activations();
    return type == x.dtype() ? x : Cast.apply(x, type);
  }

  private static double[] cosine(double[] qkv, double[] scale, int M, int H, int D, double max) {
    double[] y = qkv.clone();
    for (int row = 0; row < 3 * M * H; row++) {
      if (row / H % 3 < 2) {
        double norm = 0;
        for (int d = 0; d < D; d++) {
          norm += qkv[row * D + d] * qkv[row * D + d];
        }
        double factor = row / H % 3 == 0 ? Math.exp(Math.min(scale[row % H], max)) : 1;
        for (int d = 0; d < D; d++) {
          y[row * D + d] *= factor / Math.sqrt(norm);
        }
      }
    }
    return y;
  }

  /** {@code softmax(scale q k^T) v} of qkv[B,N,3,H,D] to [B,N,H,D], head by head. */
  private static double[] attention(double[] qkv, int B, int N, int H, int D, double scale) {
    double[] out = new double[B * N * H * D];
    int row = 3 * H * D;
    for (int b = 0; b < B; b++) {
      for (int h = 0; h < H; h++) {
        double[] logits = new double[N * N];
        for (int i = 0; i < N; i++) {
          int q = (b * N + i) * row + h * D;
          for (int j = 0; j < N; j++) {
            int k = (b * N + j) * row + (H + h) * D;
            for (int d = 0; d < D; d++) {
              logits[i * N + j] += scale * qkv[q + d] * qkv[k + d];
            }
          }
        }
        double[] log = Formulas.logSoftmax(logits, N, N);
        for (int i = 0; i < N; i++) {
          for (int j = 0; j < N; j++) {
            double weight = Math.exp(log[i * N + j]);
            int v = (b * N + j) * row + (2 * H + h) * D;
            for (int d = 0; d < D; d++) {
              out[((b * N + i) * H + h) * D + d] += weight * qkv[v + d];
            }
          }
        }
      }
    }
    return out;
  }
}
