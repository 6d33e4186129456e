package dev.tenzing.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention against its definition with all N x N weights, in double precision. */
class SelfAttentionTest {
  private static final int B = 2;
  private static final int N = 7;
  private static final int C = 12;
  private static final int H = 3;
  private static final int D = C / H;

  static Stream<Arguments> devicesAndStyles() {
    return TestDevices.all()
        .flatMap(device ->
            Stream.of(
                    SelfAttention.Style.STANDARD,
                    new SelfAttention.Style(false, false, 0),
                    new SelfAttention.Style(true, false, 0.7),
                    new SelfAttention.Style(true, true, 0))
                .map(style -> Arguments.of(device, style)));
  }

  @ParameterizedTest
  @MethodSource("devicesAndStyles")
  void followsItsDefinition(Supplier<Device> supplier, SelfAttention.Style style) {
    try (Device device = supplier.get()) {
      Parameters parameters = new Parameters(device, Rng.seed(4));
      SelfAttention attention =
          SelfAttention.create(parameters, C, H, style, Initializer.xavierUniform());
      if (style.bias()) {
        attention.qBias().copyFrom(TestDevices.normal(5, C));
        attention.vBias().copyFrom(TestDevices.normal(6, C));
      }
      if (style.cosine()) {
        // The last head lies above the clamp at 4.6052.
        attention.scale().copyFrom(new float[] {0.3f, 1.2f, 4.9f});
      }
      attention.proj().bias().copyFrom(TestDevices.normal(7, C));
      float[] x = TestDevices.normal(8, B * N * C);
      float[] residual = TestDevices.normal(9, B * N * C);
      double[] expected = dense(attention, x);
      try (Step step = device.step()) {
        Tensor input = TestDevices.normal(device, 8, B, N, C);
        float[] y = attention.forward(input, null).toFloats();
        float[] sum = attention.forward(input, TestDevices.normal(device, 9, B, N, C)).toFloats();
        for (int i = 0; i < y.length; i++) {
          assertEquals(expected[i], y[i], 1e-5);
          assertEquals(expected[i] + residual[i], sum[i], 1e-5);
        }
      }
      parameters.all().values().forEach(Tensor::close);
    }
  }

  /** Of the dot product of query n and key m. */
  private static double factor(SelfAttention attention, int h, double[] query, double[] key) {
    if (attention.scale() == null) {
      return attention.factor();
    }
    double q = 0;
    double k = 0;
    for (int d = 0; d < D; d++) {
      q += Math.pow(query[h * D + d], 2);
      k += Math.pow(key[C + h * D + d], 2);
    }
    double scale = Math.exp(Math.min(attention.scale().toFloats()[h], 4.6052));
    return scale / Math.sqrt(q) / Math.sqrt(k);
  }

  @Test
  void plainLogitsAreScaledByTheRootOfTheHeadSize() {
    try (Device device = TestDevices.reference()) {
      Parameters parameters = new Parameters(device, Rng.seed(4));
      SelfAttention attention =
          SelfAttention.create(parameters, C, H, SelfAttention.Style.STANDARD, Initializer.ZEROS);
      assertEquals(0.5f, attention.factor());
      parameters.all().values().forEach(Tensor::close);
    }
  }

  @Test
  void cosineAttentionStartsAtAFactorOfTen() {
    try (Device device = TestDevices.reference()) {
      Parameters parameters = new Parameters(device, Rng.seed(4));
      SelfAttention.create(
          parameters, C, H, new SelfAttention.Style(false, true, 0), Initializer.ZEROS);
      assertEquals(
          List.of("scale", "qkv.weight", "proj.weight", "proj.bias"),
          List.copyOf(parameters.all().keySet()));
      Tensor scale = parameters.all().get("scale");
      assertEquals(Shape.of(H, 1, 1), scale.shape());
      assertEquals(Math.log(10), scale.toFloats()[0], 1e-6);
      parameters.all().values().forEach(Tensor::close);
    }
  }

  @Test
  void refusesAFactorThatCosineAttentionHasNoPlaceFor() {
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> new SelfAttention.Style(true, true, 0.5));
    assertEquals(
        "cosine attention learns its scale, so a qk_scale of 0.5 has no place", error.getMessage());
  }

  private static double[] dense(SelfAttention attention, float[] x) {
    float[] w = attention.qkv().weight().toFloats();
    double[] bias = new double[3 * C];
    for (int c = 0; attention.qBias() != null && c < C; c++) {
      bias[c] = attention.qBias().toFloats()[c];
      bias[2 * C + c] = attention.vBias().toFloats()[c];
    }
    double[] mixed = new double[B * N * C];
    for (int b = 0; b < B; b++) {
      double[][] qkv = new double[N][3 * C];
      for (int n = 0; n < N; n++) {
        for (int o = 0; o < 3 * C; o++) {
          qkv[n][o] = bias[o];
          for (int c = 0; c < C; c++) {
            qkv[n][o] += (double) w[o * C + c] * x[(b * N + n) * C + c];
          }
        }
      }
      for (int h = 0; h < H; h++) {
        for (int n = 0; n < N; n++) {
          double[] weight = new double[N];
          double total = 0;
          for (int m = 0; m < N; m++) {
            double logit = 0;
            for (int d = 0; d < D; d++) {
              logit += qkv[n][h * D + d] * qkv[m][C + h * D + d];
            }
            weight[m] = Math.exp(logit * factor(attention, h, qkv[n], qkv[m]));
            total += weight[m];
          }
          for (int m = 0; m < N; m++) {
            for (int d = 0; d < D; d++) {
              mixed[(b * N + n) * C + h * D + d] += weight[m] / total * qkv[m][2 * C + h * D + d];
            }
          }
        }
      }
    }
    float[] proj = attention.proj().weight().toFloats();
    float[] projBias = attention.proj().bias().toFloats();
    double[] y = new double[B * N * C];
    for (int row = 0; row < B * N; row++) {
      for (int o = 0; o < C; o++) {
        y[row * C + o] = projBias[o];
        for (int c = 0; c < C; c++) {
          y[row * C + o] += proj[o * C + c] * mixed[row * C + c];
        }
      }
    }
    return y;
  }
}
