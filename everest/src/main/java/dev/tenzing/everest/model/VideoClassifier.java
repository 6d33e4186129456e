package dev.tenzing.everest.model;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.AddPositions;
import dev.tenzing.engine.op.GatherTokens;
import dev.tenzing.engine.op.MeanTokens;
import dev.tenzing.engine.op.Narrow;
import dev.tenzing.engine.op.Patchify;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.nn.Block;
import dev.tenzing.nn.DropPath;
import dev.tenzing.nn.Initializer;
import dev.tenzing.nn.LayerNorm;
import dev.tenzing.nn.Linear;
import dev.tenzing.nn.Parameters;
import dev.tenzing.nn.PatchEmbed;
import dev.tenzing.nn.SinusoidPositions;
import java.util.Map;

/**
 * The vision transformer that is fine-tuned: patch embedding, optionally ReRo selection (EVEREST),
 * encoder, pooling, linear head.
 *
 * <p>As in {@link MaskedAutoencoder}, a selection embeds all tokens without recording and the kept
 * ones again with it.
 */
public final class VideoClassifier implements AutoCloseable {
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
      ReRoSelection selection,
      boolean meanPooling,
      boolean learnablePositions,
      double dropPath,
      double initScale,
      double dropout,
      double headDropout) {
    /** Rejects impossible values. */
    public Options {
      if (classes < 1) {
        throw new IllegalArgumentException("a classifier needs at least one class, got " + classes);
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
        ReRoSelection selection,
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
      int kept = selection == null ? grid.tokens() : selection.keptTokens(grid);
      if (kept < 1) {
        throw new IllegalArgumentException(
            "the selection keeps none of the %d tokens (%s)".formatted(grid.tokens(), grid));
      }
      return kept;
    }

    /** The official fine-tuning options for K classes. */
    public static Options official(int classes, ReRoSelection selection) {
      return new Options(classes, selection, true, false, 0.1, 0.001);
    }

    /** The same with another selection, or null for none. */
    public Options withSelection(ReRoSelection other) {
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

  private final Device device;
  private final VitConfig config;
  private final Options options;
  private final TokenGrid grid;
  private final Parameters parameters;
  private final PatchEmbed patchEmbed;
  private final Encoder encoder;
  private final LayerNorm norm;
  private final Linear head;
  private final Tensor positions;
  private final boolean recompute;

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
    this.recompute = recompute;
    this.device = device;
    this.config = config;
    this.options = options;
    this.grid = clip.grid(config);
    options.keptTokens(grid);
    this.parameters = new Parameters(device, rng);
    Initializer weights = Initializer.truncatedNormal(0.02);
    int c = config.width();
    this.positions =
        options.learnablePositions()
            ? parameters.add("pos_embed", Shape.of(1, grid.tokens(), c), weights)
            : SinusoidPositions.table(device, grid.tokens(), c);
    this.patchEmbed =
        PatchEmbed.create(
            parameters.child("patch_embed").child("proj"), c, config.tubelet(), config.patch());
    Block.Size size =
        new Block.Size(
            c,
            config.heads(),
            config.mlpRatio(),
            config.initValues(),
            config.layerNormEps(),
            config.attention(),
            options.dropout());
    this.encoder = Encoder.create(parameters, config.depth(), size, options.dropPath(), weights);
    this.norm =
        LayerNorm.create(
            parameters.child(options.meanPooling() ? "fc_norm" : "norm"),
            c,
            options.meanPooling() ? config.headNormEps() : config.layerNormEps());
    this.head =
        Linear.create(
            parameters.child("head"),
            c,
            options.classes(),
            weights.times(options.initScale()),
            Initializer.ZEROS);
  }

  /** The device it lives on. */
  public Device device() {
    return device;
  }

  /** Parameters by their official names. */
  public Map<String, Tensor> parameters() {
    return parameters.all();
  }

  /** Sizes of the encoder. */
  public VitConfig config() {
    return config;
  }

  /** What it has beside the encoder. */
  public Options options() {
    return options;
  }

  /** Tokens of the clips it is made for. */
  public TokenGrid grid() {
    return grid;
  }

  /** K. */
  public int classes() {
    return options.classes();
  }

  /** Stochastic depth rate of each block. */
  public float[] dropRates() {
    return DropPath.rates(options.dropPath(), config.depth());
  }

  /** Embeddings [B, N, C] of all tokens of video [B, 3, T, H, W], before positions. */
  public Tensor tokens(Tensor video) {
    return patchEmbed.forward(Patchify.apply(video, config.tubelet(), config.patch()));
  }

  /** The tokens I32 [B, K] that the selection keeps, ascending. */
  public Tensor kept(Tensor video) {
    ReRoSelection selection = options.selection();
    try (Scope scope = device.scope()) {
      return scope.escape(
          selection.kept(grid, selection.rank(selection.importance(grid, tokens(video)))));
    }
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
  public Forward forward(Tensor video, DropPath dropPath) {
    return forwardTokens(embed(video), dropPath);
  }

  /** {@link #forward} of {@link #embed}, for those who need the video no more. */
  public Forward forwardTokens(Tensor tokens, DropPath dropPath) {
    Tensor x = dropPath.dropout(tokens, options.dropout(), "positions");
    Tensor y = encoder.forward(x, dropPath, recompute);
    Tensor features =
        options.meanPooling()
            ? norm.forward(MeanTokens.apply(y))
            : norm.forward(Narrow.apply(y, 1, 0, 1)).reshape(y.dim(0), y.dim(2));
    Tensor seen = dropPath.dropout(features, options.headDropout(), "head");
    return new Forward(x, y, features, head.forward(seen));
  }

  /** The tokens [B, M, C] of video [B, 3, T, H, W] that the encoder sees, with positions. */
  public Tensor embed(Tensor video) {
    // Positions are added detached, also learnable ones: the official code does, so they never
    // move.
    Tensor table = positions.detach().reshape(grid.tokens(), config.width());
    if (options.selection() == null) {
      return addPositions(tokens(video), table, null);
    }
    Tensor kept = kept(video);
    Tensor patches;
    try (Scope scope = device.scope()) {
      patches =
          scope.escape(
              GatherTokens.apply(Patchify.apply(video, config.tubelet(), config.patch()), kept));
    }
    return addPositions(patchEmbed.forward(patches), table, kept);
  }

  private static Tensor addPositions(Tensor tokens, Tensor table, Tensor index) {
    Tensor y = AddPositions.apply(tokens, table, index);
    tokens.forget();
    return y;
  }

  /** Logits [B, K] without stochastic depth, for evaluation. */
  public Tensor logits(Tensor video) {
    return forward(video, DropPath.NONE).logits();
  }

  @Override
  public void close() {
    parameters().values().forEach(Tensor::close);
    if (!options.learnablePositions()) {
      positions.close();
    }
  }
}
