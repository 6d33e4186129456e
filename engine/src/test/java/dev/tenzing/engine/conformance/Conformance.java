package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.ShapeException;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.op.Attention;
import dev.tenzing.engine.op.CosineAttention;
import dev.tenzing.engine.op.Recompute;
import dev.tenzing.engine.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every operation is to do on every back end; a subclass names the back end. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Conformance {
  private final Device reference = new Device(new ReferenceBackend());
  private final WatchedBackend watched;
  private final Device device;
  private final List<Device> devices;

  /**
   * The suite of a back end.
   *
   * @param create makes it for a number of host threads
   * @param threads the most threads to test it with
   */
  Conformance(IntFunction<Backend> create, int threads) {
    watched = new WatchedBackend(create.apply(1));
    device = new Device(watched);
    devices =
        IntStream.rangeClosed(1, threads)
            .mapToObj(n -> n == 1 ? device : new Device(new WatchedBackend(create.apply(n))))
            .toList();
  }

  @AfterAll
  void close() {
    devices.forEach(Device::close);
    reference.close();
  }

  /** Nothing is left behind, and the next test starts on fresh memory, which is full of NaN. */
  @AfterEach
  void trim() {
    for (Device used : devices) {
      assertEquals(0, used.memory().current());
      used.trim();
    }
  }

  static List<Case> all() {
    return Cases.all();
  }

  static List<Case> differentiable() {
    return select(Conformance::hasGradient);
  }

  static List<Case> smallOperations() {
    return select(test -> test.isOperation() && test.small());
  }

  /** Without recompute, whose block is the caller's. */
  static List<Case> smallSingleOperations() {
    return select(
        test -> test.isOperation() && test.small() && test.operation() != Recompute.class);
  }

  private static List<Case> select(Predicate<Case> which) {
    return Cases.all().stream().filter(which).toList();
  }

  private static boolean hasGradient(Case test) {
    return test.problem().inputs().stream().anyMatch(Input::differentiable);
  }

  @ParameterizedTest
  @MethodSource("all")
  void forwardFollowsTheFormula(Case test) {
    Closeness.forward(test, device).check(test.output(), Run.forward(device, test), "output");
  }

  /**
   * Small gradients are checked element by element. Large ones are checked along a direction, and
   * element by element against the reference back end, which passes this test as well.
   */
  @ParameterizedTest
  @MethodSource("differentiable")
  void gradientsFollowTheFormula(Case test) {
    Run run = Run.of(device, test);
    Closeness.forward(test, device).check(test.output(), run.output(), "recorded output");
    if (test.small()) {
      check(test, 1, test.finiteDifferences(), run.gradients());
    } else {
      check(test, 1, Run.of(reference, test).gradients(), run.gradients());
      Closeness.backward(test, device).checkAlongDirections(test, run.gradients());
    }
  }

  @ParameterizedTest
  @MethodSource("differentiable")
  void gradientsAccumulate(Case test) {
    double[][] once = Run.of(device, test).gradients();
    check(test, 2, once, Run.twoSteps(device, test));
    check(test, 2, once, Run.twoUses(device, test));
  }

  @ParameterizedTest
  @MethodSource("differentiable")
  void eachGradientIsTheSameAlone(Case test) {
    check(test, 1, Run.of(device, test).gradients(), Run.eachAlone(device, test));
  }

  @ParameterizedTest
  @MethodSource("all")
  void bitsDependNeitherOnThreadsNorOnAlignment(Case test) {
    Run first = Run.of(device, test);
    for (Device other : devices) {
      assertSameBits(first, Run.of(other, test));
    }
    assertSameBits(first, Run.misaligned(device, test));
  }

  @ParameterizedTest
  @MethodSource("smallOperations")
  void whatHasNoGradientRefusesOne(Case test) {
    List<Input> inputs = test.problem().inputs();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).kind() == Input.Kind.CONSTANT) {
        int input = i;
        RuntimeException e =
            assertThrows(
                RuntimeException.class,
                () -> Run.refused(device, test, input),
                () -> "input " + input + " takes no gradient and says nothing");
        assertTrue(e instanceof IllegalStateException || e instanceof ShapeException, e::toString);
        assertTrue(e.getMessage().contains("gradient"), e::toString);
      }
    }
  }

  /** What a forward saves for a backward that will not come must not outlive it. */
  @ParameterizedTest
  @MethodSource("smallSingleOperations")
  void unrecordedForwardLeavesOnlyItsOutput(Case test) {
    assumeFalse(castsFirst(test), "makes its input an activation first");
    try (Scope scope = device.scope()) {
      Tensor[] inputs = Run.upload(scope, test);
      long before = device.memory().current();
      test.problem().operation().apply(inputs).close();
      assertEquals(before, device.memory().current());
    }
  }

  private boolean castsFirst(Case test) {
    return device.activations() != DType.F32
        && (test.operation() == Attention.class || test.operation() == CosineAttention.class);
  }

  @Test
  void everyKernelIsReached() {
    for (Case test : select(Case::small)) {
      Run.of(device, test);
      Run.eachAlone(device, test);
    }
    Set<Class<?>> kernels =
        Arrays.stream(Kernels.class.getRecordComponents())
            .flatMap(family -> Arrays.stream(family.getType().getMethods()))
            .map(method -> method.getParameterTypes()[0])
            .collect(Collectors.toSet());
    assertEquals(kernels, watched.called());
  }

  private static void assertSameBits(Run expected, Run actual) {
    assertArrayEquals(expected.output(), actual.output());
    for (int i = 0; i < expected.gradients().length; i++) {
      assertArrayEquals(expected.gradients()[i], actual.gradients()[i]);
    }
  }

  /** Compares gradients with a multiple of the expected ones. */
  private void check(Case test, double factor, double[][] expected, double[][] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i] == null, actual[i] == null, "gradient of input " + i);
      if (expected[i] != null) {
        double[] multiple = Arrays.stream(expected[i]).map(x -> factor * x).toArray();
        Closeness.backward(test, device).check(multiple, actual[i], "gradient of input " + i);
      }
    }
  }
}
