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
public record StoredTensor(
    String label, StoredType type, Shape shape, Supplier<MemorySegment> source) {
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

  /** Its elements, contiguous, row-major and little-endian. */
  public MemorySegment bytes() {
    return source.get();
  }

  /** How many bytes its elements take. */
  public long byteSize() {
    return shape.size() * type.bytes();
  }

  /** Part of it: {@code count} slices of the first dimension. */
  public StoredTensor rows(long from, long count) {
    long row = byteSize() / Math.max(1, shape.dim(0));
    return new StoredTensor(
        label, type, shape.with(0, count), () -> bytes().asSlice(from * row, count * row));
  }

  /**
   * Tensors of one type joined along their first dimension.
   *
   * @throws IllegalArgumentException when types or other dimensions differ
   */
  public static StoredTensor concat(List<StoredTensor> parts) {
    StoredTensor first = parts.getFirst();
    long rows = 0;
    long bytes = 0;
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
      bytes += part.byteSize();
    }
    long size = bytes;
    return new StoredTensor(
        first.label,
        first.type,
        first.shape.with(0, rows),
        () -> {
          MemorySegment joined = Arena.ofAuto().allocate(size, 64);
          long at = 0;
          for (StoredTensor part : parts) {
            MemorySegment.copy(part.bytes(), 0, joined, at, part.byteSize());
            at += part.byteSize();
          }
          return joined;
        });
  }

  /** Its elements, of any type, as doubles. */
  public double[] toDoubles() {
    MemorySegment bytes = bytes();
    double[] values = new double[arrayLength()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case F64 -> bytes.get(F64, 8L * i);
            case F32 -> bytes.get(F32, 4L * i);
            case F16 -> Float.float16ToFloat(bytes.get(I16, 2L * i));
            case BF16 -> Float.intBitsToFloat(bytes.get(I16, 2L * i) << 16);
            default -> integer(bytes, i);
          };
    }
    return values;
  }

  /** Its elements, of any type, as floats. */
  public float[] toFloats() {
    float[] values = new float[arrayLength()];
    if (type == StoredType.F32) {
      MemorySegment.copy(bytes(), F32, 0, values, 0, values.length);
      return values;
    }
    double[] doubles = toDoubles();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) doubles[i];
    }
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
    MemorySegment bytes = bytes();
    long[] values = new long[arrayLength()];
    for (int i = 0; i < values.length; i++) {
      values[i] = integer(bytes, i);
    }
    return values;
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
}
