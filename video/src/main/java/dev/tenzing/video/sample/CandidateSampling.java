package dev.tenzing.video.sample;

import java.util.random.RandomGenerator;

/**
 * More frames than a clip has, for a model that chooses among them: {@code length} frames spread
 * evenly from the first to the last frame of the clip that another rule takes. So a clip begins and
 * ends where it would without a choice, whatever the rule, the stride and the length of the video.
 *
 * @param clip takes the clip
 * @param length frames to choose from, more than the clip has
 */
public record CandidateSampling(Sampling clip, int length) implements Sampling {
  public CandidateSampling {
    if (length <= clip.length()) {
      throw new IllegalArgumentException(
          "to choose %s frames from %s leaves no choice".formatted(clip.length(), length));
    }
  }

  @Override
  public int[] pretraining(int total, RandomGenerator random) {
    return spread(clip.pretraining(total, random));
  }

  @Override
  public int[] finetuning(int total, RandomGenerator random) {
    return spread(clip.finetuning(total, random));
  }

  @Override
  public int[] middle(int total) {
    return spread(clip.middle(total));
  }

  @Override
  public int[] view(int total, int segment, int segments) {
    return spread(clip.view(total, segment, segments));
  }

  @Override
  public CandidateSampling withStride(int stride) {
    return new CandidateSampling(clip.withStride(stride), length);
  }

  @Override
  public String label() {
    return clip.label() + " out of " + length;
  }

  /** Candidate j lies at {@code j (T - 1) / (length - 1)}, between the clip's frames around it. */
  private int[] spread(int[] frames) {
    int steps = length - 1;
    int[] candidates = new int[length];
    for (int j = 0; j < length; j++) {
      long at = (long) j * (frames.length - 1);
      int before = (int) (at / steps);
      int after = Math.min(before + 1, frames.length - 1);
      candidates[j] =
          (int)
              (frames[before]
                  + Math.floorDiv(at % steps * (frames[after] - frames[before]), (long) steps));
    }
    return candidates;
  }
}
