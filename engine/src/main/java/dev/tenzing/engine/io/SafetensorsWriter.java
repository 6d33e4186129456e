package dev.tenzing.engine.io;

import dev.tenzing.engine.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
  private static final int CHUNK = 1 << 24;
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
    if (tensors.containsKey(METADATA)) {
      throw new IllegalArgumentException(
          "a safetensors file cannot hold a tensor named " + METADATA);
    }
    List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
    ordered.sort(Comparator.comparingInt(entry -> -entry.getValue().dtype().bytes()));
    Path folder = path.toAbsolutePath().getParent();
    Path writing = folder.resolve("." + path.getFileName() + ".writing");
    try {
      try (FileChannel out =
              FileChannel.open(
                  writing,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.TRUNCATE_EXISTING);
          Arena arena = Arena.ofConfined()) {
        writeFully(out, ByteBuffer.wrap(header(ordered, metadata)));
        MemorySegment buffer = arena.allocate(CHUNK, 64);
        for (Map.Entry<String, Tensor> entry : ordered) {
          writeBytes(out, entry.getValue(), buffer);
        }
        out.force(true);
      }
      Files.move(
          writing, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(writing);
    }
  }

  private static byte[] header(
      List<Map.Entry<String, Tensor>> tensors, Map<String, String> metadata) {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put(METADATA, metadata);
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors) {
      Tensor tensor = entry.getValue();
      long end = offset + tensor.bytes();
      Map<String, Object> value = new LinkedHashMap<>();
      value.put("dtype", tensor.dtype().name());
      value.put("shape", Arrays.stream(tensor.shape().toArray()).boxed().toList());
      value.put("data_offsets", List.of(offset, end));
      header.put(entry.getKey(), value);
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

  private static void writeBytes(FileChannel out, Tensor tensor, MemorySegment buffer)
      throws IOException {
    for (long from = 0; from < tensor.bytes(); from += CHUNK) {
      MemorySegment part = buffer.asSlice(0, Math.min(CHUNK, tensor.bytes() - from));
      tensor.copyTo(from, part);
      writeFully(out, part.asByteBuffer());
    }
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
