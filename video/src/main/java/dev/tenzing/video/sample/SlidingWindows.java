package dev.tenzing.video.sample;

/**
 * Clips that cover a whole video, one every {@code hop} frames: the windows of feature extraction
 * for temporal action detection (VideoMAE V2 takes 16 frames every 4 for THUMOS14 and every 16 for
 * FineAction).
 *
 * @param length frames in a clip
 * @param stride distance between two of them; 1 in the reference
 * @param hop distance from one clip's first frame to the next one's
 */
public record SlidingWindows(int length, int stride, int hop) {
  public SlidingWindows {
    if (length < 1 || stride < 1 || hop < 1) {
      throw new IllegalArgumentException(
          "windows need at least 1 frame, a stride and a hop of at least 1, not "
              + length
              + ", "
              + stride
              + " and "
              + hop);
    }
  }

  /**
   * Clips of a video: as many as lie inside it, and one for a video shorter than a clip, of which
   * the reference takes none.
   *
   * @param total frames in the video, at least 1
   */
  public int count(int total) {
    int span = Math.addExact(Math.multiplyExact(length - 1, stride), 1);
    return total < span ? 1 : (total - span) / hop + 1;
  }

  /**
   * The frames of one clip, the video's last one repeated where it is too short.
   *
   * @param clip from 0
   */
  public int[] frames(int total, int clip) {
    if (clip < 0 || clip >= count(total)) {
      throw new IllegalArgumentException(
          "there is no window " + clip + ", a video of " + total + " frames has " + count(total));
    }
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      frames[i] = Math.min(clip * hop + i * stride, total - 1);
    }
    return frames;
  }
}
