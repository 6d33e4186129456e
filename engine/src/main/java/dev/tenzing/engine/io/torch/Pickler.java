package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.StoredType;
import dev.tenzing.engine.io.TensorBytes;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Writes plain data as a pickle of protocol 2, and tensors as names of storages outside it. */
final class Pickler {
  private static final int DEEPEST = 128;

  /**
   * A storage outside the pickle; its key is its place in the list.
   *
   * @param size how many bytes
   */
  record Stored(long size, TensorBytes bytes) {}

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Stored> storages = new ArrayList<>();
  private final Map<Object, Integer> keys = new IdentityHashMap<>();
  private final Map<String, Integer> memo = new HashMap<>();
  private int depth;

  /** Pickles {@code root}; the storages that it names are in {@link #storages()} then. */
  byte[] pickle(Map<String, ?> root) {
    out.write(Opcode.PROTO);
    out.write(2);
    write(root);
    out.write(Opcode.STOP);
    return out.toByteArray();
  }

  List<Stored> storages() {
    return storages;
  }

  private void write(Object value) {
    switch (value) {
      case null -> out.write(Opcode.NONE);
      case Boolean flag -> out.write(flag ? Opcode.NEWTRUE : Opcode.NEWFALSE);
      case Long number -> integer(number);
      case Integer number -> integer(number);
      case BigInteger number -> integer(number);
      case Double number -> floating(number);
      case Float number -> floating(number);
      case String text -> text(text);
      case Map<?, ?> map -> map(map);
      case List<?> list -> list(list);
      case StoredTensor tensor ->
          tensor(
              tensor,
              tensor.type(),
              tensor.shape(),
              new Stored(tensor.byteSize(), TensorBytes.of(tensor)));
      case Tensor tensor ->
          tensor(
              tensor,
              StoredType.of(tensor.dtype()),
              tensor.shape(),
              new Stored(tensor.bytes(), TensorBytes.of(tensor)));
      case TorchObject object ->
          throw new IllegalArgumentException(
              "a checkpoint of plain data cannot hold a " + object.type());
      default ->
          throw new IllegalArgumentException(
              "a checkpoint of plain data cannot hold a " + value.getClass().getName());
    }
  }

  // ---- containers
  // -----------------------------------------------------------------------------------------------------------------------------

  private void map(Map<?, ?> map) {
    enter();
    boolean stateDict =
        !map.isEmpty()
            && map.values().stream()
                .allMatch(value -> value instanceof Tensor || value instanceof StoredTensor);
    if (stateDict) {
      emptyOrderedDict();
    } else {
      out.write(Opcode.EMPTY_DICT);
    }
    if (!map.isEmpty()) {
      out.write(Opcode.MARK);
      map.forEach((key, value) -> {
        if (key instanceof Map<?, ?> || key instanceof List<?>) {
          throw new IllegalArgumentException("a key of a dict cannot be a map or a list");
        }
        write(key);
        write(value);
      });
      out.write(Opcode.SETITEMS);
    }
    depth--;
  }

  private void emptyOrderedDict() {
    global("collections", "OrderedDict");
    out.write(Opcode.EMPTY_TUPLE);
    out.write(Opcode.REDUCE);
  }

  private void list(List<?> list) {
    enter();
    out.write(Opcode.EMPTY_LIST);
    if (!list.isEmpty()) {
      out.write(Opcode.MARK);
      list.forEach(this::write);
      out.write(Opcode.APPENDS);
    }
    depth--;
  }

  private void enter() {
    if (++depth > DEEPEST) {
      throw new IllegalArgumentException("values are nested more than " + DEEPEST + " deep");
    }
  }

  // ---- tensors
  // -----------------------------------------------------------------------------------------------------------------------------

  private void tensor(Object identity, StoredType type, Shape shape, Stored stored) {
    Integer key = keys.get(identity);
    if (key == null) {
      key = storages.size();
      keys.put(identity, key);
      storages.add(stored);
    }
    global("torch._utils", "_rebuild_tensor_v2");
    out.write(Opcode.MARK);
    out.write(Opcode.MARK);
    remembered("storage");
    global("torch", storageClass(type));
    text(Integer.toString(key));
    remembered("cpu");
    integer(shape.size());
    out.write(Opcode.TUPLE);
    out.write(Opcode.BINPERSID);
    integer(0);
    long[] sizes = shape.toArray();
    tuple(sizes);
    tuple(strides(sizes));
    out.write(Opcode.NEWFALSE); // takes no gradient
    emptyOrderedDict(); // has no hooks
    out.write(Opcode.TUPLE);
    out.write(Opcode.REDUCE);
  }

  private static long[] strides(long[] sizes) {
    long[] strides = new long[sizes.length];
    long stride = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(1, sizes[i]);
    }
    return strides;
  }

  private static String storageClass(StoredType type) {
    return switch (type) {
      case F64 -> "DoubleStorage";
      case F32 -> "FloatStorage";
      case F16 -> "HalfStorage";
      case BF16 -> "BFloat16Storage";
      case I64 -> "LongStorage";
      case I32 -> "IntStorage";
      case I16 -> "ShortStorage";
      case I8 -> "CharStorage";
      case U8 -> "ByteStorage";
      case BOOL -> "BoolStorage";
    };
  }

  private void tuple(long[] values) {
    out.write(Opcode.MARK);
    for (long value : values) {
      integer(value);
    }
    out.write(Opcode.TUPLE);
  }

  // ---- names, text and numbers
  // -----------------------------------------------------------------------------------------------------------------------------

  private boolean recalled(String name) {
    Integer index = memo.putIfAbsent(name, memo.size());
    if (index != null) {
      out.write(Opcode.BINGET);
      out.write(index);
    }
    return index != null;
  }

  private void remember(String name) {
    out.write(Opcode.BINPUT);
    out.write(memo.get(name));
  }

  private void global(String module, String name) {
    String line = module + "\n" + name + "\n";
    if (!recalled(line)) {
      out.write(Opcode.GLOBAL);
      out.writeBytes(line.getBytes(StandardCharsets.US_ASCII));
      remember(line);
    }
  }

  /** Text that every tensor has. */
  private void remembered(String text) {
    if (!recalled(text)) {
      text(text);
      remember(text);
    }
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write(Opcode.BINUNICODE);
    out.writeBytes(little(4).putInt(bytes.length).array());
    out.writeBytes(bytes);
  }

  private void integer(long value) {
    if (value == (int) value) {
      out.write(Opcode.BININT);
      out.writeBytes(little(4).putInt((int) value).array());
    } else {
      out.write(Opcode.LONG1);
      out.write(8);
      out.writeBytes(little(8).putLong(value).array());
    }
  }

  private void integer(BigInteger value) {
    byte[] big = value.toByteArray();
    if (big.length > 255) {
      throw new IllegalArgumentException("an integer of more than 255 bytes");
    }
    out.write(Opcode.LONG1);
    out.write(big.length);
    for (int i = big.length - 1; i >= 0; i--) {
      out.write(big[i]);
    }
  }

  private void floating(double value) {
    out.write(Opcode.BINFLOAT);
    out.writeBytes(ByteBuffer.allocate(8).putDouble(value).array());
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
