package dev.tenzing.engine.kernel;

import static dev.tenzing.engine.kernel.Operand.NONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.FunctionKernels.Broadcast;
import dev.tenzing.engine.kernel.LayoutKernels.Windows;
import dev.tenzing.engine.kernel.OptimizerKernels.Parameter;
import dev.tenzing.engine.kernel.VideoKernels.Cubes;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KernelCostsTest {
  private static final Operand X = Operand.f32(1);
  private static final Operand SUM = X.accumulating(true);
  private static final Operand H = new Operand(1, DType.BF16);
  private static final Operand INDEX = Operand.i32(1);

  /** The records that the methods of the families take. */
  static Stream<Class<?>> calls() {
    return Arrays.stream(Kernels.class.getRecordComponents())
        .flatMap(family -> Arrays.stream(family.getType().getMethods()))
        .<Class<?>>map(method -> method.getParameterTypes()[0]);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void everyKernelCosts(Class<?> record) throws ReflectiveOperationException {
    Class<?>[] types =
        Arrays.stream(record.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    Object[] values = Arrays.stream(types).map(KernelCostsTest::some).toArray();
    KernelCall call = (KernelCall) record.getDeclaredConstructor(types).newInstance(values);
    Cost cost = call.cost();
    assertTrue(cost.bytes() > 0);
    assertEquals(cost.flops() > 0, !cost.shape().isEmpty());
    boolean multiplies = call.kernel().matches("linear.*|attention.*|matrixProduct");
    assertEquals(multiplies, cost.flops() > 0);
  }

  private static Object some(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "Operand" -> X;
      case "long" -> 64L;
      case "int" -> 5;
      case "float" -> 2f;
      case "double" -> 2.0;
      case "boolean" -> true;
      case "float[]" -> new float[] {1, 2, 3};
      case "long[]" -> new long[] {3, 4};
      case "Broadcast" -> new Broadcast(2, 3, 4, false, true);
      case "Windows" -> new Windows(2, 5, 3, 3, 1, 1, 1);
      case "UnaryFunction", "BinaryFunction", "ReduceFunction" -> type.getEnumConstants()[0];
      case "Cubes" -> new Cubes(1, 2, 2, 2, 1, 1);
      case "List" -> List.of(Parameter.gradient(1, 3));
      default -> throw new IllegalArgumentException("give this test a " + type);
    };
  }

  /** By hand, from the sizes of the arrays. */
  static List<Arguments> counted() {
    return List.of(
        // x[2,5] w[3,5] y[2,3], then with bias[3] and residual[2,3], then half of it in BF16.
        of("linear", new LinearKernels.Linear(X, X, NONE, NONE, X, 2, 3, 5), "2x3x5", 60, 124),
        of("linear", new LinearKernels.Linear(X, X, X, X, X, 2, 3, 5), "2x3x5", 60, 160),
        of("linear", new LinearKernels.Linear(H, X, NONE, NONE, H, 2, 3, 5), "2x3x5", 60, 92),
        of("linearGelu", new LinearKernels.LinearGelu(X, X, X, X, X, 2, 3, 5), "2x3x5", 60, 160),
        of("dx", new LinearKernels.LinearBackwardInput(X, X, X, 2, 3, 5), "2x3x5", 60, 124),
        of("dx +=", new LinearKernels.LinearBackwardInput(X, X, SUM, 2, 3, 5), "2x3x5", 60, 164),
        of("dw", new LinearKernels.LinearBackwardWeight(X, X, X, NONE, 2, 3, 5), "2x3x5", 60, 124),
        of(
            "dw +=",
            new LinearKernels.LinearBackwardWeight(X, X, SUM, SUM, 2, 3, 5),
            "2x3x5",
            60,
            208),
        // B 2, N 3, H 5, D 7: products of 2 * 5 * 9 * 7; 210 elements of q, 30 of lse.
        of(
            "attention",
            new AttentionKernels.Attention(X, X, X, 2, 3, 5, 7, 1),
            "2x3x5x7",
            2520,
            3480),
        of(
            "attentionBackward",
            new AttentionKernels.AttentionBackward(X, X, X, X, X, 2, 3, 5, 7, 1),
            "2x3x5x7",
            6300,
            6840),
        of("layerNorm", new LayerNormKernels.LayerNorm(X, X, X, H, X, X, 3, 10, 0), "", 0, 284),
        of("residual", new ResidualKernels.Residual(X, X, NONE, X, X, 2, 3, 5), "", 0, 368),
        of("gather", new TokenKernels.GatherTokens(X, INDEX, X, 2, 9, 3, 5), "", 0, 264),
        of("scatter", new TokenKernels.GatherTokensBackward(X, INDEX, X, 2, 9, 3, 5), "", 0, 504),
        of(
            "scatter +=",
            new TokenKernels.GatherTokensBackward(X, INDEX, SUM, 2, 9, 3, 5),
            "",
            0,
            384),
        of(
            "normalizeVideo",
            new VideoKernels.NormalizeVideo(new Operand(1, DType.U8), X, 2, 3, 4, 5, null, null),
            "",
            0,
            1800),
        of("fill", new PointwiseKernels.Fill(X, 0, 10), "", 0, 40),
        of("copy", new PointwiseKernels.Copy(1, 1, 10), "", 0, 20),
        of(
            "globalNorm",
            new OptimizerKernels.GlobalNorm(
                List.of(Parameter.gradient(1, 3), Parameter.gradient(1, 4)), X),
            "",
            0,
            32),
        of(
            "adamW",
            new OptimizerKernels.AdamW(List.of(Parameter.gradient(1, 3)), 0, 0, 0, X, 0),
            "",
            0,
            84));
  }

  private static Arguments of(String name, KernelCall call, String shape, long flops, long bytes) {
    return Arguments.of(name, call, new Cost(shape, flops, bytes));
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("counted")
  void agreesWithCountingByHand(String name, KernelCall call, Cost expected) {
    assertEquals(expected, call.cost());
  }
}
