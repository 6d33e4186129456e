package dev.tenzing.video.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.video.augment.Affine.Kind;
import dev.tenzing.video.transform.Crop;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * Every transform gives the bits of Pillow 12.3. {@code pillow.csv} holds checksums ({@code
 * zlib.crc32(image.tobytes())}) of what its functions make of {@link Pictures}: {@code ImageOps},
 * {@code ImageEnhance}, {@code point} with timm's table for solarize_add, {@code rotate} and {@code
 * transform(size, AFFINE, (1, a, 0, 0, 1, 0) ...)} with {@code fillcolor=(124, 116, 104)}, shifts
 * being shares of the side.
 */
class PillowTest {
  @ParameterizedTest
  @CsvFileSource(resources = "pillow.csv", numLinesToSkip = 1)
  void givesTheBitsOfPillow(
      String name, double amount, String look, int width, int height, long checksum) {
    Picture picture = Pictures.of(look, width, height);
    picture.apply(List.of(transform(name, amount)), new Crop(0, 0, width, height));
    CRC32 sum = new CRC32();
    sum.update(picture.pixels().toArray(ValueLayout.JAVA_BYTE));
    assertEquals(checksum, sum.getValue());
  }

  private static PictureTransform transform(String name, double amount) {
    return switch (name) {
      case "invert" -> new Invert();
      case "posterize" -> new Posterize((int) amount);
      case "solarize" -> new Solarize((int) amount);
      case "solarize_add" -> new SolarizeAdd((int) amount);
      case "auto_contrast" -> new AutoContrast();
      case "equalize" -> new Equalize();
      case "brightness" -> new Brightness((float) amount);
      case "contrast" -> new Contrast((float) amount);
      case "saturation" -> new Saturation((float) amount);
      case "sharpness" -> new Sharpness((float) amount);
      default -> {
        int end = name.lastIndexOf('_');
        yield new Affine(
            Kind.valueOf(name.substring(0, end).toUpperCase(Locale.ROOT)),
            amount,
            Interpolation.valueOf(name.substring(end + 1).toUpperCase(Locale.ROOT)));
      }
    };
  }
}
