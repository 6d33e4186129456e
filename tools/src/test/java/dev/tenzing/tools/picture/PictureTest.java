package dev.tenzing.tools.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 7", "13, 1", "17, 16", "64, 31"})
  void pngReadsBackPixelForPixel(int width, int height) throws IOException {
    Random random = new Random(width * 100L + height);
    Picture picture = new Picture(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) { // smooth below, noise above, so that every filter is used
        picture.set(x, y, y * 2 < height ? random.nextInt() : x * 0x030201 + y * 0x010305);
      }
    }
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(Png.encode(picture)));
    assertEquals(width, read.getWidth());
    assertEquals(height, read.getHeight());
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        assertEquals(picture.get(x, y), read.getRGB(x, y) & 0xffffff, x + ", " + y);
      }
    }
  }

  @Test
  void smoothPicturesArePackedWell() {
    Picture picture = new Picture(256, 256);
    for (int i = 0; i < 256 * 256; i++) {
      picture.set(i % 256, i / 256, (i % 256) << 16 | (i / 256) << 8);
    }
    int size = Png.encode(picture).length;
    assertEquals(true, size < 3 * 256 * 256 / 50, size + " bytes");
  }

  @Test
  void drawing() {
    Picture picture = new Picture(4, 3).fill(1, 1, 2, 1, 0x204060);
    assertEquals(0x204060, picture.get(2, 1));
    assertEquals(0, picture.get(3, 1));
    picture.tint(0, 0, 4, 3, 0xffffff, 0.5);
    assertEquals(0x90a0b0, picture.get(1, 1));
    assertEquals(0x808080, picture.get(0, 0));
    picture.outline(0, 0, 4, 3, 0xff0000);
    assertEquals(0xff0000, picture.get(3, 2));
    assertEquals(0x90a0b0, picture.get(1, 1));
    Picture large = picture.enlarged(3);
    assertEquals(0x90a0b0, large.get(5, 5));
    assertEquals(0xff0000, large.get(11, 8));
  }

  @Test
  void gridsAlignColumnsAndRows() {
    Picture red = new Picture(2, 2).fill(0, 0, 2, 2, 0xff0000);
    Picture blue = new Picture(1, 3).fill(0, 0, 1, 3, 0x0000ff);
    Picture grid = Picture.grid(List.of(List.of(red, blue), List.of(blue)), 1);
    assertEquals(4, grid.width());
    assertEquals(7, grid.height());
    assertEquals(0x0000ff, grid.get(3, 2));
    assertEquals(0xffffff, grid.get(2, 0));
    assertEquals(0xffffff, grid.get(0, 3));
    assertEquals(0x0000ff, grid.get(0, 4));
    assertEquals(0xffffff, grid.get(3, 4));
  }

  @Test
  void mistakesAreNamed() {
    Picture picture = new Picture(2, 2);
    assertThrows(IndexOutOfBoundsException.class, () -> picture.get(2, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> picture.draw(new Picture(2, 2), 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Picture(0, 3));
    assertThrows(IllegalArgumentException.class, () -> Picture.of(2, 2, new byte[11]));
  }
}
