package dev.tenzing.video.list;

import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * What a list says that a video shows. Classes count from 0; times are seconds from the first frame
 * of the file, whatever part of it is used; places are fractions of the upright picture, from its
 * upper left corner.
 */
public sealed interface Annotation {
  /** Nothing is said. */
  Annotation NONE = new None();

  /** A class for the whole of it; {@link #NONE} below 0. */
  static Annotation ofClass(int label) {
    return label < 0 ? NONE : new Single(label);
  }

  /** The class of the whole, -1 where there is none. */
  default int label() {
    return -1;
  }

  /** All classes that occur, one for each time that it does. */
  IntStream classes();

  /** The same with other numbers for the classes. */
  Annotation renumbered(IntUnaryOperator classes);

  /** No annotation. */
  record None() implements Annotation {
    @Override
    public IntStream classes() {
      return IntStream.empty();
    }

    @Override
    public Annotation renumbered(IntUnaryOperator classes) {
      return this;
    }
  }

  /** One class for the whole. */
  record Single(int label) implements Annotation {
    public Single {
      requireClass(label);
    }

    @Override
    public IntStream classes() {
      return IntStream.of(label);
    }

    @Override
    public Annotation renumbered(IntUnaryOperator classes) {
      return new Single(classes.applyAsInt(label));
    }
  }

  /** Who does what, and where, at some moments: spatio-temporal detection. */
  record Boxes(List<Box> boxes) implements Annotation {
    public Boxes {
      boxes = List.copyOf(boxes);
    }

    @Override
    public IntStream classes() {
      return boxes.stream().flatMapToInt(box -> box.classes.stream().mapToInt(c -> c));
    }

    @Override
    public Annotation renumbered(IntUnaryOperator classes) {
      return new Boxes(boxes.stream().map(box -> box.renumbered(classes)).toList());
    }
  }

  /** What happens from when to when: temporal localisation. */
  record Segments(List<Segment> segments) implements Annotation {
    public Segments {
      segments = List.copyOf(segments);
    }

    @Override
    public IntStream classes() {
      return segments.stream().mapToInt(Segment::label);
    }

    @Override
    public Annotation renumbered(IntUnaryOperator classes) {
      return new Segments(
          segments.stream()
              .map(s -> new Segment(s.begin, s.end, classes.applyAsInt(s.label)))
              .toList());
    }
  }

  /**
   * A part of the picture at a moment.
   *
   * @param second the moment
   * @param left edge, a fraction of the picture's width
   * @param top edge, a fraction of its height
   * @param right edge, more than {@code left}
   * @param bottom edge, more than {@code top}
   * @param classes everything that is seen there
   */
  record Box(
      double second, double left, double top, double right, double bottom, List<Integer> classes) {
    public Box {
      classes = List.copyOf(classes);
      classes.forEach(Annotation::requireClass);
      if (!(second >= 0 && Double.isFinite(second))) {
        throw new IllegalArgumentException("a box is at 0 seconds or later, not at " + second);
      }
      if (!(0 <= left && left < right && right <= 1 && 0 <= top && top < bottom && bottom <= 1)) {
        throw new IllegalArgumentException(
            "the edges of a box are fractions of the picture in ascending order, not %s to %s across and %s to %s down"
                .formatted(left, right, top, bottom));
      }
    }

    private Box renumbered(IntUnaryOperator numbers) {
      return new Box(
          second,
          left,
          top,
          right,
          bottom,
          classes.stream().map(c -> numbers.applyAsInt(c)).toList());
    }
  }

  /**
   * A stretch of time.
   *
   * @param begin seconds
   * @param end seconds, more than {@code begin}
   * @param label what happens
   */
  record Segment(double begin, double end, int label) {
    public Segment {
      requireClass(label);
      if (!(begin >= 0 && begin < end && Double.isFinite(end))) {
        throw new IllegalArgumentException(
            "a segment begins at 0 seconds or later and ends after that, not from %s to %s"
                .formatted(begin, end));
      }
    }
  }

  private static void requireClass(int label) {
    if (label < 0) {
      throw new IllegalArgumentException("classes count from 0, not " + label);
    }
  }
}
