package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.ShapeException;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.TokenKernels;
import java.util.Locale;

/**
 * What operations ask of their arguments before a kernel sees an address; every failure names the
 * operation and the tensors.
 */
final class Expect {
  private Expect() {}

  /** All tensors (nulls are skipped) are on one device; returns it. */
  static Device sameDevice(String operation, Tensor first, Tensor... others) {
    for (Tensor other : others) {
      if (other != null && other.device() != first.device()) {
        throw new ShapeException(
            "%s: %s is on %s but %s is on %s"
                .formatted(operation, first, first.device(), other, other.device()));
      }
    }
    return first.device();
  }

  /** {@code x}, if present, is of the type. */
  static void dtype(String operation, String name, Tensor x, DType dtype) {
    if (x != null && x.dtype() != dtype) {
      throw new ShapeException(
          "%s: %s must be %s, is %s %s".formatted(operation, name, dtype, x.dtype(), x));
    }
  }

  /** {@code x} is F32, or of the type that its device gives to activations. */
  static void activation(String operation, String name, Tensor x) {
    DType type = x.device().activations();
    if (x.dtype() != DType.F32 && x.dtype() != type) {
      throw new ShapeException(
          "%s: %s must be %s, is %s %s"
              .formatted(
                  operation, name, type == DType.F32 ? type : "F32 or " + type, x.dtype(), x));
    }
  }

  /** {@code x}, if present, has the shape; -1 stands for any size. */
  static void shape(String operation, String name, Tensor x, long... dims) {
    if (x == null) {
      return;
    }
    boolean fits = x.shape().rank() == dims.length;
    for (int i = 0; fits && i < dims.length; i++) {
      fits = dims[i] < 0 || dims[i] == x.dim(i);
    }
    if (!fits) {
      StringBuilder wanted = new StringBuilder("[");
      for (int i = 0; i < dims.length; i++) {
        wanted.append(i == 0 ? "" : ",").append(dims[i] < 0 ? "*" : Long.toString(dims[i]));
      }
      throw new ShapeException(
          "%s: %s must have shape %s], is %s".formatted(operation, name, wanted, x));
    }
  }

  /**
   * {@code x}, if present, would take no gradient now: the operation has none to give to it, and
   * dropping one silently would be a wrong result.
   */
  static void constant(String operation, String name, Tensor x) {
    if (x != null && x.device().records(x)) {
      throw new ShapeException(
          "%s: %s takes no gradient, but %s needs one; detach() it".formatted(operation, name, x));
    }
  }

  /** Every element of the I32 {@code index}, if present, is in 0..limit-1. */
  static void indices(String operation, String name, Tensor index, long limit) {
    if (index == null) {
      return;
    }
    long at =
        index
            .device()
            .kernels()
            .tokens()
            .firstOutOfRange(
                new TokenKernels.FirstOutOfRange(of(index), index.size(), size(operation, limit)));
    if (at >= 0) {
      throw new IndexOutOfBoundsException(
          "%s: element %s of %s %s is not in 0..%s"
              .formatted(operation, at, name, index, limit - 1));
    }
  }

  /** A size as the int that kernels take. */
  static int size(String operation, long size) {
    if (size > Integer.MAX_VALUE) {
      throw new ShapeException(operation + ": a dimension of " + size + " is too large");
    }
    return (int) size;
  }

  /** Throws with a formatted message unless the condition holds. */
  static void that(boolean condition, String message, Object... arguments) {
    if (!condition) {
      throw new ShapeException(String.format(Locale.ROOT, message, arguments));
    }
  }
}
