package dev.tenzing.video.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a damaged index does: nothing but a scan more. */
class ScanIndexTest {
  private static final int HEADER = "tenzing videos N\n".length();

  @TempDir Path folder;

  private Catalog scanned(Path... videos) throws Exception {
    try (ScanIndex index = ScanIndex.open(folder)) {
      Catalog catalog = new Catalog(index);
      for (Path video : videos) {
        try {
          catalog.info(video);
        } catch (VideoException e) {
          assertTrue(video.toString().contains("bad"), e.getMessage());
        }
      }
      return catalog;
    }
  }

  @Test
  void everyDamagedByteCostsAScanAtMost() throws Exception {
    Path good = folder.resolve("good.mp4");
    Clips.write(good, 12);
    Path bad = Files.writeString(folder.resolve("bad.mp4"), "no video");
    assertEquals(2, scanned(good, bad).scanned());
    VideoInfo truth = new Catalog(ScanIndex.beside(good)).info(good);
    Path file = folder.resolve(ScanIndex.NAME);
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(5);
    for (int i = 0; i < 60; i++) {
      byte[] bytes =
          i % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(1, whole.length)) : whole.clone();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bytes);
      Catalog reading = new Catalog(ScanIndex.beside(good));
      assertEquals(truth, reading.info(good));
      assertEquals(1, reading.notes().size(), "damage " + i);
      assertEquals(truth, new Catalog(rebuilt(good, bad)).info(good));
      assertEquals(0, scanned(good, bad).scanned(), "it was built again");
    }
  }

  private ScanIndex rebuilt(Path... videos) throws Exception {
    scanned(videos);
    return ScanIndex.beside(videos[0]);
  }

  /** The checksum is right, the content is not. */
  @Test
  void recordsThatMakeNoSenseCountForNothing() throws Exception {
    Path good = folder.resolve("good.mp4");
    Clips.write(good, 12);
    scanned(good);
    Path file = folder.resolve(ScanIndex.NAME);
    byte[] whole = Files.readAllBytes(file);
    byte[] record = Arrays.copyOfRange(whole, HEADER + 8, whole.length);
    Random random = new Random(9);
    for (int i = 0; i < 300; i++) {
      byte[] wrong = Arrays.copyOf(record, random.nextInt(record.length));
      if (wrong.length > 0 && i % 2 == 0) {
        wrong[random.nextInt(wrong.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, sealed(whole, wrong));
      // Whatever it says: no stack trace, and the file is found as it is.
      try (ScanIndex index = ScanIndex.open(folder)) {
        assertTrue(index.size() <= 1);
      }
    }
    Files.write(file, sealed(whole, new byte[0]));
    Catalog catalog = scanned(good);
    assertEquals(1, catalog.scanned());
    assertTrue(catalog.notes().getFirst().contains("it holds what no scan finds"));
  }

  private static byte[] sealed(byte[] header, byte[] record) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(record);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(header, 0, HEADER);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.write(ByteBuffer.allocate(8).putInt(record.length).putInt((int) sum.getValue()).array());
      out.write(record);
    }
    return bytes.toByteArray();
  }

  @Test
  void aTornSkipLogIsContinuedAndNoLineIsGlued() throws Exception {
    Path csv = folder.resolve("skipped.csv");
    VideoException one =
        new VideoException(Path.of("ä.mp4"), VideoException.Reason.EMPTY, "the file is empty");
    new SkipLog(csv).add(one);
    byte[] whole = Files.readAllBytes(csv);
    for (int length = 0; length <= whole.length; length++) {
      Files.write(csv, Arrays.copyOf(whole, length));
      SkipLog log = new SkipLog(csv);
      log.add(one);
      assertEquals(new String(whole, StandardCharsets.UTF_8), Files.readString(csv));
      assertEquals(
          length == 0 || length == whole.length || whole[length - 1] == '\n' ? 0 : 1,
          log.notes().size());
    }
    Path folderInPlace = Files.createDirectory(folder.resolve("folder.csv"));
    String message =
        assertThrows(UncheckedIOException.class, () -> new SkipLog(folderInPlace)).getMessage();
    assertTrue(message.startsWith(folderInPlace + ": cannot be read ("), message);
  }
}
