package dev.tenzing.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of damaged files: each is read whole or refused in a sentence. */
@Timeout(60)
class SafetensorsDamageTest {
  private static final String[] NUMBERS = {
    "0",
    "1",
    "7",
    "-1",
    "4294967296",
    "2305843009213693952",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "1e3",
    "1.5",
    "null",
    "\"4\"",
    "[4]",
    "{}"
  };

  @TempDir Path folder;

  private Path path;
  private byte[] good;
  private String header;

  /** A file that the safetensors library wrote, with all types, a scalar and an empty tensor. */
  @BeforeEach
  void readGoodFile() throws IOException {
    path = folder.resolve("damaged.safetensors");
    try (InputStream in =
        SafetensorsDamageTest.class.getResourceAsStream("torch/layouts.weights.safetensors")) {
      good = in.readAllBytes();
    }
    int length = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
    header = new String(good, 8, length, StandardCharsets.UTF_8);
  }

  @Test
  void ofTheLength() throws IOException {
    assertFalse(refuses(good));
    for (int length = 0; length < good.length; length += 3) {
      assertTrue(refuses(Arrays.copyOf(good, length)), "at " + length);
    }
    assertTrue(refuses(Arrays.copyOf(good, good.length + 1)));
  }

  @Test
  void ofBytes() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    int cases = 2_000;
    for (int i = 0; i < cases; i++) {
      byte[] bytes = good.clone();
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(3)) {
          case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
          case 1 -> bytes[at] = (byte) random.nextInt();
          default -> {
            int size = random.nextInt(1, 9);
            Arrays.fill(bytes, at, Math.min(bytes.length, at + size), (byte) 0xff);
          }
        }
      }
      refused += refuses(bytes) ? 1 : 0;
    }
    assertTrue(refused > cases / 3, "damaged headers are noticed: " + refused);
    assertTrue(refused < cases, "damage to values alone is not");
  }

  /** Every number of the header, replaced by every other kind of number and by what is none. */
  @Test
  void ofNumbers() throws IOException {
    Matcher number = Pattern.compile("(?<=[\\[,])\\d+").matcher(header);
    int read = 0;
    int cases = 0;
    while (number.find()) {
      for (String lie : NUMBERS) {
        String lying = header.substring(0, number.start()) + lie + header.substring(number.end());
        cases++;
        read += lie.equals(number.group()) || refuses(withHeader(lying)) ? 0 : 1;
      }
    }
    assertTrue(cases > 900, "cases: " + cases);
    // A dimension beside one of 0 may be anything.
    assertTrue(read < 20, "lies that were believed: " + read);
  }

  @Test
  void ofNamesAndTypes() throws IOException {
    String[] types = {
      "F64", "F32", "F16", "BF16", "I64", "I32", "U8", "BOOL", "F8_E5M2", "", "\\n"
    };
    Matcher type = Pattern.compile("(?<=\"dtype\":\")\\w+").matcher(header);
    while (type.find()) {
      for (String other : types) {
        String lying = header.substring(0, type.start()) + other + header.substring(type.end());
        refuses(withHeader(lying));
      }
    }
    assertTrue(refuses(withHeader(header.replace("\"dtype\"", "\"type\""))));
    assertTrue(refuses(withHeader(header.replace("\"scalar\"", "\"empty\""))), "names twice");
    assertTrue(refuses(withHeader("{}")), "bytes of no tensor");
  }

  private byte[] withHeader(String lying) {
    byte[] bytes = lying.getBytes(StandardCharsets.UTF_8);
    int data = 8 + header.getBytes(StandardCharsets.UTF_8).length;
    return ByteBuffer.allocate(8 + bytes.length + good.length - data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(bytes.length)
        .put(bytes)
        .put(good, data, good.length - data)
        .array();
  }

  private boolean refuses(byte[] bytes) throws IOException {
    Files.write(path, bytes);
    try (Safetensors file = Safetensors.open(path)) {
      for (String name : file.names()) {
        StoredTensor tensor = file.tensor(name);
        assertEquals(tensor.byteSize(), tensor.bytes().byteSize());
        assertEquals(tensor.shape().size(), tensor.toDoubles().length);
      }
      return false;
    } catch (SafetensorsException e) {
      assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
      assertFalse(e.getMessage().contains("\n"), e.getMessage());
      return true;
    }
  }
}
