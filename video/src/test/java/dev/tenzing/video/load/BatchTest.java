package dev.tenzing.video.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.video.augment.BatchMix;
import dev.tenzing.video.list.Annotation;
import dev.tenzing.video.transform.Crop;
import dev.tenzing.video.transform.ShortSide;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final List<Sample> TWO =
      List.of(
          new Sample(4, Path.of("a"), Annotation.ofClass(2)),
          new Sample(7, Path.of("b"), Annotation.NONE));

  private static MemorySegment bytes(int count) {
    return MemorySegment.ofArray(new byte[count]);
  }

  @Test
  void anybodyCanMakeOne() {
    int[] released = new int[1];
    Batch batch =
        new Batch(bytes(24), 2, TWO, BatchMix.none(4), new Cursor(1, 2), 3, () -> released[0]++);
    assertEquals(2, batch.size());
    assertArrayEquals(new int[] {2, -1}, batch.labels());
    assertArrayEquals(new int[] {4, 7}, batch.indices());
    assertEquals(List.of(Path.of("a"), Path.of("b")), batch.paths());
    assertEquals(List.of(), batch.geometry());
    assertEquals(3, batch.skipped());
    batch.close();
    batch.close();
    assertEquals(1, released[0]);
    assertThrows(IllegalStateException.class, batch::pixels);
  }

  @Test
  void whatDoesNotFitTogetherIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Batch(bytes(25), TWO, Cursor.START));
    assertThrows(IllegalArgumentException.class, () -> new Batch(bytes(0), TWO, Cursor.START));
    assertThrows(
        IllegalArgumentException.class, () -> new Batch(bytes(24), List.of(), Cursor.START));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Batch(bytes(24), 1, TWO, BatchMix.none(4), Cursor.START, 0, () -> {}));
    ClipGeometry one =
        new ClipGeometry(
            8, 8, new ShortSide(8, 8), new Crop(0, 0, 8, 8), false, 8, new int[] {0}, 0);
    List<Sample> half = List.of(new Sample(0, Path.of("a"), Annotation.NONE, List.of(one)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Batch(bytes(24), 2, half, BatchMix.none(2), Cursor.START, 0, () -> {}));
  }
}
