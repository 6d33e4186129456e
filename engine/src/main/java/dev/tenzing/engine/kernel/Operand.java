package dev.tenzing.engine.kernel;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;
import java.util.Objects;

/**
 * An array that a kernel reads or writes: contiguous, row-major, in the memory of its back end.
 *
 * @param address of the first element; 0 when an optional array is absent
 * @param type of its elements
 * @param accumulate whether an output is added to; otherwise it is completely overwritten
 */
public record Operand(long address, DType type, boolean accumulate) {
  /** An absent optional array. */
  public static final Operand NONE = f32(0);

  /** An array that is read or overwritten. */
  public Operand(long address, DType type) {
    this(address, type, false);
  }

  /** An F32 array that is read or overwritten. */
  public static Operand f32(long address) {
    return new Operand(address, DType.F32);
  }

  /** An I32 array that is read or overwritten. */
  public static Operand i32(long address) {
    return new Operand(address, DType.I32);
  }

  /**
   * The elements of a tensor.
   *
   * @throws NullPointerException when there is none: a kernel would read at address 0
   */
  public static Operand of(Tensor tensor) {
    Objects.requireNonNull(tensor, "an operation lacks a tensor that it needs");
    return new Operand(tensor.address(), tensor.dtype());
  }

  /** The elements of a tensor that may be null. */
  public static Operand optional(Tensor tensor) {
    return tensor == null ? NONE : of(tensor);
  }

  /** A gradient to write or to add to as the slot says; null when none is wanted. */
  public static Operand of(Gradients.Slot optional) {
    return optional == null
        ? NONE
        : new Operand(optional.address(), optional.tensor().dtype(), optional.accumulate());
  }

  /** The same array as an output that is added to if {@code accumulate} says so. */
  public Operand accumulating(boolean accumulate) {
    return new Operand(address, type, accumulate);
  }

  /** Whether it is there. */
  public boolean present() {
    return address != 0;
  }

  /**
   * Bytes that a kernel moves for it: none when it is absent, twice as many when it is added to.
   *
   * @param sizes whose product is the number of elements
   */
  public long bytes(long... sizes) {
    if (!present()) {
      return 0;
    }
    long bytes = accumulate ? 2L * type.bytes() : type.bytes();
    for (long size : sizes) {
      bytes *= size;
    }
    return bytes;
  }
}
