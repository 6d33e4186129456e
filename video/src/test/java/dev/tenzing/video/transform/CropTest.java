package dev.tenzing.video.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.random.KeyedRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CropTest {
  @ParameterizedTest
  @CsvSource({
    "340, 256, 224, 297, 224",
    "256, 340, 224, 224, 297",
    "320, 240, 256, 341, 256",
    "100, 100, 8, 8, 8",
    "16384, 1024, 256, 4096, 256"
  })
  void theShorterSideIsScaledAndTheOtherRoundedDown(int w, int h, int side, int ow, int oh) {
    assertEquals(new ShortSide(ow, oh), ShortSide.of(w, h, side));
  }

  @Test
  void fixedCrops() {
    assertEquals(new Crop(36, 0, 224, 224), Crop.center(297, 224, 224));
    assertEquals(new Crop(0, 36, 224, 224), Crop.center(224, 297, 224));
    assertEquals(new Crop(0, 0, 224, 224), Crop.alongLongSide(297, 224, 0, 3));
    assertEquals(new Crop(36, 0, 224, 224), Crop.alongLongSide(297, 224, 1, 3));
    assertEquals(new Crop(73, 0, 224, 224), Crop.alongLongSide(297, 224, 2, 3));
    assertEquals(new Crop(0, 73, 224, 224), Crop.alongLongSide(224, 297, 2, 3));
    assertEquals(new Crop(36, 0, 224, 224), Crop.alongLongSide(297, 224, 0, 1));
  }

  @Test
  void multiScaleCropsHaveTheTenShapesAtTheThirteenPlaces() {
    Set<String> shapes = new HashSet<>();
    Set<Crop> ofOneShape = new HashSet<>();
    for (int key = 0; key < 20_000; key++) {
      Crop crop = MultiScaleCrop.draw(340, 256, 224, new KeyedRandom(key));
      assertInside(crop, 340, 256);
      shapes.add(crop.width() + "x" + crop.height());
      if (crop.width() == 192 && crop.height() == 168) {
        ofOneShape.add(crop);
      }
    }
    // 256 x {1, .875, .75, .66} = 256, 224, 192, 168; neighbours may be paired.
    assertEquals(
        Set.of(
            "256x256", "256x224", "224x256", "224x224", "224x192", "192x224", "192x192", "192x168",
            "168x192", "168x168"),
        shapes);
    assertEquals(13, ofOneShape.size());
    assertTrue(ofOneShape.contains(new Crop(148, 88, 192, 168)), "lower right");
    assertTrue(ofOneShape.contains(new Crop(37, 66, 192, 168)), "lower left quarter");
  }

  @Test
  void multiScaleCropsStayInsideOfAnyPicture() {
    for (int key = 0; key < 5_000; key++) {
      KeyedRandom random = new KeyedRandom(key);
      int width = random.nextInt(8, 300);
      int height = random.nextInt(8, 300);
      assertInside(MultiScaleCrop.draw(width, height, 64, random), width, height);
      assertInside(RandomResizedCrop.FINETUNING.draw(width, height, random), width, height);
    }
  }

  @Test
  void resizedCropsCoverTheAskedRange() {
    double smallest = 1;
    double largest = 0;
    for (int key = 0; key < 5_000; key++) {
      Crop crop = RandomResizedCrop.FINETUNING.draw(340, 256, new KeyedRandom(key));
      double area = crop.width() * crop.height() / (340.0 * 256);
      double ratio = (double) crop.width() / crop.height();
      assertTrue(ratio > 0.73 && ratio < 1.36, crop.toString());
      smallest = Math.min(smallest, area);
      largest = Math.max(largest, area);
    }
    assertTrue(smallest > 0.078 && smallest < 0.09, "smallest " + smallest);
    assertTrue(largest > 0.95, "largest " + largest);
  }

  private static void assertInside(Crop crop, int width, int height) {
    assertTrue(
        crop.x() >= 0
            && crop.y() >= 0
            && crop.width() > 0
            && crop.height() > 0
            && crop.x() + crop.width() <= width
            && crop.y() + crop.height() <= height,
        crop + " in " + width + "x" + height);
  }
}
