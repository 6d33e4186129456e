package dev.tenzing.engine.io.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;

/** Pickles of any content, good or bad, and the files around them. */
final class Pickle {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Begins one of protocol 2. */
  Pickle() {
    op(Opcode.PROTO, 2);
  }

  /** Instructions and bytes as they are. */
  Pickle op(int... bytes) {
    for (int value : bytes) {
      out.write(value);
    }
    return this;
  }

  /** An instruction with a little-endian number of {@code size} bytes. */
  Pickle sized(int opcode, long value, int size) {
    op(opcode);
    out.writeBytes(
        Arrays.copyOf(
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array(), size));
    return this;
  }

  Pickle text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sized(Opcode.BINUNICODE, bytes.length, 4);
    out.writeBytes(bytes);
    return this;
  }

  Pickle number(long value) {
    return op(Opcode.LONG1).sized(8, value, 8);
  }

  Pickle global(String module, String name) {
    op(Opcode.GLOBAL);
    out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  Pickle tuple(long... values) {
    op(Opcode.MARK);
    for (long value : values) {
      number(value);
    }
    return op(Opcode.TUPLE);
  }

  /** A tensor over a storage of floats. */
  Pickle tensor(String key, long count, long offset, long[] shape, long[] strides) {
    global("torch._utils", "_rebuild_tensor_v2").op(Opcode.MARK);
    op(Opcode.MARK).text("storage").global("torch", "FloatStorage");
    text(key).text("cpu").number(count).op(Opcode.TUPLE, Opcode.BINPERSID);
    number(offset).tuple(shape).tuple(strides).op(Opcode.NEWFALSE);
    global("collections", "OrderedDict").op(Opcode.EMPTY_TUPLE, Opcode.REDUCE);
    return op(Opcode.TUPLE, Opcode.REDUCE);
  }

  byte[] bytes() {
    op(Opcode.STOP);
    return out.toByteArray();
  }

  /** A zip archive with this pickle and these records. */
  Path zip(Path path, Map<String, byte[]> records) throws IOException {
    return zip(path, bytes(), records, ZipWriter.ZIP64_FROM);
  }

  /** A zip archive with a pickle and other records. */
  static Path zip(Path path, byte[] pickle, Map<String, byte[]> records, long zip64From)
      throws IOException {
    try (FileChannel out =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ZipWriter zip = new ZipWriter(out, zip64From);
      zip.add("any/data.pkl", pickle);
      for (Map.Entry<String, byte[]> record : records.entrySet()) {
        zip.add("any/" + record.getKey(), record.getValue());
      }
      zip.finish();
    }
    return path;
  }
}
