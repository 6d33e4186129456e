package dev.tenzing.everest.model;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.AddPositions;
import dev.tenzing.engine.op.Concat;
import dev.tenzing.engine.op.MaskTokens;
import dev.tenzing.engine.op.MeanSquaredError;
import dev.tenzing.engine.op.Narrow;
import dev.tenzing.engine.op.PatchTargets;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.TokenPlan;
import dev.tenzing.nn.Dropping;
import dev.tenzing.nn.Initializer;
import dev.tenzing.nn.LayerNorm;
import dev.tenzing.nn.Linear;
import dev.tenzing.nn.Parameters;
import dev.tenzing.nn.SinusoidPositions;
import java.util.Map;

/**
 * The masked autoencoder of VideoMAE (Tong et al., NeurIPS 2022) and EVEREST (Hwang et al., ICML
 * 2024): an encoder over the visible tokens, a small decoder that predicts the pixels of others.
 * With dual masking (VideoMAE V2: Wang et al., CVPR 2023) the decoder gets the visible tokens and a
 * mask token for each target, and a token can be both.
 */
public final class MaskedAutoencoder implements VideoModel {
  private final Device device;
  private final VitConfig config;
  private final Parameters parameters;
  private final VideoEncoder encoder;
  private final Linear bridge;
  private final Tensor maskToken;
  private final BlockStack decoder;
  private final LayerNorm decoderNorm;
  private final Linear head;
  private final Tensor decoderPositions;
  private final boolean recompute;

  /**
   * A model with new weights.
   *
   * @param recompute whether blocks run again in the backward instead of keeping their activations
   */
  public MaskedAutoencoder(
      VitConfig config, ClipShape clip, Device device, Rng rng, boolean recompute) {
    this.device = device;
    this.config = config;
    this.recompute = recompute;
    this.parameters = new Parameters(device, rng);
    Initializer weights = Initializer.xavierUniform();
    this.maskToken =
        parameters.add(
            "mask_token",
            Shape.of(1, 1, config.decoderWidth()),
            Initializer.truncatedNormal(0.02, 0.02));
    this.encoder =
        VideoEncoder.create(
            parameters.child("encoder"),
            config,
            clip,
            VideoEncoder.Options.plain(config.encoderNorm(), recompute),
            weights);
    Parameters d = parameters.child("decoder");
    this.decoder = BlockStack.create(d, config.decoderDepth(), config.decoderBlock(), 0, weights);
    this.decoderNorm =
        LayerNorm.create(d.child("norm"), config.decoderWidth(), config.headNormEps());
    this.head =
        Linear.create(
            d.child("head"),
            config.decoderWidth(),
            config.patchValues(),
            weights,
            Initializer.ZEROS);
    this.bridge =
        Linear.create(
            parameters.child("encoder_to_decoder"),
            config.width(),
            config.decoderWidth(),
            Initializer.fanIn(config.width()),
            null);
    this.decoderPositions = SinusoidPositions.table(device, grid().tokens(), config.decoderWidth());
  }

  @Override
  public Map<String, Tensor> parameters() {
    return parameters.all();
  }

  @Override
  public VideoEncoder encoder() {
    return encoder;
  }

  /** Splits the tokens of a batch by a masking rule. */
  public TokenPlan plan(Tensor video, Masking masking, Masking.Draw draw) {
    int batch = (int) video.dim(0);
    try (Scope scope = device.scope()) {
      TokenPlan plan =
          masking.plan(device, grid(), masking.needsTokens() ? tokens(video) : null, batch, draw);
      scope.escape(plan.visible());
      scope.escape(plan.target());
      if (plan.weight() != null) {
        scope.escape(plan.weight());
      }
      return plan;
    }
  }

  /**
   * What a forward pass makes.
   *
   * @param latent [B, n, C] encoder output, after its norm when it has one
   * @param projected [B, n, decoder C] latent in the decoder's width
   * @param output [B, m, t p p 3] predicted values of the target tokens, also of those that the
   *     encoder sees
   */
  public record Forward(Tensor latent, Tensor projected, Tensor output) {}

  /** Predicts the target tokens of a plan from its visible ones; video is [B, 3, T, H, W]. */
  public Forward forward(Tensor video, TokenPlan plan) {
    return forwardPatches(patches(video, plan), plan);
  }

  /** {@link #forward} of {@link #patches}, for those who need the video no more. */
  public Forward forwardPatches(Tensor patches, TokenPlan plan) {
    Tensor x = encoder.embed(patches, plan.visible());
    Tensor latent = encoder.normalize(encoder.blocks(x, Dropping.NONE));
    Tensor projected = bridge.forward(latent);
    Tensor seen = AddPositions.apply(projected, decoderPositions, plan.visible());
    Tensor hidden = MaskTokens.apply(maskToken, decoderPositions, plan.target());
    Tensor y = decoder.forward(Concat.apply(1, seen, hidden), Dropping.NONE, recompute);
    Tensor predicted = Narrow.apply(y, 1, seen.dim(1), hidden.dim(1));
    Tensor normed = decoderNorm.forward(predicted);
    Tensor output = head.forward(normed);
    normed.forget();
    return new Forward(latent, projected, output);
  }

  /** Pixels [B, n, 3 t p p] of the visible tokens of video [B, 3, T, H, W]. */
  public Tensor patches(Tensor video, TokenPlan plan) {
    return encoder.patches(video, plan.visible());
  }

  /** The values [B, m, t p p 3] that {@link Forward#output()} should have. */
  public Tensor targets(Tensor video, TokenPlan plan, boolean normalize) {
    return PatchTargets.apply(
        video, plan.target(), config.tubelet(), config.patch(), Pixels.MEAN, Pixels.STD, normalize);
  }

  /** The pre-training loss of predicting a video's targets by a plan. */
  public Tensor loss(Tensor video, TokenPlan plan, boolean normalize) {
    return loss(forward(video, plan).output(), targets(video, plan, normalize), plan);
  }

  /**
   * Mean squared error over the targets of a plan that count: those that the encoder does not see
   * (VideoMAE V2, section 3.2), in the whole batch.
   *
   * @param output {@link Forward#output()}
   * @param targets {@link #targets}
   */
  public static Tensor loss(Tensor output, Tensor targets, TokenPlan plan) {
    return plan.weight() == null
        ? MeanSquaredError.apply(output, targets)
        : MeanSquaredError.apply(output, targets, plan.weight(), 1);
  }

  @Override
  public void close() {
    parameters().values().forEach(Tensor::close);
    encoder.close();
    decoderPositions.close();
  }
}
