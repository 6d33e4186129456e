package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  @Test
  void theMaskedChecksumIsTensorFlows() {
    // CRC32C of "123456789" is e3069283 (RFC 3720); masked by rotation and offset as in
    // TensorFlow's crc32c.h.
    int crc = 0xe3069283;
    int masked = (crc >>> 15 | crc << 17) + 0xa282ead8;
    assertEquals(masked, EventFile.maskedCrc("123456789".getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void recordsAreFramedAndHoldTheScalars(@TempDir Path folder) throws IOException {
    try (EventFile events = new EventFile(folder, 0)) {
      events.scalars(300, Map.of("train/loss", 0.5));
    }
    List<byte[]> records = records(folder);
    assertEquals(2, records.size());
    String header = new String(records.get(0), StandardCharsets.ISO_8859_1);
    assertEquals("brain.Event:2", header.substring(header.length() - 13));
    ByteBuffer event = ByteBuffer.wrap(records.get(1)).order(ByteOrder.LITTLE_ENDIAN);
    event.position(9);
    byte[] rest = new byte[event.remaining()];
    event.get(rest);
    // step 300 as varint, then summary { value { tag "train/loss" simple_value 0.5 } }
    byte[] expected = {0x10, (byte) 0xac, 0x02, 0x2a, 19, 0x0a, 17, 0x0a, 10};
    byte[] value = {0x15, 0, 0, 0, 0x3f};
    ByteBuffer whole = ByteBuffer.allocate(rest.length);
    whole.put(expected).put("train/loss".getBytes(StandardCharsets.US_ASCII)).put(value);
    assertEquals(whole.rewind(), ByteBuffer.wrap(rest));
  }

  private static List<byte[]> records(Path folder) throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      ByteBuffer data =
          ByteBuffer.wrap(Files.readAllBytes(files.findFirst().orElseThrow()))
              .order(ByteOrder.LITTLE_ENDIAN);
      while (data.hasRemaining()) {
        byte[] length = new byte[8];
        data.get(length);
        assertEquals(EventFile.maskedCrc(length), data.getInt());
        byte[] record =
            new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
        data.get(record);
        assertEquals(EventFile.maskedCrc(record), data.getInt());
        records.add(record);
      }
    }
    return records;
  }
}
