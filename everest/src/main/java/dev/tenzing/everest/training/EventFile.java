package dev.tenzing.everest.training;

import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.engine.io.CannotWriteException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A TensorBoard event file of scalars: TFRecords (length, masked CRC32C of it, data, masked CRC32C
 * of that) of {@code Event} protocol buffers, of which scalars need five fields only.
 */
final class EventFile implements Closeable {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final Path folder;
  private final long firstStep;
  private Path file;
  private OutputStream out;

  /** A new file, which is there from the first scalars on. */
  EventFile(Path folder, long firstStep) {
    this.folder = folder;
    this.firstStep = firstStep;
  }

  private void open() throws IOException {
    AtomicFolder.create(folder);
    long seconds = System.currentTimeMillis() / 1000;
    String name =
        String.format(Locale.ROOT, "events.out.tfevents.%010d.tenzing.%d", seconds, firstStep);
    for (int i = 2; out == null; i++) {
      file = folder.resolve(name);
      try {
        out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      } catch (FileAlreadyExistsException e) {
        name = name + "." + i;
      } catch (IOException e) {
        throw CannotWriteException.file(file, e);
      }
    }
    ByteArrayOutputStream event = header(0);
    bytes(event, 3, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
    write(event.toByteArray());
  }

  void scalars(long step, Map<String, Double> values) throws IOException {
    if (out == null) {
      open();
    }
    ByteArrayOutputStream summary = new ByteArrayOutputStream();
    values.forEach((tag, value) -> {
      ByteArrayOutputStream entry = new ByteArrayOutputStream();
      bytes(entry, 1, tag.getBytes(StandardCharsets.UTF_8));
      key(entry, 2, FIXED32);
      entry.writeBytes(little(4).putFloat(value.floatValue()).array());
      bytes(summary, 1, entry.toByteArray());
    });
    ByteArrayOutputStream event = header(step);
    bytes(event, 5, summary.toByteArray());
    write(event.toByteArray());
  }

  private static ByteArrayOutputStream header(long step) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    key(event, 1, FIXED64);
    event.writeBytes(little(8).putDouble(System.currentTimeMillis() / 1000.0).array());
    key(event, 2, VARINT);
    varint(event, step);
    return event;
  }

  private void write(byte[] data) throws IOException {
    byte[] length = little(8).putLong(data.length).array();
    ByteBuffer event =
        little(data.length + 16)
            .put(length)
            .putInt(maskedCrc(length))
            .put(data)
            .putInt(maskedCrc(data));
    try {
      out.write(event.array());
    } catch (IOException e) {
      throw CannotWriteException.file(file, e);
    }
  }

  static int maskedCrc(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    int value = (int) crc.getValue();
    return (value >>> 15 | value << 17) + 0xa282ead8;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void key(ByteArrayOutputStream out, int field, int wire) {
    varint(out, (long) field << 3 | wire);
  }

  private static void bytes(ByteArrayOutputStream out, int field, byte[] data) {
    key(out, field, BYTES);
    varint(out, data.length);
    out.writeBytes(data);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  @Override
  public void close() throws IOException {
    if (out != null) {
      out.close();
    }
  }
}
