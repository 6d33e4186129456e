package dev.tenzing.video;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** The frames of {@link Clips} as folders of pictures. */
public final class Pictures {
  private Pictures() {}

  /**
   * Writes {@code count} pictures of 64 x 48, the first of which says that it is frame 0.
   *
   * @param pattern their names for {@code String.format}, such as {@code img_%05d.jpg}
   * @param first number of the first
   */
  public static Path write(Path folder, String pattern, int first, int count) throws IOException {
    Files.createDirectories(folder);
    for (int frame = 0; frame < count; frame++) {
      BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < 48; y++) {
        for (int x = 0; x < 64; x++) {
          int bright = (frame >> x / 8 & 1) * 0xFFFFFF;
          image.setRGB(x, y, y < 24 ? bright : x < 32 ? 0xFF0000 : 0x0000FF);
        }
      }
      Path file = folder.resolve(String.format(Locale.ROOT, pattern, first + frame));
      String kind = pattern.toLowerCase(Locale.ROOT).endsWith("png") ? "png" : "jpg";
      if (!ImageIO.write(image, kind, file.toFile())) {
        throw new IOException("no writer for " + kind);
      }
    }
    return folder;
  }
}
