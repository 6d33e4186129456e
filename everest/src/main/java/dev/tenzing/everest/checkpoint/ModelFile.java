package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A file with a model's parameters and its description. */
public final class ModelFile implements AutoCloseable {
  /** Name of the model's file in a checkpoint. */
  public static final String NAME = "model.safetensors";

  private static final String ENCODER = "encoder.";
  private static final String ENCODER_NORM = "encoder.norm.";

  private final Safetensors file;
  private final ModelDescription description;

  private ModelFile(Safetensors file) {
    this.file = file;
    this.description = ModelDescription.of(file.metadata(), file.path().toString());
  }

  /**
   * Opens the model that a path means: a run folder (its newest intact checkpoint), a checkpoint
   * folder, or a model file.
   *
   * @throws CheckpointException when there is none or it is damaged
   */
  public static ModelFile open(Path path) {
    Safetensors file = Safetensors.open(locate(path));
    try {
      return new ModelFile(file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static Path locate(Path path) {
    if (Files.isRegularFile(path)) {
      return path;
    }
    if (!Files.isDirectory(path)) {
      throw new CheckpointException("there is no checkpoint " + path);
    }
    if (Files.isRegularFile(path.resolve(CheckpointFolder.STATE))) {
      return CheckpointFolder.open(path).path().resolve(NAME);
    }
    Path inside =
        Files.isDirectory(path.resolve("checkpoints")) ? path.resolve("checkpoints") : path;
    List<String> damaged = new ArrayList<>();
    return new CheckpointFolder(inside)
        .newestIntact(damaged::add)
        .map(checkpoint -> checkpoint.path().resolve(NAME))
        .orElseThrow(() ->
            new CheckpointException(
                damaged.isEmpty() ? "there is no checkpoint in " + path : damaged.getFirst()));
  }

  /** Writes a model. */
  public static void write(Path file, Map<String, Tensor> parameters, ModelDescription description)
      throws IOException {
    SafetensorsWriter.write(file, parameters, description.toMetadata());
  }

  /** What it says of the model. */
  public ModelDescription description() {
    return description;
  }

  /** The file. */
  public Path path() {
    return file.path();
  }

  /**
   * The classifier in this file.
   *
   * @throws CheckpointException when it holds another model
   */
  public VideoClassifier classifier(Device device) {
    if (description.classifier() == null) {
      throw new CheckpointException(
          path() + " holds a pre-trained model without a classifier; run finetune first");
    }
    VideoClassifier model =
        new VideoClassifier(
            description.config(),
            description.clip(),
            description.classifier(),
            device,
            Rng.seed(0),
            false);
    load(model.parameters(), "");
    return model;
  }

  /**
   * The masked autoencoder in this file.
   *
   * @throws CheckpointException when it holds another model
   */
  public MaskedAutoencoder autoencoder(Device device) {
    if (description.pretraining() == null) {
      throw new CheckpointException(
          path() + " holds a classifier without a decoder; give the checkpoint of a pretrain run");
    }
    MaskedAutoencoder model =
        new MaskedAutoencoder(description.config(), description.clip(), device, Rng.seed(0), false);
    load(model.parameters(), "");
    return model;
  }

  /** Fills parameters from tensors of the same names; all must be there with their shapes. */
  public void load(Map<String, Tensor> parameters) {
    load(parameters, "");
  }

  /**
   * Fills the encoder of a new classifier from a pre-trained model as the official script does:
   * {@code encoder.*} without its prefix, leaving out the encoder's norm when the classifier
   * normalises after pooling; the head and {@code fc_norm} keep their new values.
   *
   * @return the parameters that were filled
   */
  public List<String> loadEncoder(VideoClassifier classifier) {
    Map<String, Tensor> encoder = new LinkedHashMap<>();
    classifier
        .parameters()
        .forEach((name, parameter) -> {
          if (!name.startsWith("head.") && !name.startsWith("fc_norm.")) {
            encoder.put(name, parameter);
          }
        });
    boolean pretrained = file.names().stream().anyMatch(name -> name.startsWith(ENCODER_NORM));
    load(encoder, pretrained ? ENCODER : "");
    return List.copyOf(encoder.keySet());
  }

  private void load(Map<String, Tensor> parameters, String prefix) {
    parameters.forEach((name, parameter) -> {
      if (!file.has(prefix + name)) {
        throw new CheckpointException(
            "%s does not fit the model: it has no tensor %s".formatted(path(), prefix + name));
      }
      if (!file.shape(prefix + name).equals(parameter.shape())) {
        throw new CheckpointException(
            "%s does not fit the model: %s has shape %s where %s is needed"
                .formatted(path(), prefix + name, file.shape(prefix + name), parameter.shape()));
      }
      parameter.copyFrom(file.toFloats(prefix + name));
    });
  }

  @Override
  public void close() {
    file.close();
  }
}
