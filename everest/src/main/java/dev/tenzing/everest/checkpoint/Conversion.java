package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.AtomicFile;
import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.torch.TorchWriter;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.model.VitConfig;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a checkpoint in another format. Every bit of every tensor stays as it is; names become the
 * format's. A file is written beside its target and renamed, so the target is whole or as before.
 */
public final class Conversion {
  private static final double HUGGING_FACE_HEAD_EPS = 1e-5;

  private final Checkpoint from;
  private final Hints hints;
  private final List<String> notes = new ArrayList<>();

  /** The conversion of a checkpoint, with what it may not say itself. */
  public Conversion(Checkpoint from, Hints hints) {
    this.from = from;
    this.hints = hints;
  }

  /**
   * The format that a path asks for by its ending; a name without one is a Hugging Face folder.
   *
   * @throws IllegalArgumentException when the ending says nothing
   */
  public static CheckpointFormat formatOf(Path path) {
    String name = path.getFileName() == null ? "" : path.getFileName().toString();
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case "safetensors" -> CheckpointFormat.SAFETENSORS;
      case "pth", "pt", "bin" -> CheckpointFormat.PTH;
      default -> {
        if (name.contains(".") && !Files.isDirectory(path)) {
          throw new IllegalArgumentException(
              "the ending of %s tells no format; say it with --to pth, safetensors or hf"
                  .formatted(path));
        }
        yield CheckpointFormat.HUGGING_FACE;
      }
    };
  }

  /**
   * Writes the checkpoint.
   *
   * @param force whether files that exist are replaced
   * @return remarks on what the other format does not hold, a sentence each
   * @throws FileAlreadyExistsException when the target exists and is not to be replaced
   * @throws CheckpointException when the format cannot hold the model
   */
  public List<String> write(Path to, CheckpointFormat format, boolean force) throws IOException {
    if (Files.exists(to) && !force) {
      throw new FileAlreadyExistsException(to.toString());
    }
    if (format == CheckpointFormat.HUGGING_FACE == Files.isRegularFile(to) && Files.exists(to)) {
      throw new CheckpointException(
          "%s is %s, not to be replaced by %s"
              .formatted(
                  to,
                  Files.isRegularFile(to) ? "a file" : "a folder",
                  Files.isRegularFile(to) ? "a folder" : "a file"));
    }
    switch (format) {
      case SAFETENSORS -> writeSafetensors(to);
      case HUGGING_FACE -> writeHuggingFace(to);
      case PTH -> writeTorch(to);
      default -> throw new IllegalArgumentException("cannot write the format " + format.label());
    }
    return List.copyOf(notes);
  }

  /** The model, or null when the checkpoint does not tell and the format need not know. */
  private ModelDescription descriptionIfKnown() {
    try {
      return from.description(hints);
    } catch (CheckpointException e) {
      notes.add("the copy does not say what model it holds: " + e.getMessage());
      return null;
    }
  }

  private void writeSafetensors(Path to) throws IOException {
    ModelDescription description = descriptionIfKnown();
    SafetensorsWriter.writeStored(
        to,
        from.official(),
        description == null ? Map.of("format", "pt") : DescriptionJson.metadata(description));
  }

  /** In the official layout; the description lies beside the state dict, where nothing looks. */
  private void writeTorch(Path to) throws IOException {
    ModelDescription description = descriptionIfKnown();
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("model", from.official());
    if (description != null) {
      root.put(DescriptionJson.KEY, DescriptionJson.write(description));
    }
    TorchWriter.write(to, root);
  }

  private void writeHuggingFace(Path to) throws IOException {
    ModelDescription description = from.description(hints);
    Map<String, StoredTensor> tensors =
        HuggingFaceNames.toTheirs(from.official(), from.path().toString());
    HuggingFaceConfig config = HuggingFaceConfig.of(description, dtype(), to.toString());
    AtomicFolder.Content files =
        folder -> {
          SafetensorsWriter.writeStored(
              folder.resolve(ModelFile.NAME), tensors, Map.of("format", "pt"));
          writeJson(
              folder.resolve("preprocessor_config.json"),
              HuggingFaceConfig.preprocessor(description.clip()));
          writeJson(folder.resolve(HuggingFaceConfig.NAME), config.values());
        };
    if (Files.exists(to)) {
      files.write(to);
    } else {
      AtomicFolder.write(to, files);
    }
    tellWhatHuggingFaceLacks(description);
  }

  private void tellWhatHuggingFaceLacks(ModelDescription description) {
    VitConfig config = description.config();
    boolean headNorm =
        switch (description.purpose()) {
          case Pretraining any -> true;
          case Classification known -> known.options().meanPooling();
          case EncoderAlone any -> false;
        };
    if (headNorm && config.headNormEps() != HUGGING_FACE_HEAD_EPS) {
      notes.add(
          "transformers uses an epsilon of 1e-5 in decoder.norm and fc_norm whatever config.json"
              + " says; this model was made with "
              + config.headNormEps());
    }
    if (description.classification().isPresent() && description.selection() != null) {
      notes.add("transformers' model sees all tokens: ReRo selection is not part of it");
    }
  }

  private String dtype() {
    return from.official().values().stream()
        .filter(tensor -> tensor.type().isFloating())
        .findFirst()
        .map(tensor ->
            switch (tensor.type()) {
              case F16 -> "float16";
              case BF16 -> "bfloat16";
              case F64 -> "float64";
              default -> "float32";
            })
        .orElse("float32");
  }

  private static void writeJson(Path file, Map<String, Object> values) throws IOException {
    AtomicFile.write(file, Json.write(values) + "\n");
  }
}
