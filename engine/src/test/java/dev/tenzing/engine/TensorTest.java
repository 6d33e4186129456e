package dev.tenzing.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.op.Add;
import dev.tenzing.engine.op.Linear;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void hostDataComesBack() {
    Tensor x = device.tensor(Shape.of(2, 2), 1, -2, Float.NaN, 4);
    assertArrayEquals(new float[] {1, -2, Float.NaN, 4}, x.toFloats());
    x.copyFrom(new float[] {5, 6, 7, 8});
    byte[] part = new byte[4];
    x.copyTo(8, MemorySegment.ofArray(part));
    assertArrayEquals(new byte[] {0, 0, (byte) 0xe0, 0x40}, part);
    assertArrayEquals(new int[] {-1, 7}, device.tensor(Shape.of(2), new int[] {-1, 7}).toInts());
    assertEquals(3f, device.full(Shape.SCALAR, 3f).item());
    assertEquals(0, device.tensor(Shape.of(0, 3)).toFloats().length);
  }

  @Test
  void viewsShareMemory() {
    Tensor x = device.tensor(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
    Tensor rows = x.slice(1, 3);
    Tensor flat = x.reshape(6);
    x.copyFrom(new float[] {0, 0, 7, 8, 9, 10});
    assertArrayEquals(new float[] {7, 8, 9, 10}, rows.toFloats());
    assertArrayEquals(new float[] {0, 0, 7, 8, 9, 10}, flat.toFloats());
    x.close();
    rows.close();
    assertEquals(9f, flat.toFloats()[4], "the last view keeps the memory");
    flat.close();
    assertEquals(0, device.memory().current());
  }

  @Test
  void gradientsFlowThroughReshapeButNotThroughDetach() {
    Tensor x = device.tensor(Shape.of(2, 2), 1, 2, 3, 4).requiresGrad();
    try (Step step = device.step()) {
      Tensor y = Add.apply(x.reshape(4), x.detach().reshape(4));
      step.backward(y, device.tensor(Shape.of(4), 1, 10, 100, 1000));
    }
    assertArrayEquals(new float[] {1, 10, 100, 1000}, x.grad().toFloats());
    assertEquals(x.shape(), x.grad().shape());
  }

  @Test
  void aFreedTensorIsReported() {
    Tensor kept = device.full(Shape.of(3), 1).named("blocks.0.weight");
    kept.close();
    kept.close();
    for (Runnable use :
        new Runnable[] {
          kept::address,
          kept::toFloats,
          () -> kept.reshape(3),
          () -> kept.slice(0, 1),
          () -> Add.apply(kept, kept)
        }) {
      String message = assertThrows(IllegalStateException.class, use::run).getMessage();
      assertTrue(
          message.startsWith("the tensor [3] (\"blocks.0.weight\") has been freed"), message);
    }
  }

  @Test
  void misuseIsToldInASentence() {
    Tensor x = device.tensor(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Tensor ids = device.tensor(Shape.of(2), new int[] {0, 1});
    assertSentence("reshape: [2,3] has 6 elements, [4] has 4", () -> x.reshape(4));
    assertSentence("slice: rows 1 to 3 of [2,3]", () -> x.slice(1, 3));
    assertSentence("item: [2,3] is not a single value", x::item);
    assertSentence("toInts: needs I32, [2,3] is F32", x::toInts);
    assertSentence("toFloats: needs F32, [2] is I32", ids::toFloats);
    assertSentence("requiresGrad: a I32 tensor has no gradient", ids::requiresGrad);
    assertSentence(
        "copyFrom: [2,3] has 24 bytes, the host memory 4", () -> x.copyFrom(new float[1]));
    assertSentence("tensor: shape [3] needs 3 values, got 1", () -> device.tensor(Shape.of(3), 1f));
    assertSentence(
        "add: b must be F32, is I32 [2]", () -> Add.apply(device.zeros(Shape.of(2)), ids));
    assertSentence(
        "linear: inner sizes differ, x=[2,3] weight=[5,4] (\"head.weight\")",
        () -> Linear.apply(x, device.zeros(Shape.of(5, 4)).named("head.weight"), null));
    assertSentence(
        "linear: bias must have shape [5], is [4] (\"head.bias\")",
        () ->
            Linear.apply(
                x, device.zeros(Shape.of(5, 3)), device.zeros(Shape.of(4)).named("head.bias")));
  }

  @Test
  void aTensorOfAnotherDeviceIsReported() {
    try (Device other = Device.cpu(1)) {
      Tensor here = device.zeros(Shape.of(2));
      Tensor there = other.zeros(Shape.of(2));
      assertSentence("add: [2] is on cpu but [2] is on cpu", () -> Add.apply(here, there));
    }
  }

  private static void assertSentence(String expected, Runnable code) {
    assertEquals(expected, assertThrows(ShapeException.class, code::run).getMessage());
  }
}
