package dev.tenzing.everest.task.classification;

/**
 * Views of a video in a test: segments in time x crops along the long side.
 *
 * @param segments clips spread over the video
 * @param crops crops of each
 */
public record Views(int segments, int crops) {
  /** Reads {@code 5x3}. */
  public static Views parse(String text) {
    if (!text.matches("[1-9]\\d?x[1-9]\\d?")) {
      throw new IllegalArgumentException("--views must be SEGMENTSxCROPS such as 5x3, got " + text);
    }
    String[] parts = text.split("x");
    Views views = new Views(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    if (views.crops != 1 && views.crops != 3) {
      throw new IllegalArgumentException("--views takes 1 or 3 crops, got " + views.crops);
    }
    return views;
  }

  /** Views in all. */
  public int count() {
    return segments * crops;
  }

  @Override
  public String toString() {
    return segments + "x" + crops;
  }
}
