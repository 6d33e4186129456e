package dev.tenzing.everest.model;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.MeanTokens;
import dev.tenzing.nn.Dropping;
import dev.tenzing.nn.LayerNorm;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One feature vector a clip. Of a classifier it is what its head sees: the mean of the tokens,
 * normalised after it, or the first token, normalised before ({@code forward_features} of the
 * official code). Of an encoder without a head it is the mean of its tokens, each normalised by the
 * encoder's norm where it has one.
 */
public final class ClipEncoder implements AutoCloseable {
  private final VideoClassifier trunk;
  private final boolean headless;
  private final LayerNorm norm;

  private ClipEncoder(VideoClassifier trunk, boolean headless, LayerNorm norm) {
    this.trunk = trunk;
    this.headless = headless;
    this.norm = norm;
  }

  /** The features that a classifier's head sees. */
  public static ClipEncoder of(VideoClassifier classifier) {
    return new ClipEncoder(classifier, false, null);
  }

  /**
   * The features of a pre-trained encoder.
   *
   * @param trunk with the encoder's weights; its pooling norm and head are not used
   * @param norm of the encoder's tokens, or null when it has none
   */
  public static ClipEncoder headless(VideoClassifier trunk, LayerNorm norm) {
    return new ClipEncoder(trunk, true, norm);
  }

  /** The device it lives on. */
  public Device device() {
    return trunk.device();
  }

  /** Elements of a feature, D. */
  public int width() {
    return trunk.config().width();
  }

  /** Parameters that a feature depends on, by their names in a classifier. */
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> used = new LinkedHashMap<>(trunk.parameters());
    used.keySet()
        .removeIf(name -> name.startsWith("head.") || headless && name.startsWith("fc_norm."));
    if (norm != null) {
      used.put("norm.weight", norm.weight());
      used.put("norm.bias", norm.bias());
    }
    return used;
  }

  /** What features depend on beside the parameters, as text. */
  public String description() {
    return "%s %s %s pooled=%s"
        .formatted(
            trunk.config(),
            trunk.grid(),
            trunk.options().selection(),
            headless ? "normalised tokens" : trunk.options().meanPooling());
  }

  /** Features [B, D] of video [B, 3, T, H, W]. */
  public Tensor features(Tensor video) {
    try (Scope scope = device().scope()) {
      VideoClassifier.Forward forward = trunk.forward(video, Dropping.NONE);
      if (!headless) {
        return scope.escape(forward.features());
      }
      Tensor tokens = forward.blockOutput();
      return scope.escape(MeanTokens.apply(norm == null ? tokens : norm.forward(tokens)));
    }
  }

  @Override
  public void close() {
    trunk.close();
    if (norm != null) {
      norm.weight().close();
      norm.bias().close();
    }
  }
}
