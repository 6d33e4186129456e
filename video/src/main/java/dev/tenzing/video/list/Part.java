package dev.tenzing.video.list;

/** Which part of a video is used; {@code toString} says it in words. */
public sealed interface Part {
  /** All of it. */
  Part WHOLE = new Whole();

  /**
   * The frames meant.
   *
   * @param frames frames in the video
   * @param fps frames a second; 0 when not known, then a second is a frame
   * @param first number that the list gives to the video's first frame: 0 in a file, the number in
   *     the name of the first picture in a folder of them
   */
  Range range(int frames, double fps, int first);

  /** How many frames the list says there are, -1 when it does not. */
  default int told() {
    return -1;
  }

  /**
   * Frames in a row.
   *
   * @param start the first, from 0; negative when the part begins before the video
   * @param count how many; below 1 when there are none
   */
  record Range(int start, int count) {}

  /** From the first frame to the last. */
  record Whole() implements Part {
    @Override
    public Range range(int frames, double fps, int first) {
      return new Range(0, frames);
    }

    @Override
    public String toString() {
      return "all frames";
    }
  }

  /**
   * So many frames from a given one: {@code path start total}.
   *
   * @param start number of the first
   * @param total how many at most, or -1 for all up to the end
   */
  record Frames(int start, int total) implements Part {
    @Override
    public Range range(int frames, double fps, int first) {
      long left = (long) frames - start + first;
      return new Range(start - first, (int) (total < 0 ? left : Math.min(left, total)));
    }

    @Override
    public int told() {
      return total;
    }

    @Override
    public String toString() {
      return total < 0 ? "all frames from " + start : total + " frames from " + start;
    }
  }

  /**
   * The first frames of a folder of pictures: {@code path total label}.
   *
   * @param total how many
   */
  record Count(int total) implements Part {
    @Override
    public Range range(int frames, double fps, int first) {
      return new Range(0, Math.min(total, frames));
    }

    @Override
    public int told() {
      return total;
    }

    @Override
    public String toString() {
      return total + " frames";
    }
  }

  /**
   * A window of time, as annotations of long videos say.
   *
   * @param start seconds
   * @param end seconds
   */
  record Seconds(double start, double end) implements Part {
    @Override
    public Range range(int frames, double fps, int first) {
      double rate = fps > 0 ? fps : 1;
      long from = Math.min((long) Math.floor(start * rate), frames);
      long to = Math.min((long) Math.ceil(end * rate), frames);
      return new Range((int) from, (int) (to - from));
    }

    @Override
    public String toString() {
      return start + " to " + end + " seconds";
    }
  }
}
