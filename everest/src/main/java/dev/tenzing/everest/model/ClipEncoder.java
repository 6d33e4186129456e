package dev.tenzing.everest.model;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.MeanTokens;
import dev.tenzing.engine.op.Narrow;
import dev.tenzing.nn.Dropping;
import dev.tenzing.nn.Initializer;
import dev.tenzing.nn.LayerNorm;
import dev.tenzing.nn.Parameters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A trunk whose tokens are pooled to one feature vector a clip ({@code forward_features} of the
 * official code). With a head on it, it is a {@link VideoClassifier}.
 */
public final class ClipEncoder implements VideoModel {
  private final VideoEncoder encoder;
  private final Pooling pooling;
  private final LayerNorm poolingNorm;
  private final Map<String, Tensor> parameters;

  /**
   * An encoder with new weights.
   *
   * @param options what the trunk has beside its sizes
   */
  public ClipEncoder(
      VitConfig config,
      ClipShape clip,
      VideoEncoder.Options options,
      Pooling pooling,
      Device device,
      Rng rng) {
    this(new Parameters(device, rng), config, clip, options, pooling, weights());
  }

  /** A classifier with new weights as far as what its head sees. */
  public static ClipEncoder of(
      VitConfig config, ClipShape clip, VideoClassifier.Options options, Device device, Rng rng) {
    return new ClipEncoder(config, clip, options.encoder(false), options.pooling(), device, rng);
  }

  /** An encoder among other parameters. */
  ClipEncoder(
      Parameters all,
      VitConfig config,
      ClipShape clip,
      VideoEncoder.Options options,
      Pooling pooling,
      Initializer weights) {
    this.pooling = pooling;
    this.encoder = VideoEncoder.create(all, config, clip, options, weights);
    this.poolingNorm =
        pooling == Pooling.NORMALIZED_MEAN
            ? LayerNorm.create(all.child("fc_norm"), config.width(), config.headNormEps())
            : null;
    this.parameters = Collections.unmodifiableMap(new LinkedHashMap<>(all.all()));
  }

  /** Initial weights of the official code's classifiers. */
  static Initializer weights() {
    return Initializer.truncatedNormal(0.02);
  }

  @Override
  public VideoEncoder encoder() {
    return encoder;
  }

  /** Elements of a feature, D. */
  public int width() {
    return config().width();
  }

  @Override
  public Map<String, Tensor> parameters() {
    return parameters;
  }

  /** What features depend on beside the parameters, as text. */
  public String description() {
    return "%s %s %s pooled=%s"
        .formatted(config(), grid(), encoder.options().selection(), pooling.label());
  }

  /** Features [B, D] of the output [B, M, D] of the last block. */
  Tensor pooled(Tensor tokens) {
    return switch (pooling) {
      case MEAN -> MeanTokens.apply(encoder.normalize(tokens));
      case NORMALIZED_MEAN -> poolingNorm.forward(MeanTokens.apply(tokens));
      case FIRST_TOKEN ->
          encoder.normalize(Narrow.apply(tokens, 1, 0, 1)).reshape(tokens.dim(0), tokens.dim(2));
    };
  }

  /** Features [B, D] of video [B, 3, T, H, W]. */
  public Tensor features(Tensor video) {
    try (Scope scope = device().scope()) {
      return scope.escape(pooled(encoder.blocks(encoder.embed(video), Dropping.NONE)));
    }
  }

  @Override
  public void close() {
    parameters.values().forEach(Tensor::close);
    encoder.close();
  }
}
