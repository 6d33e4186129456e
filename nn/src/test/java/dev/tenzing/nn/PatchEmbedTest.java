package dev.tenzing.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.ShapeException;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Patchify;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The patch embedding against a convolution written out. */
class PatchEmbedTest {
  private static final int C = 5;
  private static final int TUBELET = 2;
  private static final int PATCH = 4;
  private static final int T = 4;
  private static final int H = 8;
  private static final int W = 12;

  @ParameterizedTest
  @MethodSource("dev.tenzing.nn.TestDevices#all")
  void isAConvolutionWhoseStrideIsItsKernel(Supplier<Device> supplier) {
    try (Device device = supplier.get()) {
      Parameters parameters = new Parameters(device, Rng.seed(1));
      PatchEmbed embed = PatchEmbed.create(parameters.child("patch_embed.proj"), C, TUBELET, PATCH);
      assertEquals(
          List.of("patch_embed.proj.weight", "patch_embed.proj.bias"),
          List.copyOf(parameters.all().keySet()));
      assertEquals(Shape.of(C, 3, TUBELET, PATCH, PATCH), embed.weight().shape());
      float[] video = TestDevices.normal(2, 3 * T * H * W);
      float[] tokens;
      try (Step step = device.step()) {
        Tensor y =
            embed.forward(
                Patchify.apply(TestDevices.normal(device, 2, 1, 3, T, H, W), TUBELET, PATCH));
        tokens = y.toFloats();
        step.backward(y, device.full(y.shape(), 1f));
      }
      assertTrue(embed.weight().hasGrad(), "the gradient reaches the 5-D weight");
      double[] expected = convolve(embed, video);
      assertEquals(expected.length, tokens.length);
      for (int i = 0; i < tokens.length; i++) {
        assertEquals(expected[i], tokens[i], 1e-5);
      }
      parameters.all().values().forEach(Tensor::close);
    }
  }

  private static double[] convolve(PatchEmbed embed, float[] video) {
    float[] w = embed.weight().toFloats();
    float[] bias = embed.bias().toFloats();
    double[] y = new double[T / TUBELET * (H / PATCH) * (W / PATCH) * C];
    int i = 0;
    for (int t = 0; t < T; t += TUBELET) {
      for (int h = 0; h < H; h += PATCH) {
        for (int x = 0; x < W; x += PATCH) {
          for (int o = 0; o < C; o++) {
            double sum = bias[o];
            int k = o * 3 * TUBELET * PATCH * PATCH;
            for (int c = 0; c < 3; c++) {
              for (int dt = 0; dt < TUBELET; dt++) {
                for (int dh = 0; dh < PATCH; dh++) {
                  for (int dx = 0; dx < PATCH; dx++) {
                    sum += (double) w[k++] * video[((c * T + t + dt) * H + h + dh) * W + x + dx];
                  }
                }
              }
            }
            y[i++] = sum;
          }
        }
      }
    }
    return y;
  }

  @Test
  void namesItsWeightWhenPatchesDoNotFit() {
    try (Device device = TestDevices.reference();
        Scope scope = device.scope()) {
      Parameters parameters = new Parameters(device, Rng.seed(1));
      PatchEmbed embed = PatchEmbed.create(parameters.child("proj"), C, TUBELET, PATCH);
      Tensor patches = device.zeros(Shape.of(1, 2, 7));
      var error = assertThrows(ShapeException.class, () -> embed.forward(patches));
      assertTrue(error.getMessage().contains("proj.weight"), error.getMessage());
      parameters.all().values().forEach(Tensor::close);
    }
  }
}
