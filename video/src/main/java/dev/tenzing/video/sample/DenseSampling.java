package dev.tenzing.video.sample;

import java.util.random.RandomGenerator;

/**
 * One clip of {@code length} frames, {@code stride} frames apart, from somewhere in the video.
 *
 * @param length frames in a clip
 * @param stride distance between two of them
 * @param jitter whether training moves each frame on by up to {@code stride - 1}, drawn for each
 */
public record DenseSampling(int length, int stride, boolean jitter) implements Sampling {
  public DenseSampling {
    if (length < 1 || stride < 1) {
      throw new IllegalArgumentException(
          "a clip needs at least 1 frame and a stride of at least 1, not "
              + length
              + " x "
              + stride);
    }
  }

  /** Without jitter, as the reference recipes. */
  public DenseSampling(int length, int stride) {
    this(length, stride, false);
  }

  /** Frames of the video that the clip spans. */
  public int span() {
    return length * stride;
  }

  /**
   * A start drawn so that the clip fits; in a video too short for it, from frame 0, standing still
   * on the last frame that a stride reaches before the end.
   */
  @Override
  public int[] pretraining(int total, RandomGenerator random) {
    int starts = total - span() + 1;
    int at = starts > 0 ? random.nextInt(starts) : 0;
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      int moved = at + (jitter ? random.nextInt(stride) : 0);
      frames[i] = moved < total ? moved : at;
      if (at + 1 + stride < total) {
        at += stride;
      }
    }
    return frames;
  }

  /**
   * {@code length} indices spread evenly over a random window of {@code span()} frames; a shorter
   * video is taken whole, its last frame filling up the clip.
   */
  @Override
  public int[] finetuning(int total, RandomGenerator random) {
    int[] frames = total <= span() ? whole(total) : window(random.nextInt(total - span()));
    if (jitter) {
      int last = frames[length - 1];
      for (int i = 0; i < length; i++) {
        frames[i] = Math.min(frames[i] + random.nextInt(stride), last);
      }
    }
    return frames;
  }

  /**
   * As {@link #finetuning}, from the middle of the video. (VideoMAE draws here too, so that its
   * accuracy differs from run to run; VideoMAE V2 takes the middle.)
   */
  @Override
  public int[] middle(int total) {
    return total <= span() ? whole(total) : window((total - span()) / 2);
  }

  /**
   * Out of every {@code stride}-th frame of the video a run of {@code length}; the runs' starts are
   * spread evenly over it, a single one is taken from the middle.
   */
  @Override
  public int[] view(int total, int segment, int segments) {
    Sampling.checkSegment(segment, segments);
    int strided = (total + stride - 1) / stride;
    double spare = Math.max(strided - length, 0);
    int start = (int) (segments == 1 ? spare / 2 : segment * (spare / (segments - 1)));
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      frames[i] = Math.min(start + i, strided - 1) * stride;
    }
    return frames;
  }

  @Override
  public DenseSampling withStride(int other) {
    return new DenseSampling(length, other, jitter);
  }

  @Override
  public String label() {
    return length + " frames x stride " + stride;
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
