package dev.tenzing.video.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.video.random.KeyedRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checksums are those of Pillow 12.3: {@code crop(...).resize((s, s), Image.BILINEAR)}. */
class ResizerTest {
  @ParameterizedTest
  @CsvSource({
    "29, 23, 3, 2, 20, 17, 8, 3806250057, 2839163221",
    "29, 23, 5, 4, 9, 9, 16, 4182181692, 136401813",
    "64, 48, 0, 0, 64, 48, 13, 3095515229, 2561186319",
    "340, 256, 40, 20, 169, 224, 224, 1881546123, 3092035297",
    "40, 40, 1, 0, 39, 40, 1, 897000796, 897000796"
  })
  void givesTheBitsOfPillow(
      int width, int height, int x, int y, int w, int h, int size, long plain, long mirrored) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(3L * width * height);
      for (int i = 0; i < width * height; i++) {
        int px = i % width;
        int py = i / width;
        for (int c = 0; c < 3; c++) {
          byte value = (byte) (px * 37 + py * 59 + c * 83 + px * py);
          source.set(ValueLayout.JAVA_BYTE, 3L * i + c, value);
        }
      }
      MemorySegment target = arena.allocate(3L * size * size);
      Crop crop = new Crop(x, y, w, h);
      for (Rows kernels : new Rows[] {new PlainRows(), Rows.BEST}) {
        Resizer resizer = new Resizer(size, kernels);
        resizer.apply(source, width, crop, false, target);
        assertEquals(plain, checksum(target));
        resizer.apply(source, width, crop, true, target);
        assertEquals(mirrored, checksum(target));
        resizer.apply(source, width, crop, false, target);
        assertEquals(plain, checksum(target));
      }
    }
  }

  /** Sides around multiples of the vectors' lengths, shrunk and enlarged. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 8, 13, 16, 17, 31, 56, 112})
  void vectorsGiveTheBitsOfPlainLoops(int size) {
    KeyedRandom random = new KeyedRandom(size);
    try (Arena arena = Arena.ofConfined()) {
      int width = 131;
      int height = 97;
      MemorySegment source = arena.allocate(3L * width * height);
      for (long i = 0; i < source.byteSize(); i++) {
        source.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(256));
      }
      MemorySegment plain = arena.allocate(3L * size * size);
      MemorySegment quick = arena.allocate(3L * size * size);
      for (int trial = 0; trial < 20; trial++) {
        int w = 1 + random.nextInt(width);
        int h = 1 + random.nextInt(height);
        Crop crop = new Crop(random.nextInt(width - w + 1), random.nextInt(height - h + 1), w, h);
        boolean mirror = random.nextBoolean();
        new Resizer(size, new PlainRows()).apply(source, width, crop, mirror, plain);
        new Resizer(size).apply(source, width, crop, mirror, quick);
        assertEquals(-1, plain.mismatch(quick), crop.toString());
      }
    }
  }

  private static long checksum(MemorySegment pixels) {
    CRC32 sum = new CRC32();
    sum.update(pixels.toArray(ValueLayout.JAVA_BYTE));
    return sum.getValue();
  }
}
