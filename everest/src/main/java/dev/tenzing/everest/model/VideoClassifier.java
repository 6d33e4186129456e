package dev.tenzing.everest.model;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.nn.Dropping;
import dev.tenzing.nn.Initializer;
import dev.tenzing.nn.Linear;
import dev.tenzing.nn.Parameters;
import java.util.Map;

/** The vision transformer that is fine-tuned: an encoder of clips and a linear head. */
public final class VideoClassifier implements VideoModel {
  /**
   * What a classifier has beside the encoder.
   *
   * @param classes K
   * @param selection tokens kept, or null for all
   * @param meanPooling mean of the tokens, normalised after it; otherwise the first token,
   *     normalised before
   * @param learnablePositions positions as a parameter instead of sine and cosine
   * @param dropPath stochastic depth rate of the last block
   * @param initScale factor of the head's initial weights
   * @param dropout rate after positions are added and at the end of each branch ({@code drop_rate})
   * @param headDropout rate of what the head sees ({@code fc_drop_rate} of EVEREST, {@code
   *     head_drop_rate} of VideoMAE V2)
   */
  public record Options(
      int classes,
      TokenSelection selection,
      boolean meanPooling,
      boolean learnablePositions,
      double dropPath,
      double initScale,
      double dropout,
      double headDropout) {
    /** More than any list of classes has. */
    public static final int MOST_CLASSES = 1 << 20;

    /** Rejects impossible values. */
    public Options {
      if (classes < 1) {
        throw new IllegalArgumentException("a classifier needs at least one class, got " + classes);
      }
      if (classes > MOST_CLASSES) {
        throw new IllegalArgumentException(
            "a classifier has at most %s classes, not %s".formatted(MOST_CLASSES, classes));
      }
      if (!(dropPath >= 0 && dropPath < 1)) {
        throw new IllegalArgumentException(
            "the drop path rate must be at least 0 and below 1, got " + dropPath);
      }
      if (!(dropout >= 0 && dropout < 1 && headDropout >= 0 && headDropout < 1)) {
        throw new IllegalArgumentException(
            "dropout rates must be at least 0 and below 1, got %s and %s"
                .formatted(dropout, headDropout));
      }
    }

    /** Without dropout. */
    public Options(
        int classes,
        TokenSelection selection,
        boolean meanPooling,
        boolean learnablePositions,
        double dropPath,
        double initScale) {
      this(classes, selection, meanPooling, learnablePositions, dropPath, initScale, 0, 0);
    }

    /**
     * Tokens a clip that the encoder sees.
     *
     * @throws IllegalArgumentException when the selection keeps none
     */
    public int keptTokens(TokenGrid grid) {
      return encoder(false).keptTokens(grid);
    }

    VideoEncoder.Options encoder(boolean recompute) {
      return new VideoEncoder.Options(
          selection, learnablePositions, !meanPooling, dropPath, dropout, recompute);
    }

    Pooling pooling() {
      return meanPooling ? Pooling.NORMALIZED_MEAN : Pooling.FIRST_TOKEN;
    }

    /** The official fine-tuning options for K classes. */
    public static Options official(int classes, TokenSelection selection) {
      return new Options(classes, selection, true, false, 0.1, 0.001);
    }

    /** The same with another selection, or null for none. */
    public Options withSelection(TokenSelection other) {
      return new Options(
          classes,
          other,
          meanPooling,
          learnablePositions,
          dropPath,
          initScale,
          dropout,
          headDropout);
    }

    /** The same without stochastic depth. */
    public Options withoutDropPath() {
      return new Options(
          classes, selection, meanPooling, learnablePositions, 0, initScale, dropout, headDropout);
    }
  }

  private final Options options;
  private final Parameters parameters;
  private final ClipEncoder features;
  private final Linear head;

  /**
   * A model with new weights.
   *
   * @param recompute whether blocks run again in the backward instead of keeping their activations
   */
  public VideoClassifier(
      VitConfig config,
      ClipShape clip,
      Options options,
      Device device,
      Rng rng,
      boolean recompute) {
    this.options = options;
    this.parameters = new Parameters(device, rng);
    Initializer weights = ClipEncoder.weights();
    this.features =
        new ClipEncoder(
            parameters, config, clip, options.encoder(recompute), options.pooling(), weights);
    this.head =
        Linear.create(
            parameters.child("head"),
            config.width(),
            options.classes(),
            weights.times(options.initScale()),
            Initializer.ZEROS);
  }

  @Override
  public VideoEncoder encoder() {
    return features.encoder();
  }

  @Override
  public Map<String, Tensor> parameters() {
    return parameters.all();
  }

  /** What it has beside the encoder. */
  public Options options() {
    return options;
  }

  /** K. */
  public int classes() {
    return options.classes();
  }

  /** Stochastic depth rate of each block. */
  public float[] dropRates() {
    return encoder().dropRates();
  }

  /** The tokens I32 [B, K] that the selection keeps, ascending. */
  public Tensor kept(Tensor video) {
    return encoder().kept(video);
  }

  /**
   * What a forward pass makes.
   *
   * @param blockInput [B, M, C] tokens with positions, as the first block gets them
   * @param blockOutput [B, M, C] output of the last block
   * @param features [B, C] what the head sees
   * @param logits [B, K]
   */
  public record Forward(Tensor blockInput, Tensor blockOutput, Tensor features, Tensor logits) {}

  /** Classifies video [B, 3, T, H, W]. */
  public Forward forward(Tensor video, Dropping dropping) {
    return forwardTokens(embed(video), dropping);
  }

  /** {@link #forward} of {@link #embed}, for those who need the video no more. */
  public Forward forwardTokens(Tensor tokens, Dropping dropping) {
    Tensor x = dropping.dropout(tokens, options.dropout(), "positions");
    Tensor y = encoder().blocks(x, dropping);
    Tensor pooled = features.pooled(y);
    Tensor seen = dropping.dropout(pooled, options.headDropout(), "head");
    return new Forward(x, y, pooled, head.forward(seen));
  }

  /** The tokens [B, M, C] of video [B, 3, T, H, W] that the encoder sees, with positions. */
  public Tensor embed(Tensor video) {
    return encoder().embed(video);
  }

  /** Logits [B, K] without stochastic depth, for evaluation. */
  public Tensor logits(Tensor video) {
    return forward(video, Dropping.NONE).logits();
  }

  @Override
  public void close() {
    parameters().values().forEach(Tensor::close);
    encoder().close();
  }
}
