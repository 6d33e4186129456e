package dev.tenzing.everest.model;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.AddPositions;
import dev.tenzing.engine.op.GatherTokens;
import dev.tenzing.engine.op.Patchify;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.nn.Dropping;
import dev.tenzing.nn.Initializer;
import dev.tenzing.nn.LayerNorm;
import dev.tenzing.nn.Parameters;
import dev.tenzing.nn.PatchEmbed;
import dev.tenzing.nn.SinusoidPositions;

/**
 * The trunk of every model: patch embedding, optionally a selection of tokens, positions,
 * transformer blocks, and optionally a norm. What a model is for stands on it: a decoder, a head.
 *
 * <p>A selection that looks at tokens has to embed all of them, but gradients flow only through
 * those that it keeps. So all are embedded without recording and the kept ones once more with it:
 * embedding a tenth twice costs a tenth of that forward and saves nine tenths of its weight
 * gradient. The repeated rows have the same bits, because a row of a product does not depend on the
 * others.
 */
public final class VideoEncoder implements AutoCloseable {
  /**
   * What a trunk has beside the sizes.
   *
   * @param selection tokens that it keeps of a whole clip, or null for all
   * @param learnablePositions positions as a parameter instead of sine and cosine
   * @param norm whether it ends in a norm
   * @param dropPath stochastic depth rate of the last block
   * @param dropout rate after positions are added and at the end of each branch
   * @param recompute whether blocks run again in the backward instead of keeping their activations
   */
  public record Options(
      TokenSelection selection,
      boolean learnablePositions,
      boolean norm,
      double dropPath,
      double dropout,
      boolean recompute) {
    /**
     * Tokens a clip that the blocks see.
     *
     * @throws IllegalArgumentException when the selection keeps none
     */
    public int keptTokens(TokenGrid grid) {
      int kept = selection == null ? grid.tokens() : selection.keptTokens(grid);
      if (kept < 1) {
        throw new IllegalArgumentException(
            "the selection keeps none of the %s tokens (%s)".formatted(grid.tokens(), grid));
      }
      return kept;
    }

    /** All tokens, sine and cosine, nothing left out. */
    public static Options plain(boolean norm, boolean recompute) {
      return new Options(null, false, norm, 0, 0, recompute);
    }
  }

  private final Device device;
  private final VitConfig config;
  private final Options options;
  private final TokenGrid grid;
  private final PatchEmbed patchEmbed;
  private final BlockStack blocks;
  private final LayerNorm norm;
  private final Tensor positions;

  private VideoEncoder(
      Device device,
      VitConfig config,
      Options options,
      TokenGrid grid,
      PatchEmbed patchEmbed,
      BlockStack blocks,
      LayerNorm norm,
      Tensor positions) {
    this.device = device;
    this.config = config;
    this.options = options;
    this.grid = grid;
    this.patchEmbed = patchEmbed;
    this.blocks = blocks;
    this.norm = norm;
    this.positions = positions;
  }

  /**
   * A trunk with new weights.
   *
   * @param p where its parameters go: {@code pos_embed}, {@code patch_embed.proj}, {@code
   *     blocks.0}, …, {@code norm}
   * @param weights initial values of what is no bias, norm or embedding
   */
  public static VideoEncoder create(
      Parameters p, VitConfig config, ClipShape clip, Options options, Initializer weights) {
    TokenGrid grid = clip.grid(config);
    options.keptTokens(grid);
    int c = config.width();
    Tensor positions =
        options.learnablePositions()
            ? p.add("pos_embed", Shape.of(1, grid.tokens(), c), weights)
            : SinusoidPositions.table(p.device(), grid.tokens(), c);
    PatchEmbed patchEmbed =
        PatchEmbed.create(
            p.child("patch_embed").child("proj"), c, config.tubelet(), config.patch());
    BlockStack blocks =
        BlockStack.create(
            p, config.depth(), config.encoderBlock(options.dropout()), options.dropPath(), weights);
    LayerNorm norm =
        options.norm() ? LayerNorm.create(p.child("norm"), c, config.layerNormEps()) : null;
    return new VideoEncoder(p.device(), config, options, grid, patchEmbed, blocks, norm, positions);
  }

  /** The device it lives on. */
  public Device device() {
    return device;
  }

  /** Its sizes. */
  public VitConfig config() {
    return config;
  }

  /** What it has beside the sizes. */
  public Options options() {
    return options;
  }

  /** Tokens of the clips it is made for. */
  public TokenGrid grid() {
    return grid;
  }

  /** Stochastic depth rate of each block. */
  public float[] dropRates() {
    return Dropping.rates(options.dropPath(), config.depth());
  }

  /** Embeddings [B, N, C] of all tokens of video [B, 3, T, H, W], before positions. */
  public Tensor tokens(Tensor video) {
    return patchEmbed.forward(Patchify.apply(video, config.tubelet(), config.patch()));
  }

  /** The tokens I32 [B, K] that its selection keeps of video [B, 3, T, H, W], ascending. */
  public Tensor kept(Tensor video) {
    TokenSelection selection = options.selection();
    try (Scope scope = device.scope()) {
      return scope.escape(
          selection.kept(grid, selection.rank(selection.importance(grid, tokens(video)))));
    }
  }

  /** Pixels [B, M, 3 t p p] of the tokens I32 [B, M] of video [B, 3, T, H, W]. */
  public Tensor patches(Tensor video, Tensor index) {
    try (Scope scope = device.scope()) {
      Tensor all = Patchify.apply(video, config.tubelet(), config.patch());
      return scope.escape(GatherTokens.apply(all, index));
    }
  }

  /**
   * Tokens [B, M, C] with positions, of their pixels.
   *
   * @param patches [B, M, 3 t p p]
   * @param index I32 [B, M] which tokens they are
   */
  public Tensor embed(Tensor patches, Tensor index) {
    return addPositions(patchEmbed.forward(patches), index);
  }

  /** The tokens [B, M, C] of video [B, 3, T, H, W] that the blocks see, with positions. */
  public Tensor embed(Tensor video) {
    if (options.selection() == null) {
      return addPositions(tokens(video), null);
    }
    Tensor kept = kept(video);
    return embed(patches(video, kept), kept);
  }

  private Tensor addPositions(Tensor tokens, Tensor index) {
    // Positions are added detached, also learnable ones: the official code does, so they never
    // move.
    Tensor table = positions.detach().reshape(grid.tokens(), config.width());
    Tensor y = AddPositions.apply(tokens, table, index);
    tokens.forget();
    return y;
  }

  /** Output [B, M, C] of the last block for tokens with positions, before the norm. */
  public Tensor blocks(Tensor tokens, Dropping dropping) {
    return blocks.forward(tokens, dropping, options.recompute());
  }

  /** Its norm of tokens [..., C], or the tokens themselves when it has none. */
  public Tensor normalize(Tensor tokens) {
    return norm == null ? tokens : norm.forward(tokens);
  }

  /** Gives back what is no parameter; whoever made the parameters closes them. */
  @Override
  public void close() {
    if (!options.learnablePositions()) {
      positions.close();
    }
  }
}
