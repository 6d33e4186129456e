package dev.tenzing.engine.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Kernels;
import java.lang.reflect.Method;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KernelCostsTest {
  static Stream<Method> kernels() {
    return Stream.of(Kernels.class.getMethods());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void everyKernelCosts(Method kernel) throws ReflectiveOperationException {
    KernelCosts costs = new KernelCosts();
    kernel.invoke(
        costs, Stream.of(kernel.getParameterTypes()).map(KernelCostsTest::some).toArray());
    Cost cost = costs.last();
    assertNotNull(cost);
    assertTrue(cost.bytes() > 0);
    assertEquals(cost.flops() > 0, !cost.shape().isEmpty());
    boolean multiplies = kernel.getName().matches("linear.*|attention.*");
    assertEquals(multiplies, cost.flops() > 0);
  }

  private static Object some(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "long" -> 64L;
      case "int" -> 5;
      case "float" -> 2f;
      case "double" -> 2.0;
      case "boolean" -> true;
      case "DType" -> DType.F32;
      case "long[]" -> new long[] {3, 4};
      case "double[]" -> new double[] {3, 4};
      case "float[]" -> new float[] {1, 2, 3};
      default -> throw new IllegalArgumentException("give this test a " + type);
    };
  }

  private static final DType F = DType.F32;
  private static final DType H = DType.BF16;

  /** By hand, from the sizes of the arrays. */
  static List<Arguments> counted() {
    return List.of(
        // x[2,5] w[3,5] y[2,3], then with bias[3] and residual[2,3], then half of it in BF16.
        of("linear", k -> k.linear(1, F, 1, 0, 0, 1, F, 2, 3, 5), "2x3x5", 60, 124),
        of("linear", k -> k.linear(1, F, 1, 1, 1, 1, F, 2, 3, 5), "2x3x5", 60, 160),
        of("linear", k -> k.linear(1, H, 1, 0, 0, 1, H, 2, 3, 5), "2x3x5", 60, 92),
        of("linearGelu", k -> k.linearGelu(1, F, 1, 1, 1, 1, F, 2, 3, 5), "2x3x5", 60, 160),
        of("dx", k -> k.linearBackwardInput(1, F, 1, 1, F, 2, 3, 5, false), "2x3x5", 60, 124),
        of("dx +=", k -> k.linearBackwardInput(1, F, 1, 1, F, 2, 3, 5, true), "2x3x5", 60, 164),
        of("dw", k -> k.linearBackwardWeight(1, F, 1, F, 1, 0, 2, 3, 5, false), "2x3x5", 60, 124),
        of("dw +=", k -> k.linearBackwardWeight(1, F, 1, F, 1, 1, 2, 3, 5, true), "2x3x5", 60, 208),
        // B 2, N 3, H 5, D 7: products of 2 * 5 * 9 * 7; 210 elements of q, 30 of lse.
        of("attention", k -> k.attention(1, 1, 1, F, 2, 3, 5, 7, 1), "2x3x5x7", 2520, 3480),
        of(
            "attentionBackward",
            k -> k.attentionBackward(1, 1, 1, 1, 1, F, 2, 3, 5, 7, 1),
            "2x3x5x7",
            6300,
            6840),
        of("layerNorm", k -> k.layerNorm(1, 1, 1, 1, H, 1, 1, 3, 10, 0), "", 0, 284),
        of("residual", k -> k.residual(1, 1, 0, 1, 1, 2, 3, 5), "", 0, 368),
        of("gather", k -> k.gatherTokens(1, 1, 1, 2, 9, 3, 5), "", 0, 264),
        of("scatter", k -> k.gatherTokensBackward(1, 1, 1, 2, 9, 3, 5, false), "", 0, 504),
        of("scatter +=", k -> k.gatherTokensBackward(1, 1, 1, 2, 9, 3, 5, true), "", 0, 384),
        of("normalizeVideo", k -> k.normalizeVideo(1, 1, 2, 3, 4, 5, null, null), "", 0, 1800),
        of("fill", k -> k.fill(1, 0, 10), "", 0, 40),
        of("copy", k -> k.copy(1, 1, 10), "", 0, 20),
        of("globalNorm", k -> k.globalNorm(null, new long[] {3, 4}, 1), "", 0, 32),
        of(
            "adamW",
            k -> k.adamW(null, null, null, null, new long[] {3}, null, null, null, 0, 0, 0, 1, 0),
            "",
            0,
            84));
  }

  private static Arguments of(
      String name, Consumer<Kernels> call, String shape, long flops, long bytes) {
    return Arguments.of(name, call, new Cost(shape, flops, bytes));
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("counted")
  void agreesWithCountingByHand(String name, Consumer<Kernels> call, Cost expected) {
    KernelCosts costs = new KernelCosts();
    call.accept(costs);
    assertEquals(expected, costs.last());
  }
}
