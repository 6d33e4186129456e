package dev.tenzing.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.cuda.StandIns;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.OptimizerKernels;
import dev.tenzing.engine.kernel.OptimizerKernels.AdamW;
import dev.tenzing.engine.kernel.OptimizerKernels.GlobalNorm;
import dev.tenzing.engine.kernel.OptimizerKernels.Parameter;
import dev.tenzing.engine.op.Argsort;
import dev.tenzing.engine.op.Dropout;
import dev.tenzing.engine.op.FeedForward;
import dev.tenzing.engine.op.GatherTokens;
import dev.tenzing.engine.op.LayerNorm;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.op.MeanSquaredError;
import dev.tenzing.engine.op.Scale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("cuda")
class CapturedStepTest {
  private static final int B = 2;
  private static final int N = 5;
  private static final int C = 24;

  /** Enough for a feed to have a buffer of its own. */
  private static final int WIDE = 300_000;

  private Device device;

  @BeforeEach
  void open() {
    assumeTrue(StandIns.problem().isEmpty(), StandIns::problem);
    device = new Device(StandIns.backend(Precision.FP32));
  }

  @AfterEach
  void close() {
    if (device != null) {
      device.close();
    }
  }

  private static float[] draw(String purpose, long step, int n) {
    Rng.Stream stream = Rng.seed(3).purpose(purpose).at(step, 0);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = stream.nextFloat() - 0.5f;
    }
    return values;
  }

  /** A network that has, in small, what a step of training has. */
  private final class Network {
    final Tensor w1 = parameter("w1", C, C);
    final Tensor b1 = parameter("b1", C);
    final Tensor gain = parameter("gain", C);
    final Tensor shift = parameter("shift", C);
    final Tensor w2 = parameter("w2", C, C);
    final Tensor w3 = parameter("w3", C, C);
    final List<Tensor> parameters = List.of(w1, b1, gain, shift, w2, w3);
    final List<Tensor> moments = new ArrayList<>();
    final Tensor norm = device.persistent(DType.F32, Shape.SCALAR);
    long step;

    Network() {
      for (Tensor parameter : parameters) {
        for (int i = 0; i < 2; i++) {
          Tensor moment = device.persistent(DType.F32, parameter.shape());
          moment.copyFrom(new float[(int) moment.size()]);
          moments.add(moment);
        }
      }
    }

    private Tensor parameter(String name, long... dims) {
      Tensor parameter = device.persistent(DType.F32, Shape.of(dims)).requiresGrad().named(name);
      parameter.copyFrom(draw(name, 0, (int) parameter.size()));
      return parameter;
    }

    Tensor forwardAndBackward(Step tape) {
      Tensor wide = device.feed(Shape.of(WIDE), () -> draw("x", step, WIDE));
      Tensor x = wide.slice(WIDE - B * C, WIDE).reshape(B, C);
      Tensor noise = device.feed(Shape.of(B, N), () -> draw("noise", step, B * N));
      Tensor table = device.constant(Shape.of(B, N, C), draw("table", 0, B * N * C));
      Tensor h = LayerNorm.apply(FeedForward.apply(x, w1, b1, w2, null, x), gain, shift, 1e-6f);
      Tensor y = Linear.apply(h, w3, null);
      h.forget();
      Tensor picked = GatherTokens.apply(table, Argsort.apply(noise, true).reshape(B, N));
      Tensor loss = MeanSquaredError.apply(y, picked.reshape(B * N, C).slice(0, B));
      tape.backward(loss);
      return loss;
    }

    void eager(Readback losses) {
      try (Step tape = device.step()) {
        losses.fetch((int) step, forwardAndBackward(tape));
      }
      update();
    }

    void replay(CapturedStep captured, Readback losses) {
      captured.replay();
      losses.fetch((int) step, captured.output());
      update();
    }

    void update() {
      int n = parameters.size();
      List<Parameter> updated = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        Tensor parameter = parameters.get(i);
        updated.add(
            new Parameter(
                parameter.address(),
                parameter.grad().address(),
                moments.get(2 * i).address(),
                moments.get(2 * i + 1).address(),
                parameter.size(),
                0.01 / (step + 1),
                0,
                step + 1));
      }
      OptimizerKernels kernels = device.kernels().optimizer();
      kernels.globalNorm(new GlobalNorm(updated, Operand.of(norm)));
      kernels.adamW(new AdamW(updated, 0.9, 0.95, 1e-8, Operand.of(norm), 1.0));
      parameters.forEach(Tensor::clearGrad);
      step++;
    }

    float[] values() {
      float[] all = new float[0];
      for (Tensor parameter : parameters) {
        float[] values = parameter.toFloats();
        int at = all.length;
        all = Arrays.copyOf(all, at + values.length);
        System.arraycopy(values, 0, all, at, values.length);
      }
      return all;
    }

    void close() {
      parameters.forEach(Tensor::close);
      moments.forEach(Tensor::close);
      norm.close();
    }
  }

  @Test
  void replaysHaveTheBitsOfTheStepItself() {
    Network plain = new Network();
    Network replayed = new Network();
    try (Readback expected = device.readback(5);
        Readback actual = device.readback(5)) {
      for (int i = 0; i < 5; i++) {
        plain.eager(expected);
      }
      replayed.eager(actual);
      float[] before = replayed.values();
      try (CapturedStep captured = device.capture(replayed::forwardAndBackward)) {
        assertArrayEquals(before, replayed.values(), "capturing runs nothing");
        assertNull(replayed.w1.grad());
        for (int i = 1; i < 5; i++) {
          replayed.replay(captured, actual); // Without waiting: inputs must not overtake.
        }
        assertArrayEquals(expected.values(), actual.values());
        assertArrayEquals(plain.values(), replayed.values());
        assertFalse(Arrays.equals(before, replayed.values()));
        assertTrue(actual.values()[3] != actual.values()[4], "the input changes");
      }
    }
    plain.close();
    replayed.close();
    assertEquals(0, device.memory().current());
  }

  @Test
  void nothingElseLivesInTheMemoryOfACapturedStep() {
    Network plain = new Network();
    Network replayed = new Network();
    try (Readback expected = device.readback(6);
        Readback actual = device.readback(6)) {
      for (int i = 0; i < 6; i++) {
        plain.eager(expected);
      }
      replayed.eager(actual);
      try (CapturedStep captured = device.capture(replayed::forwardAndBackward);
          CapturedStep same = device.capture(replayed::forwardAndBackward)) {
        List<Tensor> others = new ArrayList<>();
        for (int i = 1; i < 6; i++) {
          for (int size : new int[] {1, B * C, WIDE, B * N * C}) {
            others.add(device.full(Shape.of(size), i));
          }
          if (i == 3) {
            replayed.eager(actual);
          } else {
            replayed.replay(i % 2 == 0 ? captured : same, actual);
          }
        }
        assertArrayEquals(expected.values(), actual.values());
        assertArrayEquals(plain.values(), replayed.values());
        for (int i = 0; i < others.size(); i++) {
          for (float value : others.get(i).toFloats()) {
            assertEquals(i / 4 + 1, value);
          }
        }
        others.forEach(Tensor::close);
      }
    }
  }

  @Test
  void closingGivesEverythingBack() {
    Network network = new Network();
    try (Readback losses = device.readback(3)) {
      network.eager(losses);
      device.trim();
      MemoryUsage before = device.memory();
      CapturedStep first = device.capture(network::forwardAndBackward);
      CapturedStep second = device.capture(network::forwardAndBackward);
      network.replay(first, losses);
      long used = device.memory().current();
      assertTrue(used > before.current() + 4L * WIDE, "activations count while they are held");
      assertEquals(used, device.memory().peak());
      first.close();
      network.replay(second, losses);
      second.close();
      second.close();
      assertEquals(before.current(), device.memory().current());
      assertThrows(IllegalStateException.class, second::replay);
      device.trim();
      assertEquals(before.reserved(), device.memory().reserved());
    }
  }

  @Test
  void activationsTakeNoMemoryTwice() {
    Network network = new Network();
    try (Readback losses = device.readback(1)) {
      network.eager(losses);
      // Room for what is fed.
      device.persistent(DType.F32, Shape.of(2 * (WIDE + (1 << 18)) + 1000)).close();
      long reserved = device.memory().reserved();
      try (CapturedStep captured = device.capture(network::forwardAndBackward)) {
        captured.replay();
        long segment = 1 << 20; // The output is small and not the pool's.
        assertTrue(
            device.memory().reserved() <= reserved + segment,
            () -> reserved + " then " + device.memory());
      }
    }
  }

  @Test
  void whatACapturedStepUsesStaysAsLongAsItDoes() {
    Tensor x = device.tensor(Shape.of(4), 1, 2, 3, 4);
    try (Step step = device.step()) {
      Scale.apply(x, 2);
    }
    try (CapturedStep captured = device.capture(step -> Scale.apply(x, 2))) {
      x.close();
      try (Tensor other = device.full(Shape.of(4), 9)) {
        captured.replay();
        assertArrayEquals(new float[] {2, 4, 6, 8}, captured.output().toFloats());
      }
    }
    assertEquals(0, device.memory().current());
  }

  @Test
  void gradientsAreOverwrittenOrAddedToAsAtTheCapture() {
    Tensor w = device.persistent(DType.F32, Shape.of(1)).requiresGrad().named("w");
    float[] factor = {2};
    Function<Step, Tensor> work =
        step -> {
          Tensor x = device.feed(Shape.of(1, 1), () -> factor);
          Tensor y = Linear.apply(x, w.reshape(1, 1), null).reshape(1);
          step.backward(y);
          return y;
        };
    w.copyFrom(new float[] {5});
    try (Step step = device.step()) {
      work.apply(step);
    }
    assertEquals(2f, w.grad().item());
    try (Step step = device.step()) {
      work.apply(step);
    }
    assertEquals(4f, w.grad().item());
    try (CapturedStep further = device.capture(work)) {
      w.clearGrad();
      try (CapturedStep first = device.capture(work)) {
        assertEquals(
            "the captured step adds to the gradient of [1] (\"w\"), which is gone",
            assertThrows(IllegalStateException.class, further::replay).getMessage());
        first.replay();
        assertEquals(
            "the captured step overwrites the gradient of [1] (\"w\"): clear it first",
            assertThrows(IllegalStateException.class, first::replay).getMessage());
        factor[0] = 10;
        further.replay();
        further.replay();
        assertEquals(22f, w.grad().item());
        assertEquals(10f, first.output().item(), "each has an output of its own");
        assertEquals(50f, further.output().item());
        w.takeGrad().close();
        assertThrows(IllegalStateException.class, first::replay);
      }
    }
    w.close();
    assertEquals(0, device.memory().current());
  }

  @Test
  void whatCannotBeCapturedIsNamedAndLeavesTheDeviceAsItWas() {
    Tensor x = device.tensor(Shape.of(1, 4), 1, 2, 3, 4);
    refused(x, "has not run yet: run a step in the ordinary way", step -> Scale.apply(x, 3));
    Scale.apply(x, 3).close();
    refused(
        x,
        "reading a tensor has no place in a step that is being captured",
        step -> {
          Scale.apply(x, 3).toFloats();
          return x;
        });
    refused(
        x,
        "use Device.feed for values of each step, Device.constant for those that never change",
        step -> device.tensor(Shape.of(1), 1));
    refused(x, "a captured step keeps tensors", step -> Scale.apply(x, 3).keep());
    refused(
        x,
        "dropout has no place in a step that is being captured: every replay would draw what",
        step -> Dropout.apply(x, 0.5f, Rng.seed(1), 2, 3));
    refused(x, "capturing a step has no place", step -> device.capture(s -> x).output());
    Tensor norm = device.zeros(Shape.SCALAR);
    refused(
        x,
        "a kernel that takes a table from the host has no place in a captured step",
        step -> {
          List<Parameter> all = List.of(Parameter.gradient(x.address(), 4));
          device.kernels().optimizer().globalNorm(new GlobalNorm(all, Operand.of(norm)));
          return norm;
        });
    refused(
        x,
        "feed: shape [4] needs 16 bytes, the source gives 4",
        step -> device.constant(Shape.of(4), 1f));
    try (CapturedStep short1 = device.capture(s -> device.feed(Shape.of(4), () -> new float[1]))) {
      assertThrows(ShapeException.class, short1::replay);
    }
  }

  private void refused(Tensor x, String reason, Function<Step, Tensor> work) {
    MemoryUsage before = device.memory();
    RuntimeException e = assertThrows(RuntimeException.class, () -> device.capture(work));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertArrayEquals(new float[] {1, 2, 3, 4}, x.toFloats());
    if (!reason.contains("keeps tensors")) {
      assertEquals(before.current(), device.memory().current());
    }
  }

  @Test
  void devicesThatWaitAnywayDoNotCapture() {
    try (Device cpu = Device.cpu(1);
        Readback readback = cpu.readback(2);
        Tensor x = cpu.feed(Shape.of(1), () -> new float[] {3});
        Tensor y = cpu.constant(Shape.of(1), 4f)) {
      assertFalse(cpu.captures());
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> cpu.capture(step -> x));
      assertEquals("cpu does not capture steps", e.getMessage());
      readback.fetch(1, x);
      readback.fetch(0, y);
      assertArrayEquals(new float[] {4, 3}, readback.values());
    }
  }
}
