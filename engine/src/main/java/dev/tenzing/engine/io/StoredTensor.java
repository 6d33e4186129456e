package dev.tenzing.engine.io;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Supplier;

/**
 * A tensor in a file: its type and shape, and its bytes when they are asked for.
 *
 * @param label what messages call it, such as {@code tensor "head.bias" in model.pth}
 * @param type type of its elements
 * @param shape its sizes
 * @param source its elements, contiguous, row-major and little-endian; valid until the file is
 *     closed
 */
public record StoredTensor(String label, StoredType type, Shape shape, Source source) {
  /** Reads the bytes of a tensor. */
  @FunctionalInterface
  public interface Source {
    /** Fills {@code into} with the bytes from {@code at} on. */
    void read(long at, MemorySegment into);
  }

  /** Takes a piece of a tensor that begins at element {@code first}. */
  @FunctionalInterface
  private interface Piece {
    void take(int first, MemorySegment bytes);
  }

  private static final int PIECE = 1 << 20;
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A tensor whose bytes are made, once, when they are asked for. */
  public StoredTensor(String label, StoredType type, Shape shape, Supplier<MemorySegment> bytes) {
    this(label, type, shape, new Made(label, shape.size() * type.bytes(), bytes));
  }

  private static final class Made implements Source {
    private final String label;
    private final long size;
    private final Supplier<MemorySegment> bytes;
    private MemorySegment made;

    Made(String label, long size, Supplier<MemorySegment> bytes) {
      this.label = label;
      this.size = size;
      this.bytes = bytes;
    }

    @Override
    public synchronized void read(long at, MemorySegment into) {
      if (made == null) {
        made = bytes.get();
        if (made.byteSize() != size) {
          throw new IllegalStateException(
              "%s: %s bytes came of %s".formatted(label, made.byteSize(), size));
        }
      }
      into.copyFrom(made.asSlice(at, into.byteSize()));
    }
  }

  /** Its elements, contiguous, row-major and little-endian, in memory of their own. */
  public MemorySegment bytes() {
    MemorySegment bytes = Arena.ofAuto().allocate(byteSize(), 64);
    source.read(0, bytes);
    return bytes;
  }

  /** How many bytes its elements take. */
  public long byteSize() {
    return shape.size() * type.bytes();
  }

  /** Part of it: {@code count} slices of the first dimension. */
  public StoredTensor rows(long from, long count) {
    long row = byteSize() / Math.max(1, shape.dim(0));
    return new StoredTensor(
        label, type, shape.with(0, count), (at, into) -> source.read(from * row + at, into));
  }

  /**
   * Tensors of one type joined along their first dimension.
   *
   * @throws IllegalArgumentException when types or other dimensions differ
   */
  public static StoredTensor concat(List<StoredTensor> parts) {
    StoredTensor first = parts.getFirst();
    long rows = 0;
    for (StoredTensor part : parts) {
      if (part.type != first.type
          || part.shape.rank() == 0
          || !part.shape.with(0, 1).equals(first.shape.with(0, 1))) {
        throw new IllegalArgumentException(
            "%s of %s %s and %s of %s %s cannot be joined"
                .formatted(
                    first.label, first.type, first.shape, part.label, part.type, part.shape));
      }
      rows += part.shape.dim(0);
    }
    return new StoredTensor(
        first.label,
        first.type,
        first.shape.with(0, rows),
        (at, into) -> readParts(parts, at, into));
  }

  private static void readParts(List<StoredTensor> parts, long at, MemorySegment into) {
    long begin = 0;
    for (StoredTensor part : parts) {
      long from = Math.max(at, begin);
      long to = Math.min(at + into.byteSize(), begin + part.byteSize());
      if (from < to) {
        part.source.read(from - begin, into.asSlice(from - at, to - from));
      }
      begin += part.byteSize();
    }
  }

  /** Its elements, of any type, as doubles. */
  public double[] toDoubles() {
    double[] values = new double[arrayLength()];
    pieces((first, bytes) -> {
      int count = (int) (bytes.byteSize() / type.bytes());
      for (int i = 0; i < count; i++) {
        values[first + i] = number(bytes, i);
      }
    });
    return values;
  }

  private double number(MemorySegment bytes, int i) {
    return switch (type) {
      case F64 -> bytes.get(F64, 8L * i);
      case F32 -> bytes.get(F32, 4L * i);
      case F16 -> Float.float16ToFloat(bytes.get(I16, 2L * i));
      case BF16 -> Float.intBitsToFloat(bytes.get(I16, 2L * i) << 16);
      default -> integer(bytes, i);
    };
  }

  /** Its elements, of any type, as floats. */
  public float[] toFloats() {
    float[] values = new float[arrayLength()];
    pieces((first, bytes) -> {
      int count = (int) (bytes.byteSize() / type.bytes());
      if (type == StoredType.F32) {
        MemorySegment.copy(bytes, F32, 0, values, first, count);
        return;
      }
      for (int i = 0; i < count; i++) {
        values[first + i] = (float) number(bytes, i);
      }
    });
    return values;
  }

  /**
   * Its elements, integers.
   *
   * @throws TensorFileException when they are not integers
   */
  public long[] toLongs() {
    if (type.isFloating()) {
      throw new TensorFileException(label + " is " + type + ", not an integer type");
    }
    long[] values = new long[arrayLength()];
    pieces((first, bytes) -> {
      int count = (int) (bytes.byteSize() / type.bytes());
      for (int i = 0; i < count; i++) {
        values[first + i] = integer(bytes, i);
      }
    });
    return values;
  }

  private void pieces(Piece piece) {
    long size = byteSize();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Math.min(PIECE, size), 64);
      for (long at = 0; at < size; at += PIECE) {
        MemorySegment bytes = buffer.asSlice(0, Math.min(PIECE, size - at));
        source.read(at, bytes);
        piece.take((int) (at / type.bytes()), bytes);
      }
    }
  }

  private long integer(MemorySegment bytes, int i) {
    return switch (type) {
      case I64 -> bytes.get(I64, 8L * i);
      case I32 -> bytes.get(I32, 4L * i);
      case I16 -> bytes.get(I16, 2L * i);
      case I8 -> bytes.get(ValueLayout.JAVA_BYTE, i);
      default -> bytes.get(ValueLayout.JAVA_BYTE, i) & 0xff;
    };
  }

  private int arrayLength() {
    if (shape.size() > Integer.MAX_VALUE - 8) {
      throw new TensorFileException(label + " is too large for an array");
    }
    return (int) shape.size();
  }

  /** A floating-point tensor on a device, as F32. */
  public Tensor toTensor(Device device) {
    return type == StoredType.F32
        ? device.tensor(DType.F32, shape, bytes())
        : device.tensor(shape, toFloats());
  }

  /**
   * Gives an F32 tensor of the same size its elements.
   *
   * @throws TensorFileException when they cannot be read; then some may have been given
   */
  public void copyTo(Tensor tensor) {
    if (type != StoredType.F32) {
      tensor.copyFrom(toFloats());
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(byteSize(), 64);
      source.read(0, bytes);
      tensor.copyFrom(bytes);
    }
  }
}
