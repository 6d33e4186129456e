package dev.tenzing.video.sample;

import java.util.random.RandomGenerator;

/**
 * Which frames of a video make a clip. Indices count from 0 and ascend; only jitter at the end of a
 * video shorter than its clip leaves that order, as in the reference.
 */
public sealed interface Sampling permits DenseSampling, SparseSampling, CandidateSampling {
  /** Frames in a clip, T. */
  int length();

  /**
   * A clip for masked pre-training.
   *
   * @param total frames in the video, at least 1
   * @return {@code length} indices
   */
  int[] pretraining(int total, RandomGenerator random);

  /** A clip for supervised training; as {@link #pretraining}. */
  int[] finetuning(int total, RandomGenerator random);

  /** The clip of validation, which draws nothing. */
  int[] middle(int total);

  /**
   * One of the clips of multi-view testing.
   *
   * @param segment from 0
   * @param segments clips of a video
   */
  int[] view(int total, int segment, int segments);

  /** The same with another distance between frames, where there is one. */
  Sampling withStride(int stride);

  /** How it is called in reports, such as {@code 16 frames x stride 4}. */
  String label();

  /** Rejects a segment that does not exist. */
  static void checkSegment(int segment, int segments) {
    if (segments < 1 || segment < 0 || segment >= segments) {
      throw new IllegalArgumentException(
          "there is no segment " + segment + " of " + segments + ", they count from 0");
    }
  }
}
