package dev.tenzing.engine.io.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.io.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of damaged checkpoints: each is read whole or refused in a sentence. */
@Timeout(60)
class DamageTest {
  private static final int CASES = 500;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "layouts_zip.pth",
        "layouts_legacy.pth",
        "training_zip.pth",
        "training_legacy.pth"
      })
  void ofAFile(String name) throws IOException {
    byte[] good = Files.readAllBytes(Resources.file(name));
    SplittableRandom random = new SplittableRandom(name.hashCode());
    Path path = folder.resolve("damaged.pth");
    int refused = 0;
    for (int i = 0; i < CASES; i++) {
      refused += refuses(Files.write(path, damage(good, random))) ? 1 : 0;
    }
    assertTrue(refused > CASES / 10, "damage is noticed: " + refused);
    assertTrue(refused < CASES, "damage to values alone may not be");
  }

  @ParameterizedTest
  @ValueSource(strings = {"layouts_zip.pth", "layouts_legacy.pth"})
  void ofTheLength(String name) throws IOException {
    byte[] good = Files.readAllBytes(Resources.file(name));
    Path path = folder.resolve("short.pth");
    for (int length = 0; length < good.length; length += 7) {
      assertTrue(refuses(Files.write(path, Arrays.copyOf(good, length))), "at " + length);
    }
  }

  /** The archive is whole, checksums included; the pickle in it is not. */
  @ParameterizedTest
  @ValueSource(strings = {"layouts_zip.pth", "training_zip.pth", "training_protocol5.pth"})
  void ofThePickle(String name) throws IOException {
    byte[] pickle = null;
    Map<String, byte[]> records = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(Resources.file(name).toFile())) {
      for (var entry : zip.stream().toList()) {
        byte[] content = zip.getInputStream(entry).readAllBytes();
        String record = entry.getName().substring(entry.getName().indexOf('/') + 1);
        if (record.equals("data.pkl")) {
          pickle = content;
        } else {
          records.put(record, content);
        }
      }
    }
    SplittableRandom random = new SplittableRandom(name.hashCode());
    Path path = folder.resolve("damaged.pth");
    int refused = 0;
    for (int i = 0; i < CASES; i++) {
      Pickle.zip(path, damage(pickle, random), records, ZipWriter.ZIP64_FROM);
      refused += refuses(path) ? 1 : 0;
    }
    assertTrue(refused > CASES / 4, "damage is noticed: " + refused);
    assertTrue(refused < CASES, "a letter in a name may change");
  }

  /** Nothing but instructions: any of them in any order. */
  @Test
  void ofRandomInstructions() throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    int[] opcodes =
        "(.012NKJ)]}tauesblqhRcXQ\u0081\u0085\u0086\u0087\u0088\u008f\u0090\u0091\u0094"
            .chars()
            .toArray();
    Path path = folder.resolve("random.pth");
    for (int i = 0; i < CASES; i++) {
      Pickle pickle = new Pickle();
      for (int n = random.nextInt(1, 200); n > 0; n--) {
        int opcode = opcodes[random.nextInt(opcodes.length)];
        switch (opcode) {
          case Opcode.STOP -> pickle.op(Opcode.EMPTY_LIST);
          case Opcode.BINUNICODE -> pickle.text("abc".substring(random.nextInt(3)));
          case Opcode.GLOBAL -> pickle.global("collections", "OrderedDict");
          case Opcode.BINPUT, Opcode.BINGET -> pickle.op(opcode, random.nextInt(3));
          case Opcode.BININT1 -> pickle.op(opcode, random.nextInt(256));
          default -> pickle.op(opcode);
        }
      }
      refuses(pickle.zip(path, Map.of()));
    }
  }

  /** A copy with some bytes changed, left out, doubled or replaced by large numbers. */
  static byte[] damage(byte[] good, SplittableRandom random) {
    byte[] bytes = good.clone();
    for (int n = random.nextInt(1, 4); n > 0; n--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] = (byte) random.nextInt();
        case 3 -> {
          byte fill = (byte) (random.nextBoolean() ? 0xff : 0x7f);
          Arrays.fill(bytes, at, Math.min(bytes.length, at + (1 << random.nextInt(4))), fill);
        }
        case 4 -> {
          int size = random.nextInt(1, 9);
          System.arraycopy(
              bytes,
              at,
              bytes,
              Math.min(bytes.length, at + size),
              Math.max(0, bytes.length - at - size));
        }
        default -> {
          int from = random.nextInt(bytes.length);
          int size = Math.min(random.nextInt(1, 40), bytes.length - Math.max(at, from));
          System.arraycopy(good, from, bytes, at, size);
        }
      }
    }
    return random.nextInt(10) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
  }

  private static boolean refuses(Path path) {
    try (TorchCheckpoint file = TorchCheckpoint.open(path)) {
      touch(file.root());
      return false;
    } catch (TorchException e) {
      assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
      assertFalse(e.getMessage().contains("\n"), e.getMessage());
      return true;
    }
  }

  private static void touch(Object value) {
    switch (value) {
      case StoredTensor tensor ->
          assertEquals(tensor.byteSize(), tensor.bytes().byteSize(), tensor.label());
      case Map<?, ?> map -> map.values().forEach(DamageTest::touch);
      case List<?> list -> list.forEach(DamageTest::touch);
      case TorchObject object -> touch(object.state());
      case null, default -> {} // text and numbers
    }
  }
}
