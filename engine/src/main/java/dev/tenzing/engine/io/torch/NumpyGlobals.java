package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.StoredType;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** NumPy's scalars, types and arrays, of versions 1 and 2. */
final class NumpyGlobals {
  private final Complaints complaints;
  private final Budget budget;

  NumpyGlobals(Complaints complaints, Budget budget) {
    this.complaints = complaints;
    this.budget = budget;
  }

  private static String bare(String name) {
    return name.replace("numpy._core.", "numpy.core.");
  }

  /** Whether {@code name} is one of those known here. */
  static boolean has(String name) {
    return switch (bare(name)) {
      case "numpy.dtype",
          "numpy.core.multiarray.scalar",
          "numpy.core.multiarray._reconstruct",
          "numpy.core.numeric._frombuffer" ->
          true;
      default -> false;
    };
  }

  Object call(String name, Tuple arguments) {
    return switch (bare(name)) {
      case "numpy.dtype" -> {
        if (!(arguments.get(0) instanceof String code) || code.length() > 16) {
          throw complaints.unsupported("its pickle holds a NumPy type without a plain name");
        }
        yield new NumpyType(code);
      }
      case "numpy.core.multiarray.scalar" -> scalar(arguments);
      case "numpy.core.numeric._frombuffer" -> {
        NumpyArray array = new NumpyArray();
        array.value(
            array(
                arguments.get(0),
                arguments.get(1),
                arguments.get(2),
                "F".equals(arguments.get(3))));
        yield array;
      }
      default -> new NumpyArray();
    };
  }

  /** State of a type: (version, byte order, ...). */
  void build(NumpyType type, Object state) {
    if (state instanceof Tuple tuple && tuple.get(1) instanceof String order) {
      type.order(order.equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    } else {
      throw complaints.damaged("its pickle holds a NumPy type without a byte order");
    }
  }

  /** State of an array: (version, shape, type, whether columns come first, bytes). */
  void build(NumpyArray array, Object state) {
    if (!(state instanceof Tuple tuple) || !(tuple.get(3) instanceof Boolean columns)) {
      throw complaints.damaged("its pickle holds a NumPy array without an order");
    }
    array.value(array(tuple.get(4), tuple.get(2), tuple.get(1), columns));
  }

  private Object array(Object content, Object dtype, Object sizes, boolean columns) {
    if (!(sizes instanceof Tuple tuple)
        || tuple.size() > TensorView.MOST_DIMENSIONS
        || !(dtype instanceof NumpyType type)) {
      throw complaints.damaged("its pickle holds a NumPy array without shape or type");
    }
    StoredType stored = type.stored();
    if (stored == null || content instanceof List<?>) {
      return new RawObject("numpy.ndarray", new Tuple(List.of(type.code(), tuple)));
    }
    byte[] bytes = bytes(content);
    long[] shape = new long[tuple.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = tuple.get(i) instanceof Long size ? size : -1;
    }
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = 0; i < shape.length; i++) {
      int dim = columns ? i : shape.length - 1 - i;
      strides[dim] = stride;
      stride *= Math.max(1, shape[dim]); // an overflow lies outside the bytes, which is checked
    }
    Storage storage = Storage.of(bytes, "a NumPy array", type.order());
    return new RawTensor(null, storage, stored, 0, shape, strides);
  }

  private byte[] bytes(Object value) {
    return switch (value) {
      case byte[] bytes -> bytes;
      case String text -> { // of Python 2
        budget.bytes(text.length());
        yield text.getBytes(StandardCharsets.ISO_8859_1);
      }
      case null, default ->
          throw complaints.damaged("its pickle holds a NumPy value without bytes");
    };
  }

  private Object scalar(Tuple arguments) {
    if (!(arguments.get(0) instanceof NumpyType type)) {
      throw complaints.damaged("its pickle holds a NumPy number without a type");
    }
    int size = sizeOf(type.code());
    if (size == 0) {
      return new RawObject("numpy." + type.code(), null);
    }
    byte[] bytes = bytes(arguments.get(1));
    if (bytes.length != size) {
      throw complaints.damaged(
          "its pickle holds a NumPy %s of %s bytes".formatted(type.code(), bytes.length));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(type.order());
    return switch (type.code()) {
      case "f8" -> in.getDouble();
      case "f4" -> (double) in.getFloat();
      case "f2" -> (double) Float.float16ToFloat(in.getShort());
      case "i8" -> in.getLong();
      case "i4" -> (long) in.getInt();
      case "i2" -> (long) in.getShort();
      case "i1" -> (long) in.get();
      case "u8" -> unsigned(in.getLong());
      case "u4" -> Integer.toUnsignedLong(in.getInt());
      case "u2" -> (long) Short.toUnsignedInt(in.getShort());
      case "u1" -> (long) Byte.toUnsignedInt(in.get());
      default -> in.get() != 0;
    };
  }

  private static Object unsigned(long value) {
    if (value >= 0) {
      return value;
    }
    return new BigInteger(Long.toUnsignedString(value));
  }

  private static int sizeOf(String code) {
    return switch (code) {
      case "f8", "i8", "u8" -> 8;
      case "f4", "i4", "u4" -> 4;
      case "f2", "i2", "u2" -> 2;
      case "i1", "u1", "b1" -> 1;
      default -> 0;
    };
  }
}
