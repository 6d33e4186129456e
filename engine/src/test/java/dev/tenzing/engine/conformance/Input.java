package dev.tenzing.engine.conformance;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One input of an operation under test.
 *
 * @param kind what it is to the operation
 * @param shape its shape
 * @param values its elements, each exactly representable in the tensor's type
 */
record Input(Kind kind, Shape shape, double[] values) {
  /** What an input is to an operation. */
  enum Kind {
    /** F32 with a gradient. */
    VARIABLE,
    /** F32 with a gradient, which the operation takes as a leaf only. */
    PARAMETER,
    /** F32 without a gradient: asking for one throws. */
    CONSTANT,
    /** I32. */
    INDEX,
    /** U8. */
    BYTES
  }

  boolean differentiable() {
    return kind == Kind.VARIABLE || kind == Kind.PARAMETER;
  }

  boolean floating() {
    return differentiable() || kind == Kind.CONSTANT;
  }

  /** A tensor of the values, {@code offset} elements away from an aligned address. */
  Tensor upload(Device device, int offset) {
    DType dtype = floating() ? DType.F32 : kind == Kind.INDEX ? DType.I32 : DType.U8;
    Tensor flat = device.empty(dtype, Shape.of(values.length + offset));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(Math.max(1, flat.bytes()), 64);
      for (int i = 0; i < values.length; i++) {
        switch (dtype) {
          case I32 -> host.setAtIndex(ValueLayout.JAVA_INT, i + offset, (int) values[i]);
          case U8 -> host.setAtIndex(ValueLayout.JAVA_BYTE, i + offset, (byte) values[i]);
          default -> host.setAtIndex(ValueLayout.JAVA_FLOAT, i + offset, (float) values[i]);
        }
      }
      flat.copyFrom(host.asSlice(0, flat.bytes()));
    }
    return flat.slice(offset, values.length + offset).reshape(shape);
  }
}
