package dev.tenzing.video.sample;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * One frame out of each of {@code length} equal parts of the whole video, whatever its length (Wang
 * et al., Temporal Segment Networks, ECCV 2016), as the reference loaders do for
 * Something-Something.
 *
 * <p>A video shorter than a clip stands still at its beginning: frame 0 is repeated before all of
 * its frames, by the rule of VideoMAE V2's raw-frame loader (VideoMAE's repeats frame 0 alone and
 * loses the motion).
 *
 * @param length frames in a clip
 */
public record SparseSampling(int length) implements Sampling {
  public SparseSampling {
    if (length < 1) {
      throw new IllegalArgumentException("a clip needs at least 1 frame, not " + length);
    }
  }

  @Override
  public int[] pretraining(int total, RandomGenerator random) {
    return finetuning(total, random);
  }

  /** From each part one frame, drawn. */
  @Override
  public int[] finetuning(int total, RandomGenerator random) {
    int part = total / length;
    if (part == 0) {
      return whole(total);
    }
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      frames[i] = i * part + random.nextInt(part);
    }
    return frames;
  }

  /** From each part the frame in its middle. */
  @Override
  public int[] middle(int total) {
    int part = total / length;
    if (part == 0) {
      return whole(total);
    }
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      frames[i] = i * part + part / 2;
    }
    return frames;
  }

  /**
   * {@code segments x length} frames spread evenly over the video, of which the clip takes each
   * {@code segments}-th.
   */
  @Override
  public int[] view(int total, int segment, int segments) {
    Sampling.checkSegment(segment, segments);
    double tick = (double) total / length;
    int[] all = new int[segments * length];
    for (int s = 0; s < segments; s++) {
      for (int i = 0; i < length; i++) {
        all[s * length + i] = Math.min((int) (s * tick / segments + tick * i), total - 1);
      }
    }
    Arrays.sort(all);
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      frames[i] = all[segment + i * segments];
    }
    return frames;
  }

  private int[] whole(int total) {
    int[] frames = new int[length];
    for (int i = 0; i < length; i++) {
      frames[i] = Math.max(0, i - (length - total));
    }
    return frames;
  }

  @Override
  public Sampling withStride(int stride) {
    return this;
  }

  @Override
  public String label() {
    return length + " frames over the whole video";
  }
}
