package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.io.StoredTensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint of any format, read as data: its tensors under the file's own names and under the
 * official ones, and what it says of itself.
 *
 * <p>Opening maps the file and reads its table of contents; values are touched when asked for.
 */
public final class Checkpoint implements AutoCloseable {
  /** Wrappers whose names PyTorch puts before all others. */
  private static final List<String> WRAPPERS = List.of("_orig_mod.", "module.", "backbone.");

  private final Contents contents;
  private final String prefix;
  private final Map<String, StoredTensor> official;

  private Checkpoint(Contents contents) {
    this.contents = contents;
    this.prefix = prefix(contents.tensors());
    Map<String, StoredTensor> bare = new LinkedHashMap<>();
    contents.tensors().forEach((name, tensor) -> bare.put(name.substring(prefix.length()), tensor));
    this.official =
        HuggingFaceNames.areThose(bare.keySet()) ? HuggingFaceNames.toOfficial(bare) : bare;
  }

  private static String prefix(Map<String, StoredTensor> tensors) {
    String prefix = "";
    boolean found = !tensors.isEmpty();
    while (found) {
      found = false;
      for (String wrapper : WRAPPERS) {
        String longer = prefix + wrapper;
        if (tensors.keySet().stream().allMatch(name -> name.startsWith(longer))) {
          prefix = longer;
          found = true;
          break;
        }
      }
    }
    return prefix;
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
    Contents contents = files.read();
    try {
      return new Checkpoint(contents);
    } catch (RuntimeException e) {
      contents.close();
      throw e;
    }
  }

  /** The file with its tensors. */
  public Path path() {
    return contents.path();
  }

  /** Its format. */
  public CheckpointFormat format() {
    return contents.format();
  }

  /**
   * Where in the file the state dict is: keys from the top object, with dots; empty for the top.
   */
  public String stateDict() {
    return contents.stateDict();
  }

  /** What all names of the file begin with, to be taken off: {@code _orig_mod.} and the like. */
  public String prefix() {
    return prefix;
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
   * The model it holds: as it says, or else as its names and shapes tell.
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
