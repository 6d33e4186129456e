package dev.tenzing.video.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.video.random.KeyedRandom;
import dev.tenzing.video.transform.Crop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chains of transforms, on pictures of odd sizes. */
class PictureTest {
  private static final RandAugment STRONG = new RandAugment(9, 6, 3, true);

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 2", "2, 1", "1, 13", "17, 1", "2, 2", "3, 2", "3, 3", "16, 9", "37, 23"})
  void aPartComesOutAsInTheWholePicture(int width, int height) {
    KeyedRandom random = new KeyedRandom(KeyedRandom.key(width, height));
    Picture picture = new Picture();
    for (int i = 0; i < 100; i++) {
      List<PictureTransform> chain = STRONG.draw(random);
      byte[] whole = Pictures.bytes("noise", width, height);
      // One by one, each settled before the next: nothing is gathered, nothing left out.
      for (PictureTransform transform : chain) {
        whole = apply(picture, whole, width, List.of(transform), new Crop(0, 0, width, height));
      }
      int w = 1 + random.nextInt(width);
      int h = 1 + random.nextInt(height);
      Crop part = new Crop(random.nextInt(width - w + 1), random.nextInt(height - h + 1), w, h);
      byte[] partial = apply(picture, Pictures.bytes("noise", width, height), width, chain, part);
      assertArrayEquals(cut(whole, width, part), cut(partial, width, part), chain::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({"AUTO_CONTRAST", "EQUALIZE", "CONTRAST"})
  void statisticsSeeWhatCameBefore(String kind) {
    PictureTransform second =
        switch (kind) {
          case "AUTO_CONTRAST" -> new AutoContrast();
          case "EQUALIZE" -> new Equalize();
          default -> new Contrast(0);
        };
    Picture picture = Pictures.of("noise", 40, 31);
    picture.apply(List.of(new Posterize(1), second), new Crop(0, 0, 40, 31));
    for (byte value : picture.pixels().toArray(ValueLayout.JAVA_BYTE)) {
      if (kind.equals("CONTRAST")) {
        assertEquals(63, value, 10, "about the half of 128");
      } else {
        assertEquals(0, (value + 1 & 0xFF) / 2, "of 0 and 128 they make 0 and 255");
      }
    }
  }

  private static byte[] apply(
      Picture picture, byte[] rgb, int width, List<PictureTransform> chain, Crop part) {
    picture.load(MemorySegment.ofArray(rgb), width, rgb.length / 3 / width);
    picture.apply(chain, part);
    return picture.pixels().toArray(ValueLayout.JAVA_BYTE);
  }

  private static byte[] cut(byte[] rgb, int width, Crop part) {
    byte[] cut = new byte[3 * part.width() * part.height()];
    for (int y = 0; y < part.height(); y++) {
      int from = 3 * ((part.y() + y) * width + part.x());
      System.arraycopy(rgb, from, cut, 3 * y * part.width(), 3 * part.width());
    }
    return cut;
  }
}
