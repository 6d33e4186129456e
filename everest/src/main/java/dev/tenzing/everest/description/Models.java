package dev.tenzing.everest.description;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.everest.model.ClipEncoder;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.Pooling;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VideoEncoder;
import dev.tenzing.everest.model.VideoModel;
import java.util.LinkedHashMap;
import java.util.Map;

/** The networks that descriptions describe, with new weights. */
public final class Models {
  private Models() {}

  /**
   * The network of a description.
   *
   * @param recompute whether blocks run again in the backward instead of keeping their activations
   */
  public static VideoModel of(
      ModelDescription description, Device device, Rng rng, boolean recompute) {
    return switch (description.purpose()) {
      case Pretraining any ->
          new MaskedAutoencoder(description.config(), description.clip(), device, rng, recompute);
      case Classification classification ->
          new VideoClassifier(
              description.config(),
              description.clip(),
              classification.options(),
              device,
              rng,
              recompute);
      case EncoderAlone any ->
          new ClipEncoder(
              description.config(),
              description.clip(),
              VideoEncoder.Options.plain(false, recompute),
              Pooling.MEAN,
              device,
              rng);
    };
  }

  /**
   * The network of a description that is for pre-training.
   *
   * @throws IllegalArgumentException when it is for something else
   */
  public static MaskedAutoencoder autoencoder(
      ModelDescription description, Device device, Rng rng, boolean recompute) {
    description.pretraining().orElseThrow(() -> another("pre-training", description));
    return (MaskedAutoencoder) of(description, device, rng, recompute);
  }

  /**
   * The network of a description that is for classification.
   *
   * @throws IllegalArgumentException when it is for something else
   */
  public static VideoClassifier classifier(
      ModelDescription description, Device device, Rng rng, boolean recompute) {
    description.classification().orElseThrow(() -> another("classification", description));
    return (VideoClassifier) of(description, device, rng, recompute);
  }

  private static IllegalArgumentException another(String wanted, ModelDescription description) {
    return new IllegalArgumentException(
        "a model for %s is wanted, not for %s".formatted(wanted, description.purpose()));
  }

  /** Names and shapes of the parameters of a description's network for clips of some shape. */
  static Map<String, Shape> shapes(ModelDescription description, ClipShape clip) {
    Purpose purpose =
        description.purpose() instanceof Classification classification
            ? classification.withSelection(null) // which has no parameters
            : description.purpose();
    ModelDescription whole =
        new ModelDescription(description.config(), clip, description.stride(), purpose);
    Map<String, Shape> shapes = new LinkedHashMap<>();
    try (Device device = Device.meta();
        VideoModel model = of(whole, device, Rng.seed(0), false)) {
      model.parameters().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    }
    return shapes;
  }
}
