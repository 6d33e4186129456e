package dev.tenzing.video.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.augment.Augmentation;
import dev.tenzing.video.augment.Augmentation.CropRule;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.VideoWriter;
import dev.tenzing.video.list.Annotation;
import dev.tenzing.video.list.Annotation.Box;
import dev.tenzing.video.list.Annotation.Boxes;
import dev.tenzing.video.list.Part;
import dev.tenzing.video.list.Source;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.load.ClipGeometry.Region;
import dev.tenzing.video.transform.Crop;
import dev.tenzing.video.transform.ShortSide;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipGeometryTest {
  /** A picture of 400 x 200, decoded at 100 x 50, of which 40 x 20 become 80 x 80. */
  private static ClipGeometry geometry(boolean mirror) {
    return new ClipGeometry(
        400,
        200,
        new ShortSide(100, 50),
        new Crop(10, 20, 40, 20),
        mirror,
        80,
        new int[] {25, 50, 60},
        25);
  }

  private static Box box(double left, double top, double right, double bottom) {
    return new Box(1, left, top, right, bottom, List.of(0));
  }

  @Test
  void boxesAreScaledCutOffAndMirrored() {
    Box inside = box(0.2, 0.5, 0.3, 0.7);
    assertRegion(20, 20, 40, 60, geometry(false).region(inside));
    assertRegion(40, 20, 60, 60, geometry(true).region(inside));
    Box over = box(0, 0, 0.2, 0.6);
    assertRegion(0, 0, 20, 40, geometry(false).region(over));
    assertRegion(60, 0, 80, 40, geometry(true).region(over));
    assertRegion(0, 0, 80, 80, geometry(true).region(box(0, 0, 1, 1)));
    assertEquals(Optional.empty(), geometry(false).region(box(0, 0.5, 0.1, 0.7)));
    assertEquals(Optional.empty(), geometry(true).region(box(0.2, 0.8, 0.3, 1)));
  }

  private static void assertRegion(
      double left, double top, double right, double bottom, Optional<Region> found) {
    Region region = found.orElseThrow();
    double[] expected = {left, top, right, bottom};
    double[] edges = {region.left(), region.top(), region.right(), region.bottom()};
    assertArrayEquals(expected, edges, 1e-9);
  }

  @Test
  void framesHaveTimes() {
    ClipGeometry geometry = geometry(false);
    assertEquals(1, geometry.second(0));
    assertEquals(2.4, geometry.second(2));
    ClipGeometry unknown =
        new ClipGeometry(
            4, 4, new ShortSide(4, 4), new Crop(0, 0, 4, 4), false, 4, new int[] {7}, 0);
    assertEquals(7, unknown.second(0));
  }

  /** A bright rectangle of a video lies in every clip where the box of it is said to be. */
  @Test
  void boxesFollowThePixelsThroughTheLoader(@TempDir Path folder) throws Exception {
    Path file = writeRectangle(folder.resolve("rectangle.mp4"));
    Boxes told = new Boxes(List.of(box(48 / 128.0, 24 / 96.0, 80 / 128.0, 72 / 96.0)));
    Entry entry = new Entry(file, told, new Part.Frames(5, 20), Source.ALONE);
    VideoList list = new VideoList("boxes", List.of(entry), 1, List.of());
    Augmentation augmentation = new Augmentation(CropRule.RESIZED, true, null, null, null, 2);
    int mirrored = 0;
    int checked = 0;
    try (ClipLoader loader =
        ClipLoader.of(list, ClipPolicy.finetuning(2, 2, 64, augmentation)).seed(4).open()) {
      for (int step = 0; step < 20; step++) {
        try (Batch batch = loader.next()) {
          assertEquals(List.<Annotation>of(told), batch.annotations());
          assertEquals(2, batch.geometry().size());
          for (int row = 0; row < 2; row++) {
            ClipGeometry geometry = batch.geometry().get(row);
            assertEquals(128, geometry.sourceWidth());
            assertTrue(geometry.frames()[0] >= 5 && geometry.frames()[1] < 25);
            mirrored += geometry.mirror() ? 1 : 0;
            checked += matches(batch.pixels(), row, geometry.region(told.boxes().get(0)));
          }
        }
      }
    }
    assertTrue(mirrored > 5 && mirrored < 35, mirrored + " mirrored");
    assertTrue(checked > 20, checked + " had some of the rectangle");
  }

  private static int matches(MemorySegment pixels, int row, Optional<Region> region) {
    int left = 64;
    int right = 0;
    int top = 64;
    int bottom = 0;
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        long at = 3L * (row * 2 * 64 * 64 + y * 64 + x);
        if ((pixels.get(ValueLayout.JAVA_BYTE, at) & 0xFF) > 127) {
          left = Math.min(left, x);
          right = Math.max(right, x + 1);
          top = Math.min(top, y);
          bottom = Math.max(bottom, y + 1);
        }
      }
    }
    if (left >= right) {
      assertTrue(
          region.isEmpty()
              || region.get().right() - region.get().left() < 2
              || region.get().bottom() - region.get().top() < 2,
          region.toString());
      return 0;
    }
    double[] seen = {left, top, right, bottom};
    Region told = region.orElseThrow();
    double[] expected = {told.left(), told.top(), told.right(), told.bottom()};
    assertArrayEquals(expected, seen, 2, "row " + row);
    return 1;
  }

  private static Path writeRectangle(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined();
        VideoWriter writer = VideoWriter.create(file, EncoderSettings.mpeg4(128, 96, 25))) {
      MemorySegment pixels = arena.allocate(3L * 128 * 96);
      for (int y = 24; y < 72; y++) {
        pixels.asSlice(3L * (y * 128 + 48), 3L * 32).fill((byte) 255);
      }
      for (int frame = 0; frame < 30; frame++) {
        writer.write(pixels);
      }
    }
    return file;
  }
}
