package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.ShapeException;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.cpu.KernelChoice;
import dev.tenzing.engine.op.Recompute;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every case on every back end. */
@Tag("kernels")
class ConformanceTest {
  /** Devices of each back end with 1, 2, ... threads. */
  private static final Map<BackEnd, List<Device>> DEVICES = new EnumMap<>(BackEnd.class);

  @BeforeAll
  static void open() {
    for (BackEnd backEnd : BackEnd.values()) {
      DEVICES.put(
          backEnd,
          IntStream.rangeClosed(1, backEnd.threads())
              .mapToObj(threads -> new Device(backEnd.open(threads)))
              .toList());
    }
  }

  @AfterAll
  static void close() {
    DEVICES.values().forEach(devices -> devices.forEach(Device::close));
  }

  /** Nothing is left behind, and the next test starts on fresh memory, which is full of NaN. */
  @AfterEach
  void trim() {
    for (List<Device> devices : DEVICES.values()) {
      for (Device device : devices) {
        assertEquals(0, device.memory().current());
        device.trim();
      }
    }
  }

  static Stream<Arguments> all() {
    return cases((test, backEnd) -> true);
  }

  static Stream<Arguments> differentiable() {
    return cases((test, backEnd) -> hasGradient(test));
  }

  /** Without large sizes on the reference: plain loops have no size at which they change. */
  static Stream<Arguments> quickAndDifferentiable() {
    return cases(
        (test, backEnd) -> hasGradient(test) && (test.small() || backEnd != BackEnd.REFERENCE));
  }

  static Stream<Arguments> smallOperations() {
    return cases((test, backEnd) -> test.isOperation() && test.small());
  }

  /** Without recompute, whose block is the caller's. */
  static Stream<Arguments> singleOperations() {
    return cases((test, backEnd) ->
        test.isOperation() && test.small() && test.operation() != Recompute.class);
  }

  private static boolean hasGradient(Case test) {
    return test.problem().inputs().stream().anyMatch(Input::differentiable);
  }

  private static Stream<Arguments> cases(BiPredicate<Case, BackEnd> which) {
    return Cases.all().stream()
        .flatMap(test ->
            Arrays.stream(BackEnd.values())
                .filter(backEnd -> which.test(test, backEnd))
                .map(backEnd -> Arguments.of(test, backEnd)));
  }

  @Test
  void theVectorBackEndRunsVectorKernels() {
    assertTrue(KernelChoice.current().vector(), KernelChoice.current().reason());
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("all")
  void forwardFollowsTheFormula(Case test, BackEnd backEnd) {
    double[] actual = Run.forward(device(backEnd), test);
    Closeness.forward(test).check(test.output(), actual, "output");
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("differentiable")
  void gradientsFollowTheFormula(Case test, BackEnd backEnd) {
    Run run = Run.of(device(backEnd), test);
    Closeness.forward(test).check(test.output(), run.output(), "recorded output");
    if (test.small()) {
      check(test, 1, test.finiteDifferences(), run.gradients());
    } else if (backEnd == BackEnd.REFERENCE) {
      for (int i = 0; i < run.gradients().length; i++) {
        if (run.gradients()[i] != null) {
          Closeness.backward(test).checkAlong(test, i, run.gradients()[i]);
        }
      }
    } else {
      check(test, 1, Run.of(device(BackEnd.REFERENCE), test).gradients(), run.gradients());
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("quickAndDifferentiable")
  void gradientsAccumulate(Case test, BackEnd backEnd) {
    double[][] once = Run.of(device(backEnd), test).gradients();
    check(test, 2, once, Run.twoSteps(device(backEnd), test));
    check(test, 2, once, Run.twoUses(device(backEnd), test));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("quickAndDifferentiable")
  void eachGradientIsTheSameAlone(Case test, BackEnd backEnd) {
    double[][] together = Run.of(device(backEnd), test).gradients();
    check(test, 1, together, Run.eachAlone(device(backEnd), test));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("smallOperations")
  void whatHasNoGradientRefusesOne(Case test, BackEnd backEnd) {
    List<Input> inputs = test.problem().inputs();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).kind() == Input.Kind.CONSTANT) {
        int input = i;
        RuntimeException e =
            assertThrows(
                RuntimeException.class,
                () -> Run.refused(device(backEnd), test, input),
                () -> "input " + input + " takes no gradient and says nothing");
        assertTrue(e instanceof IllegalStateException || e instanceof ShapeException, e::toString);
        assertTrue(e.getMessage().contains("gradient"), e::toString);
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("all")
  void bitsDependNeitherOnThreadsNorOnAlignment(Case test, BackEnd backEnd) {
    Run first = Run.of(device(backEnd), test);
    for (Device device : DEVICES.get(backEnd)) {
      assertSameBits(first, Run.of(device, test));
    }
    assertSameBits(first, Run.misaligned(device(backEnd), test));
  }

  /** What a forward saves for a backward that will not come must not outlive it. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("singleOperations")
  void unrecordedForwardLeavesOnlyItsOutput(Case test, BackEnd backEnd) {
    try (Scope scope = device(backEnd).scope()) {
      Tensor[] inputs = Run.upload(scope, test);
      long before = device(backEnd).memory().current();
      test.problem().operation().apply(inputs).close();
      assertEquals(before, device(backEnd).memory().current());
    }
  }

  private static void assertSameBits(Run expected, Run actual) {
    assertArrayEquals(expected.output(), actual.output());
    for (int i = 0; i < expected.gradients().length; i++) {
      assertArrayEquals(expected.gradients()[i], actual.gradients()[i]);
    }
  }

  private static Device device(BackEnd backEnd) {
    return DEVICES.get(backEnd).getFirst();
  }

  /** Compares gradients with a multiple of the expected ones. */
  private static void check(Case test, double factor, double[][] expected, double[][] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i] == null, actual[i] == null, "gradient of input " + i);
      if (expected[i] != null) {
        double[] multiple = Arrays.stream(expected[i]).map(x -> factor * x).toArray();
        Closeness.backward(test).check(multiple, actual[i], "gradient of input " + i);
      }
    }
  }
}
