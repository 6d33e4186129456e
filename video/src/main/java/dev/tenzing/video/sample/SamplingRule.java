package dev.tenzing.video.sample;

import java.util.Locale;

/** The two ways to take frames, as options name them. */
public enum SamplingRule {
  /** A window of neighbouring frames, some apart: Kinetics, UCF101, HMDB51, AVA, Ego4D. */
  DENSE,
  /** One frame out of each of T equal parts of the whole video: Something-Something. */
  SPARSE;

  /** Its name in options and model files: {@code dense} or {@code sparse}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The rule of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static SamplingRule named(String label) {
    for (SamplingRule rule : values()) {
      if (rule.label().equals(label)) {
        return rule;
      }
    }
    throw new IllegalArgumentException("sampling is dense or sparse, not " + label);
  }

  /** The rule for clips of so many frames; a stride means something to dense sampling only. */
  public Sampling of(int frames, int stride) {
    return this == DENSE ? new DenseSampling(frames, stride) : new SparseSampling(frames);
  }
}
