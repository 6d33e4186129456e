package dev.tenzing.everest.frames;

import dev.tenzing.engine.Rng;
import dev.tenzing.everest.model.ClipShape;
import java.nio.file.Path;
import java.util.Locale;

/**
 * How many frames there are to choose from: alpha T candidates for a model of T frames.
 *
 * @param alpha candidates for each frame that the model takes, above 1; 1.5 in the paper
 */
public record FrameSelection(double alpha) {
  /** The paper's setting: 24 frames for 16. */
  public static final FrameSelection OFFICIAL = new FrameSelection(1.5);

  private static final double ROUNDING = 1e-6;

  /** Rejects a factor that leaves nothing to choose. */
  public FrameSelection {
    if (!(alpha > 1) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException(
          "frame selection needs more frames than the model takes: a factor above 1 such as 1.5,"
              + " not "
              + alpha);
    }
  }

  /**
   * The clip to read for a model of clips {@code clip}.
   *
   * @param tubelet frames of a slot
   * @throws IllegalArgumentException when alpha T frames do not make whole slots
   */
  public ClipShape candidates(ClipShape clip, int tubelet) {
    double slots = alpha * clip.frames() / tubelet;
    if (Math.abs(slots - Math.rint(slots)) > ROUNDING) {
      double own = (double) clip.frames() / tubelet;
      double fewer = Math.floor(slots) > own ? Math.floor(slots) : Math.ceil(slots);
      throw new IllegalArgumentException(
          "frame selection would take %s x %s = %s frames, which is no multiple of the tubelet %s; a factor of %s or %s makes one"
              .formatted(
                  plain(alpha),
                  clip.frames(),
                  plain(alpha * clip.frames()),
                  tubelet,
                  plain(fewer / own),
                  plain((fewer + 1) / own)));
    }
    if (slots * tubelet > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "frame selection of %s x %s frames is too large".formatted(alpha, clip.frames()));
    }
    return new ClipShape((int) Math.rint(slots) * tubelet, clip.height(), clip.width());
  }

  private static String plain(double number) {
    return String.format(Locale.ROOT, "%.4f", number).replaceFirst("\\.?0+$", "");
  }

  /**
   * The draws of a view when a model is tested: the same for a file of that name whoever asks,
   * whatever the seed, the list and the batch.
   */
  public static Rng.Stream testing(Path video, int view) {
    return Rng.seed(0).purpose("frames of " + video.getFileName()).at(0, view);
  }

  @Override
  public String toString() {
    return plain(alpha);
  }
}
