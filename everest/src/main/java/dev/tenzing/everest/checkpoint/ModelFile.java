package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipEncoder;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.Pooling;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VideoEncoder;
import dev.tenzing.everest.model.VideoModel;
import dev.tenzing.everest.model.VitConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A checkpoint of any format, as the model it holds. */
public final class ModelFile implements AutoCloseable {
  /** Name of the model's file in a checkpoint of ours. */
  public static final String NAME = "model.safetensors";

  static final Set<String> POSITIONS = Set.of("pos_embed", "encoder.pos_embed");

  private final Checkpoint checkpoint;
  private final ModelDescription description;
  private final ClipShape made;

  private ModelFile(Checkpoint checkpoint, Hints hints) {
    this.checkpoint = checkpoint;
    this.description = checkpoint.description(hints);
    this.made =
        checkpoint
            .description(new Hints(hints.heads(), hints.decoderHeads(), null, null, null, null))
            .clip();
  }

  /**
   * Opens the model that a path means; see {@link Checkpoint#open}.
   *
   * @throws CheckpointException when there is none or it is damaged
   */
  public static ModelFile open(Path path) {
    return open(path, Hints.NONE);
  }

  /** Opens a model whose checkpoint may not say all of it. */
  public static ModelFile open(Path path, Hints hints) {
    Checkpoint checkpoint = Checkpoint.open(path);
    try {
      return new ModelFile(checkpoint, hints);
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  /** Writes a model. */
  public static void write(Path file, Map<String, Tensor> parameters, ModelDescription description)
      throws IOException {
    SafetensorsWriter.write(file, parameters, DescriptionJson.metadata(description));
  }

  /** What people should know of the choice of the file, a sentence each: damaged newer ones. */
  public List<String> notes() {
    return checkpoint.notes();
  }

  /** What model it is. */
  public ModelDescription description() {
    return description;
  }

  /** The clips that it was made for, whatever was asked of {@link #description()}. */
  public ClipShape made() {
    return made;
  }

  private Map<String, StoredTensor> official(TokenGrid grid) {
    return LearnedPositions.fitted(checkpoint.official(), made.grid(description.config()), grid);
  }

  /** What its model is for. */
  public ModelKind kind() {
    return checkpoint.kind();
  }

  /** The file. */
  public Path path() {
    return checkpoint.path();
  }

  /**
   * The model in this file.
   *
   * @throws CheckpointException when its tensors are not those of its description
   */
  public VideoModel model(Device device) {
    return switch (description.purpose()) {
      case Pretraining any -> autoencoder(device);
      case Classification any -> classifier(device);
      case EncoderAlone any -> encoder(device, null);
    };
  }

  /**
   * The classifier in this file. Learned positions of clips of another size are interpolated.
   *
   * @throws CheckpointException when it holds another model
   */
  public VideoClassifier classifier(Device device) {
    classification();
    VideoClassifier model = Models.classifier(description, device, Rng.seed(0), false);
    try {
      load(official(model.grid()), model.parameters(), false);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * The model in this file as far as the features of a clip: of a classifier without what its head
   * makes of them, of a pre-trained model its encoder.
   *
   * @param selection tokens that an encoder without a head sees, or null for all; a classifier's is
   *     part of {@link #description()}
   * @throws CheckpointException when it holds no such model
   */
  public ClipEncoder encoder(Device device, TokenSelection selection) {
    Map<String, StoredTensor> found = bare(official(description.clip().grid(config())));
    found.keySet().removeIf(name -> name.startsWith("head."));
    ClipEncoder model;
    if (kind() == ModelKind.CLASSIFIER) {
      model =
          ClipEncoder.of(
              config(), description.clip(), classification().options(), device, Rng.seed(0));
    } else {
      boolean pooled = kind() == ModelKind.ENCODER && hasPoolingNorm();
      if (pooled) { // a classifier whose head was taken off
        found.keySet().removeIf(name -> name.startsWith("norm."));
      }
      boolean learned = checkpoint.official().keySet().stream().anyMatch(POSITIONS::contains);
      boolean norm = found.containsKey("norm.weight");
      model =
          new ClipEncoder(
              config(),
              description.clip(),
              new VideoEncoder.Options(selection, learned, norm, 0, 0, false),
              pooled ? Pooling.NORMALIZED_MEAN : Pooling.MEAN,
              device,
              Rng.seed(0));
    }
    try {
      load(found, model.parameters(), false);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private Classification classification() {
    return description
        .classification()
        .orElseThrow(() ->
            new CheckpointException(
                path() + " holds a pre-trained model without a classifier; run finetune first"));
  }

  private VitConfig config() {
    return description.config();
  }

  /** Tensors by their names in a classifier: of a pre-trained model, those of its encoder. */
  private Map<String, StoredTensor> bare(Map<String, StoredTensor> official) {
    if (kind() != ModelKind.PRETRAINING) {
      return new LinkedHashMap<>(official);
    }
    Map<String, StoredTensor> trunk = new LinkedHashMap<>();
    official.forEach((name, tensor) -> {
      if (name.startsWith("encoder.")) {
        trunk.put(name.substring("encoder.".length()), tensor);
      }
    });
    return trunk;
  }

  private boolean hasPoolingNorm() {
    return checkpoint.official().containsKey("fc_norm.weight");
  }

  /**
   * The masked autoencoder in this file.
   *
   * @throws CheckpointException when it holds another model
   */
  public MaskedAutoencoder autoencoder(Device device) {
    if (description.pretraining().isEmpty()) {
      throw new CheckpointException(
          path() + " holds a model without a decoder; give the checkpoint of a pretrain run");
    }
    MaskedAutoencoder model = Models.autoencoder(description, device, Rng.seed(0), false);
    try {
      load(model.parameters());
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Fills parameters from tensors of the same names. Both must have the same names and shapes.
   *
   * @throws CheckpointException telling what does not fit; then no parameter is touched
   */
  public void load(Map<String, Tensor> parameters) {
    load(checkpoint.official(), parameters, false);
  }

  /**
   * Fills a new classifier for fine-tuning as the official script does.
   *
   * <p>From a pre-trained model come {@code encoder.*} without its prefix; the decoder is left out,
   * and the encoder's norm too when the classifier normalises after pooling. From a classifier
   * comes everything. Learned positions of clips of another size are interpolated.
   *
   * @param resetHead whether the head keeps its new values, for other classes
   * @param partial whether to load what fits when not all does
   * @return what came from the checkpoint: {@link Fit#missing()} keeps its new values
   * @throws CheckpointException telling what does not fit; then no parameter is touched
   */
  public Fit loadEncoder(VideoClassifier classifier, boolean resetHead, boolean partial) {
    boolean headless = kind() != ModelKind.CLASSIFIER;
    boolean dropNorm = headless && classifier.options().meanPooling();
    Map<String, StoredTensor> found = bare(official(classifier.grid()));
    found
        .keySet()
        .removeIf(
            name -> dropNorm && name.startsWith("norm.") || resetHead && name.startsWith("head."));
    Map<String, Tensor> needed = new LinkedHashMap<>(classifier.parameters());
    needed
        .keySet()
        .removeIf(name ->
            (headless || resetHead) && name.startsWith("head.")
                || headless && name.startsWith("fc_norm.") && !hasPoolingNorm());
    StoredTensor head = found.get("head.weight");
    if (head != null && head.shape().dim(0) != classifier.classes()) {
      throw new CheckpointException(
          "%s has a head of %s classes where %s are needed; start a new one with --reset-head"
              .formatted(path(), head.shape().dim(0), classifier.classes()));
    }
    return load(found, needed, partial);
  }

  /**
   * Fills a masked autoencoder, to go on with its pre-training.
   *
   * @param partial whether to load what fits when not all does
   * @throws CheckpointException telling what does not fit; then no parameter is touched
   */
  public Fit load(MaskedAutoencoder model, boolean partial) {
    return load(checkpoint.official(), model.parameters(), partial);
  }

  private Fit load(
      Map<String, StoredTensor> found, Map<String, Tensor> parameters, boolean partial) {
    Map<String, Shape> there = new LinkedHashMap<>();
    found.forEach((name, tensor) -> there.put(name, tensor.shape()));
    Map<String, Shape> needed = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> needed.put(name, parameter.shape()));
    Fit fit = Fit.of(there, needed);
    if (!fit.exact() && (!partial || fit.matched().isEmpty())) {
      throw new CheckpointException(
          "%s does not fit the model: %s".formatted(path(), fit.defects()));
    }
    for (String name : fit.matched()) {
      StoredTensor tensor = found.get(name);
      if (!tensor.type().isFloating()) {
        throw new CheckpointException(
            "%s is %s where floating-point numbers are needed"
                .formatted(tensor.label(), tensor.type()));
      }
    }
    fit.matched().forEach(name -> found.get(name).copyTo(parameters.get(name)));
    return fit;
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
