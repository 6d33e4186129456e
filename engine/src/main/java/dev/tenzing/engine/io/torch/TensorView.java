package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.ShapeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Locale;

/** A tensor as a view of its storage, checked to lie inside it. */
final class TensorView {
  static final int MOST_DIMENSIONS = 64;
  // An expanded tensor is larger than its storage, by any factor: more than this is refused.
  private static final long LARGEST_COPY = 64L << 20;

  private final RawTensor raw;
  private final Storage storage;
  private final Shape shape;
  private final long from;
  private final long span;
  private final boolean contiguous;
  private final Complaints complaints;

  /**
   * A view.
   *
   * @param label what messages call the tensor
   * @param storage its storage
   */
  TensorView(String label, RawTensor raw, Storage storage, Complaints complaints) {
    this.raw = raw;
    this.storage = storage;
    this.complaints = complaints;
    if (raw.shape().length > MOST_DIMENSIONS || raw.shape().length != raw.strides().length) {
      throw complaints.damaged(
          "%s has %s sizes and %s strides"
              .formatted(label, raw.shape().length, raw.strides().length));
    }
    int size = raw.type().bytes();
    StorageRef ref = raw.ref();
    long elements =
        ref == null
            ? storage.byteSize() / size
            : ref.size() * ref.type().bytes() / size; // checked by the layout
    long first = ref == null ? 0 : ref.from() * ref.type().bytes();
    try {
      this.shape = Shape.of(raw.shape());
      long last = raw.offset();
      long apart = 1;
      boolean dense = true;
      for (int i = raw.shape().length - 1; i >= 0; i--) {
        long dim = raw.shape()[i];
        long stride = raw.strides()[i];
        dense &= dim == 1 || stride == apart;
        apart = Math.multiplyExact(apart, Math.max(1, dim));
        if (dim > 1 && stride < 0) {
          throw complaints.damaged(label + " has a negative stride");
        }
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, dim - 1), stride));
      }
      Math.multiplyExact(shape.size(), (long) size);
      boolean inside = raw.offset() >= 0 && last < elements;
      if (shape.size() > 0 && !inside) {
        throw complaints.damaged(
            "%s needs elements %s to %s of %s, which has %s"
                .formatted(label, raw.offset(), last, storage.label(), elements));
      }
      this.contiguous = dense || shape.size() == 0;
      this.from = shape.size() == 0 ? 0 : first + raw.offset() * size;
      this.span = shape.size() == 0 ? 0 : (last - raw.offset() + 1) * size;
    } catch (ShapeException | ArithmeticException e) {
      throw new TorchException(
          complaints.path() + " is damaged: " + label + " has sizes or strides beyond 2^63", e);
    }
    long bytes = shape.size() * size;
    if (!contiguous && bytes > LARGEST_COPY && bytes / 2 > storage.byteSize()) {
      throw complaints.unsupported(
          String.format(
              Locale.ROOT,
              "%s repeats the elements of %s to %,d bytes",
              label,
              storage.label(),
              bytes));
    }
  }

  Shape shape() {
    return shape;
  }

  /** Reads bytes of its elements as if they were contiguous, row-major and little-endian. */
  void read(long at, MemorySegment into) {
    int size = raw.type().bytes();
    boolean swapped = size > 1 && storage.order() == ByteOrder.BIG_ENDIAN;
    if (contiguous && !swapped) {
      storage.read(from + at, into, complaints);
      return;
    }
    if (at % size != 0 || into.byteSize() % size != 0) {
      throw new IllegalArgumentException(
          "bytes %s to %s are no whole elements".formatted(at, at + into.byteSize()));
    }
    ByteOrder order = swapped ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    try (Arena arena = Arena.ofConfined()) {
      if (contiguous) {
        MemorySegment all = arena.allocate(into.byteSize(), 64);
        storage.read(from + at, all, complaints);
        copyRow(all, 0, 1, into, 0, into.byteSize() / size, order);
      } else {
        MemorySegment all = arena.allocate(span, 64);
        storage.read(from, all, complaints);
        copy(all, at / size, into, order);
      }
    }
  }

  /** Copies the elements from number {@code first} on, row by row. */
  private void copy(MemorySegment all, long first, MemorySegment into, ByteOrder order) {
    int size = raw.type().bytes();
    int rank = shape.rank(); // at least 1, because a single element is contiguous
    long[] index = new long[rank];
    long rest = first;
    for (int i = rank - 1; i >= 0; i--) {
      index[i] = rest % shape.dim(i);
      rest /= shape.dim(i);
    }
    long stride = raw.strides()[rank - 1];
    long count = into.byteSize() / size;
    for (long to = 0; to < count; ) {
      long element = 0;
      for (int i = 0; i < rank; i++) {
        element += index[i] * raw.strides()[i];
      }
      long row = Math.min(count - to, shape.dim(-1) - index[rank - 1]);
      copyRow(all, element * size, stride, into, to, row, order);
      to += row;
      index[rank - 1] = 0;
      for (int i = rank - 2; i >= 0 && ++index[i] == shape.dim(i); i--) {
        index[i] = 0;
      }
    }
  }

  private void copyRow(
      MemorySegment all,
      long at,
      long stride,
      MemorySegment copy,
      long to,
      long count,
      ByteOrder order) {
    ByteOrder little = ByteOrder.LITTLE_ENDIAN;
    switch (raw.type().bytes()) {
      case 8 -> {
        var in = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order);
        var out = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(little);
        for (long i = 0; i < count; i++) {
          copy.set(out, 8 * (to + i), all.get(in, at + 8 * i * stride));
        }
      }
      case 4 -> {
        var in = ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
        var out = ValueLayout.JAVA_INT_UNALIGNED.withOrder(little);
        for (long i = 0; i < count; i++) {
          copy.set(out, 4 * (to + i), all.get(in, at + 4 * i * stride));
        }
      }
      case 2 -> {
        var in = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
        var out = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(little);
        for (long i = 0; i < count; i++) {
          copy.set(out, 2 * (to + i), all.get(in, at + 2 * i * stride));
        }
      }
      default -> {
        for (long i = 0; i < count; i++) {
          copy.set(ValueLayout.JAVA_BYTE, to + i, all.get(ValueLayout.JAVA_BYTE, at + i * stride));
        }
      }
    }
  }
}
