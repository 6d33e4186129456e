package dev.tenzing.video.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
      Resizer resizer = new Resizer(size);
      Crop crop = new Crop(x, y, w, h);
      resizer.apply(source, width, crop, false, target);
      assertEquals(plain, checksum(target));
      resizer.apply(source, width, crop, true, target);
      assertEquals(mirrored, checksum(target));
      resizer.apply(source, width, crop, false, target);
      assertEquals(plain, checksum(target));
    }
  }

  private static long checksum(MemorySegment pixels) {
    CRC32 sum = new CRC32();
    sum.update(pixels.toArray(ValueLayout.JAVA_BYTE));
    return sum.getValue();
  }
}
