package dev.tenzing.engine.io.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.io.StoredTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The archive around a checkpoint: written, read, and refused when it lies. */
class ZipTest {
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;

  @TempDir Path folder;

  private static byte[] pickle() {
    return new Pickle().tensor("0", 2, 0, new long[] {2}, new long[] {1}).bytes();
  }

  private static Map<String, byte[]> records() {
    ByteBuffer values = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    Map<String, byte[]> records = new LinkedHashMap<>();
    records.put("data/0", values.putFloat(1.5f).putFloat(-2).array());
    records.put("version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return records;
  }

  private Path zip(long zip64From) throws IOException {
    return Pickle.zip(folder.resolve("a.pth"), pickle(), records(), zip64From);
  }

  private static void assertReads(Path path) {
    try (TorchCheckpoint file = TorchCheckpoint.open(path)) {
      assertArrayEquals(new float[] {1.5f, -2}, ((StoredTensor) file.root()).toFloats());
    }
  }

  /** With every size and offset in 64 bits, with some, and with none. */
  @ParameterizedTest
  @ValueSource(longs = {0, 8, 100, ZipWriter.ZIP64_FROM})
  void whatIsWrittenIsRead(long zip64From) throws IOException {
    Path path = zip(zip64From);
    assertReads(path);
    Map<String, ZipEntry> entries = new LinkedHashMap<>();
    try (ZipFile java = new ZipFile(path.toFile())) {
      java.stream().forEach(entry -> entries.put(entry.getName(), entry));
      assertArrayEquals(
          records().get("data/0"),
          java.getInputStream(entries.get("any/data/0")).readAllBytes(),
          "with its checksum");
    }
    assertEquals(3, entries.size());
  }

  @Test
  void contentsAreAligned() throws IOException {
    byte[] bytes = Files.readAllBytes(zip(ZipWriter.ZIP64_FROM));
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = find(file, CENTRAL, 0); at >= 0; at = find(file, CENTRAL, at + 1)) {
      int local = file.getInt(at + 42);
      int data = local + 30 + file.getShort(local + 26) + file.getShort(local + 28);
      assertEquals(0, data % 64);
    }
  }

  private static int find(ByteBuffer file, int signature, int from) {
    for (int at = from; at <= file.limit() - 4; at++) {
      if (file.getInt(at) == signature) {
        return at;
      }
    }
    return -1;
  }

  @Test
  void commentsAndFoldersAreAllowed() throws IOException {
    Path path = java(ZipEntry.STORED, "", "a comment", "data/", "data/0");
    assertReads(path);
  }

  @Test
  void compressedRecordsAreRefused() throws IOException {
    refused("is compressed", java(ZipEntry.DEFLATED, "", "", "data/0"));
  }

  @Test
  void archivesOfOtherThingsAreNamed() throws IOException {
    refused("without data.pkl", java(ZipEntry.STORED, "not/the/", "", "data/0"));
    Path two = java(ZipEntry.STORED, "", "", "data/0", "x/data.pkl");
    refused("two records data.pkl", two);
    refused("TorchScript", java(ZipEntry.STORED, "", "", "data/0", "constants.pkl"));
  }

  private Path java(int method, String pickleName, String comment, String... names)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setComment(comment);
      java(zip, method, pickleName.isEmpty() ? "data.pkl" : pickleName, pickle());
      for (String name : names) {
        byte[] content = name.endsWith("/") ? new byte[0] : records().get("data/0");
        java(zip, method, name, content);
      }
    }
    return Files.write(folder.resolve("java.pth"), bytes.toByteArray());
  }

  private static void java(ZipOutputStream zip, int method, String name, byte[] content)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setMethod(method);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  // ---- lies
  // -----------------------------------------------------------------------------------------------------------------------------

  /** Changes a field of the directory's record {@code i}. */
  private Path lie(int i, int offset, int size, long value) throws IOException {
    Path path = zip(ZipWriter.ZIP64_FROM);
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    int at = -1;
    for (int n = 0; n <= i; n++) {
      at = find(file, CENTRAL, at + 1);
    }
    put(file, at + offset, size, value);
    return Files.write(path, file.array());
  }

  private Path lieAtEnd(int offset, int size, long value) throws IOException {
    Path path = zip(ZipWriter.ZIP64_FROM);
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    put(file, find(file, END, 0) + offset, size, value);
    return Files.write(path, file.array());
  }

  private static void put(ByteBuffer file, int at, int size, long value) {
    if (size == 2) {
      file.putShort(at, (short) value);
    } else {
      file.putInt(at, (int) value);
    }
  }

  @Test
  void liesInTheDirectoryAreRefused() throws IOException {
    refused("compressed or encrypted", lie(1, 8, 2, 1));
    refused("compressed or encrypted", lie(1, 10, 2, 8));
    refused("has two sizes", lie(1, 24, 4, 9));
    refused("has two sizes", lie(1, 20, 4, 9));
    refused("does not fit", lie(1, 20, 4, 0x7fffffff));
    refused("has no 64-bit size", lie(1, 24, 4, -1));
    refused("has no 64-bit size", lie(1, 42, 4, -1));
    refused("has no header where", lie(1, 42, 4, 1));
    refused("has no header where", lie(1, 42, 4, 0x7fffffff));
    refused("another name", lie(1, 42, 4, 0));
    refused("record 1 of its zip directory is cut off", lie(1, 28, 2, 0xffff));
    refused("record 2 of its zip directory is none", lie(1, 30, 2, 1));
    refused("is cut off", lie(2, 32, 2, 1));
    refused("claims 3 records", lieAtEnd(12, 4, 46));
    refused("claims 65535 records", lieAtEnd(10, 2, 0xffff));
    refused("outside the file", lieAtEnd(16, 4, 0x7fffffff));
    refused("outside the file", lieAtEnd(12, 4, 0x7fffffff));
    refused("no directory at its end", lieAtEnd(20, 2, 1));
  }

  @Test
  void recordsMayNotOverlapOrRepeat() throws IOException {
    byte[] pickle = pickle();
    Map<String, byte[]> records = new LinkedHashMap<>();
    records.put("data/0", records().get("data/0"));
    records.put("data/1", records().get("data/0"));
    Path path = Pickle.zip(folder.resolve("a.pth"), pickle, records, ZipWriter.ZIP64_FROM);
    String text = Files.readString(path, StandardCharsets.ISO_8859_1);
    Files.writeString(path, text.replace("data/1", "data/0"), StandardCharsets.ISO_8859_1);
    refused("two records \"any/data/0\"", path);
    path = zip(ZipWriter.ZIP64_FROM);
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    int central = find(file, CENTRAL, 0);
    int size = file.getInt(central + 24) + 64; // over the next record
    file.putInt(central + 20, size).putInt(central + 24, size);
    refused("overlap", Files.write(path, file.array()));
  }

  @Test
  void checksumsAreComparedWhenValuesAreRead() throws IOException {
    refused("its data.pkl has bytes that do not give its checksum", lie(0, 16, 4, 1));
    assertReads(lie(0, 16, 4, 0)); // PyTorch can leave them out
    assertReads(lie(1, 16, 4, 0));
    Path path = lie(1, 16, 4, 1);
    try (TorchCheckpoint file = TorchCheckpoint.open(path)) {
      StoredTensor tensor = (StoredTensor) file.root();
      String message = assertThrows(TorchException.class, tensor::toFloats).getMessage();
      assertTrue(message.contains(path + " is damaged: storage \"0\" has bytes"), message);
    }
  }

  private static void refused(String defect, Path path) {
    TorchCheckpointTest.assertRefused(path, defect);
  }
}
