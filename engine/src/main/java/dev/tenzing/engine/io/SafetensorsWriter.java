package dev.tenzing.engine.io;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors files: the same tensors give the same bytes, each aligned to its element size.
 */
public final class SafetensorsWriter {
  private static final String METADATA = "__metadata__";

  private SafetensorsWriter() {}

  /**
   * Writes a file. It is written beside the target, forced to disk and renamed, so that a crash or
   * a full disk leaves the old file as it was.
   *
   * @param tensors by name, written in this order but for types of larger elements, which come
   *     first
   * @param metadata free-form strings
   * @throws IOException when it cannot be written
   */
  public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<Item> items = new ArrayList<>();
    tensors.forEach((name, tensor) ->
        items.add(
            new Item(name, StoredType.of(tensor.dtype()), tensor.shape(), TensorBytes.of(tensor))));
    write(path, items, metadata);
  }

  /** Like {@link #write(Path, Map, Map)}, with tensors of other files, bit for bit. */
  public static void writeStored(
      Path path, Map<String, StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<Item> items = new ArrayList<>();
    tensors.forEach((name, tensor) ->
        items.add(new Item(name, tensor.type(), tensor.shape(), TensorBytes.of(tensor))));
    write(path, items, metadata);
  }

  private record Item(String name, StoredType type, Shape shape, TensorBytes bytes) {}

  private static void write(Path path, List<Item> items, Map<String, String> metadata)
      throws IOException {
    items.sort(Comparator.comparingInt(item -> -item.type.bytes()));
    byte[] header = header(items, metadata);
    AtomicFile.write(
        path,
        out -> {
          writeFully(out, ByteBuffer.wrap(header));
          for (Item item : items) {
            item.bytes.forEach(piece -> writeFully(out, piece));
          }
        });
  }

  private static byte[] header(List<Item> items, Map<String, String> metadata) {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put(METADATA, metadata);
    }
    long offset = 0;
    for (Item item : items) {
      if (item.name.equals(METADATA)) {
        throw new IllegalArgumentException(
            "a safetensors file cannot hold a tensor named " + METADATA);
      }
      long end = offset + item.shape.size() * item.type.bytes();
      Map<String, Object> value = new LinkedHashMap<>();
      value.put("dtype", item.type.name());
      value.put("shape", Arrays.stream(item.shape.toArray()).boxed().toList());
      value.put("data_offsets", List.of(offset, end));
      header.put(item.name, value);
      offset = end;
    }
    byte[] json = Json.write(header).getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer bytes = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(json);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.array();
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
