package dev.tenzing.video.list;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.list.Annotation.Box;
import dev.tenzing.video.list.Annotation.Boxes;
import dev.tenzing.video.list.Annotation.Segment;
import dev.tenzing.video.list.Annotation.Segments;
import dev.tenzing.video.list.VideoList.Entry;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnnotationTest {
  private static final Boxes BOXES =
      new Boxes(
          List.of(new Box(1, 0, 0.25, 0.5, 1, List.of(1, 2)), new Box(2, 0, 0, 1, 1, List.of(2))));
  private static final Segments SEGMENTS =
      new Segments(List.of(new Segment(0, 1.5, 0), new Segment(1, 2, 2)));

  private static Entry entry(Annotation annotation) {
    return new Entry(Path.of("a.mp4"), annotation, Part.WHOLE, Source.ALONE);
  }

  @Test
  void onlyAClassOfTheWholeIsALabel() {
    assertEquals(3, new Entry(Path.of("a.mp4"), 3).label());
    assertEquals(Annotation.NONE, new Entry(Path.of("a.mp4"), -1).annotation());
    assertEquals(-1, entry(Annotation.NONE).label());
    assertEquals(-1, entry(BOXES).label());
    assertEquals(-1, entry(SEGMENTS).label());
  }

  @Test
  void everyKindCountsItsClassesAndIsMerged() {
    assertArrayEquals(new int[] {}, Annotation.NONE.classes().toArray());
    assertArrayEquals(new int[] {1, 2, 2}, BOXES.classes().toArray());
    assertArrayEquals(new int[] {0, 2}, SEGMENTS.classes().toArray());
    VideoList list =
        new VideoList(
            "all",
            List.of(
                entry(BOXES),
                entry(SEGMENTS),
                entry(Annotation.ofClass(1)),
                entry(Annotation.NONE)),
            3,
            List.of());
    VideoList merged =
        list.from(new Source("s", 2, 1))
            .merged(new LabelMap("map", List.of(7, 8, 5)), 9, List.of());
    List<Annotation> now = merged.videos().stream().map(Entry::annotation).toList();
    assertArrayEquals(new int[] {8, 5, 5}, now.get(0).classes().toArray());
    assertEquals(new Segments(List.of(new Segment(0, 1.5, 7), new Segment(1, 2, 5))), now.get(1));
    assertEquals(8, now.get(2).label());
    assertEquals(Annotation.NONE, now.get(3));
    assertEquals(8, VideoList.largestClass(merged.videos()));
    assertEquals("s", merged.videos().get(0).source().name());
  }

  @Test
  void aListFileHoldsClassesOnly() {
    for (Annotation odd : List.of(BOXES, SEGMENTS)) {
      VideoList list = new VideoList("odd", List.of(entry(odd)), 3, List.of());
      String message =
          assertThrows(IllegalArgumentException.class, () -> list.text(null)).getMessage();
      assertTrue(message.startsWith("a.mp4: a list of videos cannot hold the "), message);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 0, 1, 1",
    "NaN, 0, 0, 1, 1",
    "0, -0.1, 0, 1, 1",
    "0, 0.5, 0, 0.5, 1",
    "0, 0, 0, 1, 1.1",
    "0, 0, NaN, 1, 1"
  })
  void boxesAreParts(double second, double left, double top, double right, double bottom) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Box(second, left, top, right, bottom, List.of(1)));
  }

  @Test
  void classesAndTimesAreInOrder() {
    assertThrows(IllegalArgumentException.class, () -> new Box(0, 0, 0, 1, 1, List.of(-1)));
    assertThrows(IllegalArgumentException.class, () -> new Segment(2, 2, 0));
    assertThrows(IllegalArgumentException.class, () -> new Segment(0, Double.NaN, 0));
    assertThrows(IllegalArgumentException.class, () -> new Segment(0, 1, -1));
  }
}
