package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.FileProblem;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.TensorFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files of a checkpoint.
 *
 * @param format its format
 * @param path the file with its tensors
 * @param config Hugging Face's {@code config.json}, or null
 * @param notes what people should know of the choice, a sentence each
 */
record CheckpointFiles(CheckpointFormat format, Path path, Path config, List<String> notes) {
  CheckpointFiles(CheckpointFormat format, Path path, Path config) {
    this(format, path, config, List.of());
  }

  private static final String PYTORCH_MODEL = "pytorch_model.bin";
  private static final List<String> INDICES =
      List.of(ModelFile.NAME + Shards.INDEX, PYTORCH_MODEL + Shards.INDEX);
  private static final List<String> HUGGING_FACE_MODELS =
      List.of(ModelFile.NAME, INDICES.get(0), PYTORCH_MODEL, INDICES.get(1));
  private static final String DEEPSPEED_LATEST = "latest";
  private static final String DEEPSPEED_MODEL = "mp_rank_\\d+_model_states\\.pt";
  private static final String MODEL_FILE = ".+\\.(safetensors|pth|pt|bin|ckpt)";

  /**
   * Finds them.
   *
   * @param verified whether the checksums of our folders are verified
   */
  static CheckpointFiles locate(Path path, boolean verified) {
    if (Files.isRegularFile(path)) {
      if (path.getFileName() == null) {
        throw new CheckpointException("there is no checkpoint " + path);
      }
      Path beside = path.toAbsolutePath().resolveSibling(HuggingFaceConfig.NAME);
      boolean huggingFace = isHuggingFaceModel(path) && Files.isRegularFile(beside);
      return huggingFace
          ? new CheckpointFiles(CheckpointFormat.HUGGING_FACE, path, beside)
          : new CheckpointFiles(formatOf(path), path, null);
    }
    if (!Files.isDirectory(path)) {
      throw new CheckpointException("there is no checkpoint " + path);
    }
    Path config = path.resolve(HuggingFaceConfig.NAME);
    if (Files.isRegularFile(config)) {
      return new CheckpointFiles(CheckpointFormat.HUGGING_FACE, huggingFaceModel(path), config);
    }
    if (CheckpointFolder.isCheckpoint(path) || CheckpointFolder.isRun(path)) {
      CheckpointFolder.Newest newest = CheckpointFolder.newest(path, verified);
      return new CheckpointFiles(
          CheckpointFormat.SAFETENSORS,
          newest.path().resolve(ModelFile.NAME),
          null,
          newest.notes());
    }
    return elsewhere(path);
  }

  private static boolean isHuggingFaceModel(Path path) {
    String name = path.getFileName().toString();
    return HUGGING_FACE_MODELS.contains(name);
  }

  private static Path huggingFaceModel(Path folder) {
    for (String name : HUGGING_FACE_MODELS) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    throw new CheckpointException(
        "%s has a %s but neither %s nor %s"
            .formatted(folder, HuggingFaceConfig.NAME, ModelFile.NAME, PYTORCH_MODEL));
  }

  private static CheckpointFiles elsewhere(Path folder) {
    for (String name : INDICES) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return new CheckpointFiles(formatOf(folder.resolve(name)), folder.resolve(name), null);
      }
    }
    Path deepSpeed = folder;
    Path latest = folder.resolve(DEEPSPEED_LATEST);
    if (Files.isRegularFile(latest)) {
      String tag = TextFile.read(latest).strip();
      if (!tag.matches("[\\w.-]{1,255}") || tag.matches("\\.+")) {
        throw new CheckpointException(
            "%s names %s, which is no folder beside it"
                .formatted(latest, TensorFileException.quote(tag)));
      }
      deepSpeed = folder.resolve(tag);
    }
    List<Path> ranks = matching(deepSpeed, DEEPSPEED_MODEL);
    if (ranks.size() > 1) {
      throw new CheckpointException(
          "%s is a model split over %s files (%s and others); merge it with DeepSpeed first"
              .formatted(deepSpeed, ranks.size(), ranks.getFirst().getFileName()));
    }
    if (!ranks.isEmpty()) {
      return new CheckpointFiles(CheckpointFormat.DEEPSPEED, ranks.getFirst(), null);
    }
    List<Path> models = matching(folder, MODEL_FILE);
    if (models.isEmpty()) {
      throw new CheckpointException("there is no checkpoint in " + folder);
    }
    if (models.size() > 1) {
      throw new CheckpointException(
          "%s holds %s files of tensors; name one: %s"
              .formatted(
                  folder,
                  models.size(),
                  Fit.few(models.stream().map(model -> model.getFileName().toString()).toList())));
    }
    return new CheckpointFiles(formatOf(models.getFirst()), models.getFirst(), null);
  }

  private static List<Path> matching(Path folder, String pattern) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return new ArrayList<>(
          entries
              .filter(entry -> entry.getFileName().toString().matches(pattern))
              .sorted()
              .toList());
    } catch (IOException e) {
      throw new CheckpointException("the folder " + folder + " cannot be listed", e);
    }
  }

  /**
   * By what the file begins with, because names tell little: many a checkpoint is a .pt or .bin.
   */
  private static CheckpointFormat formatOf(Path file) {
    if (isIndex(file)) {
      boolean safetensors = file.getFileName().toString().startsWith(ModelFile.NAME);
      return safetensors ? CheckpointFormat.SAFETENSORS : CheckpointFormat.PTH;
    }
    byte[] head = new byte[9];
    int read;
    try (InputStream in = Files.newInputStream(file)) {
      read = in.readNBytes(head, 0, head.length);
    } catch (IOException e) {
      throw new CheckpointException(file + " cannot be read: " + FileProblem.reason(e), e);
    }
    boolean zip = read >= 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4;
    boolean pickle = read >= 2 && (head[0] & 0xff) == 0x80 && head[1] >= 2 && head[1] <= 5;
    if (read == 9 && head[8] == '{') {
      return CheckpointFormat.SAFETENSORS;
    }
    if (zip || pickle) {
      return CheckpointFormat.PTH;
    }
    throw new CheckpointException(
        file + " is neither a safetensors file nor a PyTorch checkpoint, by its first bytes");
  }

  private static boolean isIndex(Path file) {
    return file.getFileName().toString().endsWith(Shards.INDEX);
  }

  /** Opens them. */
  Contents read() {
    HuggingFaceConfig huggingFace =
        config == null ? null : new HuggingFaceConfig(TextFile.json(config), config.toString());
    try {
      return isIndex(path)
          ? Shards.open(path, format, huggingFace, shard -> file(shard, null))
          : file(path, huggingFace);
    } catch (CheckpointException | TensorFileException e) {
      if (huggingFace != null) {
        huggingFace.checkType(false); // which says more than that there is no VideoMAE in it
      }
      throw e;
    }
  }

  private Contents file(Path file, HuggingFaceConfig huggingFace) {
    CheckpointFormat container =
        format == CheckpointFormat.DEEPSPEED ? CheckpointFormat.DEEPSPEED : formatOf(file);
    if (container != CheckpointFormat.SAFETENSORS) {
      return TorchContents.open(format, file, huggingFace);
    }
    Safetensors opened = Safetensors.open(file);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    opened.names().forEach(name -> tensors.put(name, opened.tensor(name)));
    return new Contents(
        format,
        file,
        "",
        tensors,
        new LinkedHashMap<>(opened.metadata()),
        huggingFace,
        opened::close);
  }
}
