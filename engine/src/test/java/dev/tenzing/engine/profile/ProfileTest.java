package dev.tenzing.engine.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.op.MeanSquaredError;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ProfileTest {
  @Test
  void countsTheKernelsOfAStep() {
    try (Device device = Device.cpu(2);
        Profile profile = device.profile()) {
      step(device); // Before any begin: not counted.
      for (int i = 0; i < 5; i++) {
        profile.begin();
        step(device);
        profile.end();
      }
      Map<String, KernelWork> rows =
          profile.kernels().stream()
              .collect(Collectors.toMap(KernelWork::kernel, Function.identity()));
      KernelWork linear = rows.get("linear");
      assertEquals(2, linear.calls());
      assertEquals(2 * (7 * 5 * 3 + 7 * 3 * 5), linear.flops());
      assertEquals(4 * (7 * 5 + 7 * 3) + 4 * (7 * 3 + 7 * 5) + 2 * 4 * 15, linear.bytes());
      assertEquals(2, rows.get("copyOut").calls());
      List<KernelWork> shapes = profile.shapes();
      assertEquals(
          List.of("7x3x5", "7x5x3"),
          shapes.stream()
              .filter(row -> row.kernel().equals("linear"))
              .map(KernelWork::shape)
              .sorted()
              .toList());
      assertEquals(
          rows.values().stream().mapToDouble(KernelWork::flops).sum(),
          shapes.stream().mapToDouble(KernelWork::flops).sum());
      double inKernels = rows.values().stream().mapToDouble(KernelWork::nanos).sum();
      assertTrue(inKernels > 0 && inKernels < profile.stepNanos());
    }
  }

  @Test
  void noProductIsFasterThanThePeak() {
    Peaks slow = new Peaks("a product of 256 x 256 x 256", 4, 20);
    KernelWork add = new KernelWork("add", "", 1, 10, 0, 1000);
    KernelWork linear = new KernelWork("linear", "8x8x8", 1, 10, 1000, 10);
    KernelWork faster = new KernelWork("linear", "64x64x64", 1, 10, 2350, 10);
    assertEquals(
        new Peaks("which linear 64x64x64 reached", 235, 20),
        slow.reachedBy(List.of(add, faster, linear)));
    Peaks fast = new Peaks("multiply-adds in registers", 250, 20);
    assertEquals(fast, fast.reachedBy(List.of(add, linear, faster)));
    assertEquals(fast, fast.reachedBy(List.of()));
  }

  @Test
  void changesNoResult() {
    try (Device device = Device.cpu(1)) {
      float[] plain = step(device);
      try (Profile profile = device.profile()) {
        profile.begin();
        assertArrayEquals(plain, step(device));
        profile.end();
      }
    }
  }

  @Test
  void endsWhenItIsClosed() {
    try (Device device = Device.cpu(1)) {
      Profile profile = device.profile();
      assertThrows(IllegalStateException.class, device::profile);
      assertFalse(device.captures());
      profile.begin();
      step(device);
      profile.close();
      step(device);
      profile.end();
      assertEquals(
          2,
          profile.kernels().stream()
              .filter(row -> row.kernel().equals("linear"))
              .mapToDouble(KernelWork::calls)
              .sum());
    }
  }

  @Test
  void leavesOutTheSlowestAndTheFastestQuarter() throws InterruptedException {
    try (Device device = Device.cpu(1);
        Profile profile = device.profile()) {
      for (int millis : new int[] {400, 20, 20, 20}) {
        profile.begin();
        Thread.sleep(millis);
        profile.end();
      }
      assertTrue(profile.stepNanos() >= 20e6 && profile.stepNanos() < 200e6);
    }
  }

  /** A step of two linear layers; the loss and a gradient. */
  private static float[] step(Device device) {
    try (Tensor w = device.persistent(DType.F32, Shape.of(3, 5));
        Tensor v = device.persistent(DType.F32, Shape.of(5, 3));
        Step step = device.step()) {
      w.copyFrom(new float[] {1, -2, 3, 4, 5, 6, 7, 8, -9, 1, 2, 3, 4, 5, 6});
      v.copyFrom(new float[] {.1f, 2, 3, .4f, 5, 6, -7, 8, 9, 1, .2f, 3, 4, 5, 6});
      w.requiresGrad();
      Tensor x = device.full(Shape.of(7, 5), 0.3f);
      Tensor loss = MeanSquaredError.apply(Linear.apply(Linear.apply(x, w, null), v, null), x);
      step.backward(loss);
      float[] grad = w.grad().toFloats();
      return new float[] {loss.item(), grad[0], grad[14]};
    }
  }
}
