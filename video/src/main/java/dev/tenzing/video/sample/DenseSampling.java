package dev.tenzing.video.sample;

import java.util.random.RandomGenerator;

/**
 * One clip of {@code length} frames, {@code stride} frames apart, from somewhere in the video.
 *
 * @param length frames in a clip
 * @param stride distance between two of them
 */
public record DenseSampling(int length, int stride) {
  public DenseSampling {
    if (length < 1 || stride < 1) {
      throw new IllegalArgumentException(
          "a clip needs at least 1 frame and a stride of at least 1, not "
              + length
              + " x "
              + stride);
    }
  }

  /** Frames of the video that the clip spans. */
  public int span() {
    return length * stride;
  }

  /**
   * Pre-training: a start drawn so that the clip fits; in a video too short for it, from frame 0,
   * standing still on the last frame that a stride reaches before the end.
   *
   * @param total frames in the video
   * @return {@code length} ascending indices
   */
  public int[] pretraining(int total, RandomGenerator random) {
    int starts = total - span() + 1;
    int at = starts > 0 ? random.nextInt(starts) : 0;
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      frames[i] = at;
      if (at + 1 + stride < total) {
        at += stride;
      }
    }
    return frames;
  }

  /**
   * Fine-tuning: {@code length} indices spread evenly over a random window of {@code span()}
   * frames; a shorter video is taken whole, its last frame filling up the clip.
   *
   * @param total frames in the video
   * @return {@code length} ascending indices
   */
  public int[] finetuning(int total, RandomGenerator random) {
    return total <= span() ? whole(total) : window(random.nextInt(total - span()));
  }

  /**
   * Validation: as {@link #finetuning}, from the middle of the video. (The reference draws here
   * too, so that its accuracy differs from run to run.)
   */
  public int[] middle(int total) {
    return total <= span() ? whole(total) : window((total - span()) / 2);
  }

  private int[] window(int start) {
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      double step = length == 1 ? 0 : (double) span() / (length - 1);
      frames[i] = Math.min((int) (i * step + start), start + span() - 1);
    }
    return frames;
  }

  private int[] whole(int total) {
    int spread = total / stride;
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      int at = total;
      if (i < spread) {
        at = spread == 1 ? 0 : (int) (i * ((double) total / (spread - 1)));
      }
      frames[i] = Math.min(at, total - 1);
    }
    return frames;
  }
}
