package dev.tenzing.everest.recipe;

import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.VideoClassifier;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a classifier has beside its encoder, and how it is regularised.
 *
 * @param classes how many; 0 for as many as the list has, or the teacher
 * @param resetHead whether the head of a fine-tuned checkpoint is thrown away
 * @param keep share of tokens kept by ReRo selection; 1 for all
 * @param frames how many frames there are to choose from, or null
 * @param dropPath stochastic depth rate of the last block
 * @param dropout dropout in the encoder
 * @param headDropout dropout of what the head sees
 * @param firstToken whether the first token is classified instead of the mean of all
 * @param smoothing label smoothing
 * @param initScale factor of the head's initial weights
 */
public record ClassifierRecipe(
    int classes,
    boolean resetHead,
    double keep,
    FrameSelection frames,
    double dropPath,
    double dropout,
    double headDropout,
    boolean firstToken,
    double smoothing,
    double initScale) {
  /** The command's defaults. */
  public static final ClassifierRecipe DEFAULT =
      new ClassifierRecipe(0, false, 1, null, 0.1, 0, 0, false, 0.1, 0.001);

  /** Rejects an impossible share of tokens. */
  public ClassifierRecipe {
    if (!(keep > 0 && keep <= 1)) {
      throw new IllegalArgumentException("--keep must be above 0 and at most 1, got " + keep);
    }
  }

  /**
   * The model's options.
   *
   * @param own those of the checkpoint's classifier, or null
   */
  public VideoClassifier.Options options(int classes, VideoClassifier.Options own) {
    if (own != null && own.meanPooling() && firstToken) {
      throw new IllegalArgumentException(
          "--first-token does not fit the checkpoint, whose classifier takes the mean of all"
              + " tokens");
    }
    TokenSelection selection = keep == 1 ? null : new ReRoSelection(1 - keep);
    return new VideoClassifier.Options(
        classes,
        selection,
        own == null ? !firstToken : own.meanPooling(),
        own != null && own.learnablePositions(),
        dropPath,
        initScale,
        dropout,
        headDropout);
  }

  ClassifierRecipe of(int classes) {
    return new ClassifierRecipe(
        classes,
        resetHead,
        keep,
        frames,
        dropPath,
        dropout,
        headDropout,
        firstToken,
        smoothing,
        initScale);
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("classes", classes);
    all.put("reset-head", resetHead);
    all.put("keep", keep);
    all.put("frame-selection", frames == null ? null : Settings.number(frames.alpha()));
    all.put("drop-path", dropPath);
    all.put("dropout", dropout);
    all.put("head-dropout", headDropout);
    all.put("first-token", firstToken);
    all.put("smoothing", smoothing);
    all.put("init-scale", initScale);
    return all;
  }
}
