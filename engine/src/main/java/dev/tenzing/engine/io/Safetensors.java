package dev.tenzing.engine.io;

import static dev.tenzing.engine.io.TensorFileException.quote;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.ShapeException;
import dev.tenzing.engine.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file: 8 bytes header length, a JSON header, then the tensors' bytes
 * (little-endian).
 *
 * <p>The header is checked whole before a tensor is touched: every offset lies in the file, no two
 * tensors overlap, no byte is left over, every size is that of shape and type. Values are read when
 * they are asked for, until {@link #close()}.
 */
public final class Safetensors implements AutoCloseable {
  // The format allows four times that; 100,000 tensors take 15 MB, and text four times its bytes.
  private static final int LONGEST_HEADER = 25_000_000;

  private static final int MOST_DIMENSIONS = 64;

  private record Entry(StoredType type, Shape shape, long begin, long end) {}

  private final Path path;
  private final FileBytes file;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long begin;
  private long dataSize;

  private Safetensors(FileBytes file) {
    this.path = file.path();
    this.file = file;
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws SafetensorsException when it is missing or malformed
   */
  public static Safetensors open(Path path) {
    FileBytes bytes;
    try {
      bytes = FileBytes.open(path);
    } catch (TensorFileException e) {
      throw new SafetensorsException(e.getMessage(), e);
    }
    try {
      Safetensors file = new Safetensors(bytes);
      file.read();
      return file;
    } catch (RuntimeException | OutOfMemoryError e) {
      bytes.close();
      throw e;
    }
  }

  private void read() {
    if (file.size() < 8) {
      throw bad("it has %s bytes, too few for a header".formatted(file.size()));
    }
    long length = ByteBuffer.wrap(file.bytes(0, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > file.size() - 8) {
      throw bad(
          "its header claims %s bytes of a file of %s"
              .formatted(Long.toUnsignedString(length), file.size()));
    }
    if (length > LONGEST_HEADER) {
      throw bad(
          "its header of %s bytes is longer than %s, which no model needs"
              .formatted(length, LONGEST_HEADER));
    }
    begin = 8 + length;
    dataSize = file.size() - begin;
    Map<String, Object> header;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(file.bytes(8, (int) length));
      header = Json.parseObject(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(
          path + " is not a safetensors file: its header is not UTF-8", e);
    } catch (IllegalArgumentException e) {
      throw new SafetensorsException(
          path + " is not a safetensors file: its header is not valid " + e.getMessage(), e);
    }
    header.forEach((name, value) -> {
      if (name.equals("__metadata__")) {
        readMetadata(value);
      } else {
        entries.put(name, entry(name, value));
      }
    });
    checkLayout();
  }

  private void readMetadata(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw bad("its metadata is not an object");
    }
    map.forEach((key, text) -> {
      if (!(text instanceof String string)) {
        throw bad("its metadata %s is not a string".formatted(quote((String) key)));
      }
      metadata.put((String) key, string);
    });
  }

  private Entry entry(String name, Object value) {
    if (!(value instanceof Map<?, ?> map)
        || !(map.get("dtype") instanceof String type)
        || !(map.get("shape") instanceof List<?> sizes)
        || !(map.get("data_offsets") instanceof List<?> offsets)
        || offsets.size() != 2) {
      throw bad("tensor %s lacks dtype, shape or data_offsets".formatted(quote(name)));
    }
    StoredType stored = storedType(name, type);
    if (sizes.size() > MOST_DIMENSIONS) {
      throw bad("tensor %s has %s dimensions".formatted(quote(name), sizes.size()));
    }
    long[] dims = new long[sizes.size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = number(name, sizes.get(i));
    }
    long begin = number(name, offsets.get(0));
    long end = number(name, offsets.get(1));
    if (begin > end || end > dataSize) {
      throw bad(
          "tensor %s lies at %s to %s of %s bytes".formatted(quote(name), begin, end, dataSize));
    }
    Shape shape;
    try {
      shape = Shape.of(dims);
    } catch (ShapeException e) {
      throw new SafetensorsException(
          path + " is damaged: tensor " + quote(name) + ": " + e.getMessage(), e);
    }
    if (shape.size() > Long.MAX_VALUE / 8 || shape.size() * stored.bytes() != end - begin) {
      throw bad(
          "tensor %s of %s %s is given %s bytes".formatted(quote(name), type, shape, end - begin));
    }
    return new Entry(stored, shape, begin, end);
  }

  private StoredType storedType(String name, String type) {
    try {
      return StoredType.valueOf(type);
    } catch (IllegalArgumentException e) {
      throw bad("tensor %s has the unsupported type %s".formatted(quote(name), quote(type)));
    }
  }

  private long number(String name, Object value) {
    if (value instanceof Long number && number >= 0) {
      return number;
    }
    throw bad(
        "tensor %s has a size or offset that is not a natural number: %s"
            .formatted(quote(name), quote(String.valueOf(value))));
  }

  private void checkLayout() {
    List<Map.Entry<String, Entry>> order = new ArrayList<>(entries.entrySet());
    order.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin)
            .thenComparingLong(e -> e.getValue().end));
    long end = 0;
    for (Map.Entry<String, Entry> next : order) {
      if (next.getValue().begin != end) {
        throw bad(
            "tensor %s starts at byte %s where %s is expected"
                .formatted(quote(next.getKey()), next.getValue().begin, end));
      }
      end = next.getValue().end;
    }
    if (end != dataSize) {
      throw bad("%s bytes follow the last tensor".formatted(dataSize - end));
    }
  }

  private SafetensorsException bad(String what) {
    return new SafetensorsException(path + " is damaged or not a safetensors file: " + what);
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** Its free-form strings. */
  public Map<String, String> metadata() {
    return Map.copyOf(metadata);
  }

  /** Names of its tensors, in the order of the header. */
  public List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /** Whether there is a tensor of that name. */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /** A tensor. */
  public StoredTensor tensor(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new SafetensorsException("there is no tensor " + quote(name) + " in " + path);
    }
    return new StoredTensor(
        "tensor " + quote(name) + " in " + path,
        entry.type,
        entry.shape,
        (at, into) -> file.read(begin + entry.begin + at, into));
  }

  /** Shape of a tensor. */
  public Shape shape(String name) {
    return tensor(name).shape();
  }

  /** The elements of a tensor of any type as doubles. */
  public double[] toDoubles(String name) {
    return tensor(name).toDoubles();
  }

  /** The elements of a tensor of any type as floats. */
  public float[] toFloats(String name) {
    return tensor(name).toFloats();
  }

  /** The elements of an integer tensor. */
  public long[] toLongs(String name) {
    return tensor(name).toLongs();
  }

  /** A floating-point tensor on a device, as F32. */
  public Tensor toTensor(Device device, String name) {
    return tensor(name).toTensor(device);
  }

  @Override
  public void close() {
    file.close();
  }
}
