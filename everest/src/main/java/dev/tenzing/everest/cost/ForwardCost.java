package dev.tenzing.everest.cost;

import dev.tenzing.engine.op.Attention;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Multiply-adds of the forward pass of one clip, part by part.
 *
 * <p>{@link #flops()} is what the papers print as FLOPs, and what fvcore's {@code
 * FlopCountAnalysis} counts: one for each multiply-add of a convolution, a linear layer or an
 * attention product, and five for each element of a layer norm. Softmax, GELU, biases, additions,
 * gathers and the selection of tokens count nothing, and the embedding counts every token of the
 * clip although a mask may leave most of them out.
 *
 * @param frameSelection embedding of the frames that are chosen from; 0 where all are taken
 * @param patchEmbed embedding of patches
 * @param encoderLinear linear layers of the encoder
 * @param encoderAttention products of queries, keys and values of the encoder
 * @param encoderToDecoder from the encoder's width to the decoder's; 0 in a classifier
 * @param decoderLinear linear layers of the decoder; 0 in a classifier
 * @param decoderAttention products of queries, keys and values of the decoder; 0 in a classifier
 * @param head prediction of pixels or classes
 * @param blockNorms elements that layer norms of blocks take in
 * @param otherNorms elements that all other layer norms take in
 */
public record ForwardCost(
    long frameSelection,
    long patchEmbed,
    long encoderLinear,
    long encoderAttention,
    long encoderToDecoder,
    long decoderLinear,
    long decoderAttention,
    long head,
    long blockNorms,
    long otherNorms) {
  private static final int FLOPS_OF_A_NORM = 5;

  /** The forward of a model as its purpose needs it. */
  public static ForwardCost of(ModelDescription model) {
    TokenGrid grid = model.clip().grid(model.config());
    ForwardCost cost =
        switch (model.purpose()) {
          case Pretraining known -> pretraining(model.config(), grid, known.masking());
          case Classification known -> classification(model.config(), grid, known.options());
          case EncoderAlone any -> encoder(model.config(), grid, grid.tokens());
        };
    return cost.withFrameSelection(model);
  }

  /** The same with the embedding of the frames that the model chooses from, if it does. */
  public ForwardCost withFrameSelection(ModelDescription model) {
    VitConfig config = model.config();
    long candidates = model.frames() == null ? 0 : model.loadedClip().grid(config).tokens();
    return new ForwardCost(
        Linear.macs(candidates, config.width(), config.patchValues()),
        patchEmbed,
        encoderLinear,
        encoderAttention,
        encoderToDecoder,
        decoderLinear,
        decoderAttention,
        head,
        blockNorms,
        otherNorms);
  }

  /**
   * Pre-training as the papers count it: embedding of all tokens, encoder over the visible ones,
   * decoder over visible and target ones, pixels of the targets.
   *
   * @throws IllegalArgumentException when the masking cannot split the grid
   */
  public static ForwardCost pretraining(VitConfig config, TokenGrid grid, Masking masking) {
    return pretraining(config, grid, masking, grid.tokens());
  }

  /** {@link #pretraining} with the embedding of only those tokens that are looked at. */
  public static ForwardCost pretrainingAsRun(VitConfig config, TokenGrid grid, Masking masking) {
    return pretraining(
        config, grid, masking, masking.needsTokens() ? grid.tokens() : masking.visibleTokens(grid));
  }

  private static ForwardCost pretraining(
      VitConfig config, TokenGrid grid, Masking masking, long embedded) {
    masking.check(grid);
    long visible = masking.visibleTokens(grid);
    long target = masking.targetTokens(grid);
    Stack encoder = new Stack(config.depth(), visible, config.width(), config.mlpRatio());
    Stack decoder =
        new Stack(
            config.decoderDepth(),
            visible + target,
            config.decoderWidth(),
            config.decoderMlpRatio());
    return new ForwardCost(
        0,
        Linear.macs(embedded, config.width(), config.patchValues()),
        encoder.linear(),
        encoder.attention(),
        Linear.macs(visible, config.decoderWidth(), config.width()),
        decoder.linear(),
        decoder.attention(),
        Linear.macs(target, config.patchValues(), config.decoderWidth()),
        encoder.norms() + decoder.norms(),
        (config.encoderNorm() ? visible * config.width() : 0) + target * config.decoderWidth());
  }

  /**
   * Classification: embedding of all tokens, encoder over the kept ones, classes of their mean.
   *
   * @throws IllegalArgumentException when the selection keeps no token
   */
  public static ForwardCost classification(
      VitConfig config, TokenGrid grid, VideoClassifier.Options options) {
    ForwardCost encoder = encoder(config, grid, options.keptTokens(grid));
    return new ForwardCost(
        0,
        encoder.patchEmbed,
        encoder.encoderLinear,
        encoder.encoderAttention,
        0,
        0,
        0,
        Linear.macs(1, options.classes(), config.width()),
        encoder.blockNorms,
        config.width());
  }

  /** Embedding of all tokens and blocks over some. */
  private static ForwardCost encoder(VitConfig config, TokenGrid grid, long tokens) {
    Stack blocks = new Stack(config.depth(), tokens, config.width(), config.mlpRatio());
    long embedding = Linear.macs(grid.tokens(), config.width(), config.patchValues());
    return new ForwardCost(
        0, embedding, blocks.linear(), blocks.attention(), 0, 0, 0, 0, blocks.norms(), 0);
  }

  /** Blocks of one width over so many tokens. */
  private record Stack(int depth, long tokens, int width, double mlpRatio) {
    // Leaves room in a long for the sum of all parts, three times.
    private static final double MOST_MACS = 1e18;

    Stack {
      double perToken = width * (4.0 * width + 2.0 * width * mlpRatio + 2.0 * tokens);
      if (depth * tokens * perToken > MOST_MACS) {
        throw new IllegalArgumentException(
            "%s tokens a clip are too many for %s blocks of width %s"
                .formatted(tokens, depth, width));
      }
    }

    long linear() {
      long hidden = (long) (width * mlpRatio);
      return depth
          * (Linear.macs(tokens, 4L * width, width) + 2 * Linear.macs(tokens, hidden, width));
    }

    long attention() {
      return depth * Attention.macs(1, tokens, 1, width);
    }

    long norms() {
      return 2 * depth * tokens * width;
    }
  }

  /** Multiply-adds of all parts. */
  public long macs() {
    return macsByPart().values().stream().mapToLong(Long::longValue).sum();
  }

  /** Multiply-adds by part; parts that a model lacks are left out. */
  public Map<String, Long> macsByPart() {
    Map<String, Long> parts = new LinkedHashMap<>();
    parts.put("frame_selection", frameSelection);
    parts.put("patch_embed", patchEmbed);
    parts.put("encoder_linear", encoderLinear);
    parts.put("encoder_attention_matmul", encoderAttention);
    parts.put("encoder_to_decoder", encoderToDecoder);
    parts.put("decoder_linear", decoderLinear);
    parts.put("decoder_attention_matmul", decoderAttention);
    parts.put("head", head);
    parts.values().removeIf(macs -> macs == 0);
    return parts;
  }

  /** Elements that layer norms take in. */
  public long layerNormElements() {
    return blockNorms + otherNorms;
  }

  /** FLOPs in the convention of the papers. */
  public long flops() {
    return macs() + FLOPS_OF_A_NORM * layerNormElements();
  }

  /**
   * FLOPs of training on one clip in the same convention: forward once and backward, which has two
   * products for each of the forward's but for the selection of frames, which has none.
   *
   * @param recompute whether blocks run forward a second time
   */
  public long trainingFlops(boolean recompute) {
    long blocks =
        encoderLinear
            + encoderAttention
            + decoderLinear
            + decoderAttention
            + FLOPS_OF_A_NORM * blockNorms;
    return 3 * flops() - 2 * frameSelection + (recompute ? blocks : 0);
  }
}
