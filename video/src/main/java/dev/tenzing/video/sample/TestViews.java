package dev.tenzing.video.sample;

/**
 * The clips of multi-view testing: {@code segments} clips spread evenly over the video, each of
 * {@code length} frames {@code stride} apart.
 *
 * @param length frames in a clip
 * @param stride distance between two of them
 * @param segments clips of a video; a single one is taken from the middle
 */
public record TestViews(int length, int stride, int segments) {
  public TestViews {
    if (length < 1 || stride < 1 || segments < 1) {
      throw new IllegalArgumentException(
          "test views need at least 1 frame, stride 1 and 1 segment, not "
              + length
              + ", "
              + stride
              + ", "
              + segments);
    }
  }

  /**
   * The frames of one segment.
   *
   * @param total frames in the video
   * @param segment from 0
   * @return {@code length} ascending indices, the last one repeated in a video too short
   */
  public int[] frames(int total, int segment) {
    int strided = (total + stride - 1) / stride;
    double spare = Math.max(strided - length, 0);
    int start = (int) (segments == 1 ? spare / 2 : segment * (spare / (segments - 1)));
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      frames[i] = Math.min(start + i, strided - 1) * stride;
    }
    return frames;
  }
}
