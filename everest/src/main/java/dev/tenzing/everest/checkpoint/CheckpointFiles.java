package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.StoredTensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.MalformedInputException;
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
 */
record CheckpointFiles(CheckpointFormat format, Path path, Path config) {
  private static final String PYTORCH_MODEL = "pytorch_model.bin";
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
      Path folder = CheckpointFolder.newest(path, verified);
      return new CheckpointFiles(
          CheckpointFormat.SAFETENSORS, folder.resolve(ModelFile.NAME), null);
    }
    return elsewhere(path);
  }

  private static boolean isHuggingFaceModel(Path path) {
    String name = path.getFileName().toString();
    return name.equals(ModelFile.NAME) || name.equals(PYTORCH_MODEL);
  }

  private static Path huggingFaceModel(Path folder) {
    for (String name : List.of(ModelFile.NAME, PYTORCH_MODEL)) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    throw new CheckpointException(
        "%s has a %s but neither %s nor %s"
            .formatted(folder, HuggingFaceConfig.NAME, ModelFile.NAME, PYTORCH_MODEL));
  }

  private static CheckpointFiles elsewhere(Path folder) {
    Path deepSpeed = folder;
    Path latest = folder.resolve(DEEPSPEED_LATEST);
    if (Files.isRegularFile(latest)) {
      deepSpeed = folder.resolve(text(latest).strip());
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
    byte[] head = new byte[9];
    int read;
    try (InputStream in = Files.newInputStream(file)) {
      read = in.readNBytes(head, 0, head.length);
    } catch (IOException e) {
      throw new CheckpointException(file + " cannot be read: " + e.getMessage(), e);
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

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (MalformedInputException e) {
      throw new CheckpointException(file + " is damaged: it is not UTF-8", e);
    } catch (IOException e) {
      throw new CheckpointException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Opens them. */
  Contents read() {
    HuggingFaceConfig huggingFace = null;
    if (config != null) {
      try {
        huggingFace = new HuggingFaceConfig(Json.parseObject(text(config)), config.toString());
      } catch (IllegalArgumentException e) {
        throw new CheckpointException(config + " is not valid " + e.getMessage(), e);
      }
    }
    CheckpointFormat container = config == null ? format : formatOf(path);
    return container == CheckpointFormat.SAFETENSORS
        ? safetensors(huggingFace)
        : TorchContents.open(format, path, huggingFace);
  }

  private Contents safetensors(HuggingFaceConfig huggingFace) {
    Safetensors file = Safetensors.open(path);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    file.names().forEach(name -> tensors.put(name, file.tensor(name)));
    return new Contents(
        format, path, "", tensors, new LinkedHashMap<>(file.metadata()), huggingFace, file::close);
  }
}
