package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.everest.description.ModelDescription;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint of any format, read as data: its tensors under the file's own names and under the
 * official ones, and what it says of itself.
 *
 * <p>Opening reads the table of contents; values are read when they are asked for.
 */
public final class Checkpoint implements AutoCloseable {
  private static final int LONGEST_NAME = 1_000;

  private final Contents contents;
  private final Wrapping wrapping;
  private final Map<String, StoredTensor> official;
  private final List<String> notes;

  private Checkpoint(Contents contents, List<String> notes) {
    this.contents = contents;
    this.notes = notes;
    for (String name : contents.tensors().keySet()) {
      if (name.length() > LONGEST_NAME) {
        throw new CheckpointException(
            "%s has a tensor whose name has %s letters, so it holds no model"
                .formatted(path(), name.length()));
      }
    }
    this.wrapping = new Wrapping(contents.tensors(), path().toString());
    Map<String, StoredTensor> bare = wrapping.bare();
    this.official =
        HuggingFaceNames.areThose(bare.keySet()) ? HuggingFaceNames.toOfficial(bare) : bare;
  }

  /**
   * Opens what a path means: a run folder (its newest intact checkpoint), a checkpoint folder of
   * ours, of Hugging Face or of DeepSpeed, or a file of tensors.
   *
   * @throws CheckpointException when there is none, or it is damaged
   */
  public static Checkpoint open(Path path) {
    return of(CheckpointFiles.locate(path, true));
  }

  /** Opens without verifying the checksums of our checkpoint folders, which reads every byte. */
  public static Checkpoint look(Path path) {
    return of(CheckpointFiles.locate(path, false));
  }

  private static Checkpoint of(CheckpointFiles files) {
    try {
      Contents contents = files.read();
      try {
        Checkpoint checkpoint = new Checkpoint(contents, files.notes());
        if (contents.config() != null) {
          contents.config().checkType(Wrapping.holdsModel(contents.tensors().keySet()));
        }
        return checkpoint;
      } catch (RuntimeException | OutOfMemoryError e) {
        contents.close();
        throw e;
      }
    } catch (OutOfMemoryError e) {
      throw new CheckpointException(
          "%s lists more than the Java heap of %s MiB holds, without its tensors; if it is to be trusted, TENZING_JAVA_OPTS=-Xmx8g allows more"
              .formatted(files.path(), Runtime.getRuntime().maxMemory() >> 20),
          e);
    }
  }

  /** The file with its tensors. */
  public Path path() {
    return contents.path();
  }

  /** What people should know of the choice of the file, a sentence each: damaged newer ones. */
  public List<String> notes() {
    return notes;
  }

  public CheckpointFormat format() {
    return contents.format();
  }

  /**
   * Where in the file the state dict is: keys from the top object, with dots; empty for the top.
   */
  public String stateDict() {
    return contents.stateDict();
  }

  /** What the model's names in the file begin with, taken off: {@code _orig_mod.} and the like. */
  public String prefix() {
    return wrapping.prefix();
  }

  /** The head's name in the file, where it is not the official one: beside a wrapped encoder. */
  public String head() {
    return wrapping.head();
  }

  /** What the names of further copies of the model begin with, such as averaged ones: unused. */
  public List<String> copies() {
    return wrapping.copies();
  }

  /** Its tensors by the names in the file. */
  public Map<String, StoredTensor> tensors() {
    return Collections.unmodifiableMap(contents.tensors());
  }

  /** Its tensors by their official names, where they have one. */
  public Map<String, StoredTensor> official() {
    return Collections.unmodifiableMap(official);
  }

  /** What it holds beside the state dict that is not large: epoch, arguments, metadata. */
  public Map<String, Object> metadata() {
    return Collections.unmodifiableMap(contents.metadata());
  }

  /** What our checkpoints say of where they come from; empty of others. */
  public Map<String, Object> provenance() {
    Path folder = path().toAbsolutePath().getParent();
    if (!path().endsWith(ModelFile.NAME) || !CheckpointFolder.isCheckpoint(folder)) {
      return Map.of();
    }
    Map<String, Object> provenance = new LinkedHashMap<>();
    if (StateFile.read(folder).values().get("provenance") instanceof Map<?, ?> map) {
      map.forEach((key, value) -> provenance.put(String.valueOf(key), value));
    }
    return provenance;
  }

  /** Hugging Face's description of the model, or null. */
  HuggingFaceConfig config() {
    return contents.config();
  }

  /** What its model is for. */
  public ModelKind kind() {
    return ModelKind.of(official.keySet());
  }

  /** Shapes by official names. */
  public Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    official.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    return shapes;
  }

  /**
   * The model it holds: as it says, or else as its names and shapes tell; what is said is compared
   * with the tensors.
   *
   * @throws CheckpointException when it holds no model, or something has to be said with an option
   */
  public ModelDescription description(Hints hints) {
    return new Inference(this, hints).description();
  }

  @Override
  public void close() {
    contents.close();
  }
}
