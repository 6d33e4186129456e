package dev.tenzing.everest.checkpoint;

import static dev.tenzing.engine.io.TensorFileException.quote;

import dev.tenzing.engine.io.StoredTensor;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A model over several files, as Hugging Face saves large ones: {@code
 * model.safetensors.index.json} tells in which file of its folder each tensor is.
 */
final class Shards {
  /** What the name of an index ends in. */
  static final String INDEX = ".index.json";

  private static final int MOST = 1_000;

  private final Path index;
  private final Map<String, String> places = new LinkedHashMap<>();

  private Shards(Path index) {
    this.index = index;
    Values values = new Values(TextFile.json(index), index.toString());
    Values map = values.child("weight_map");
    if (map == null || map.map().isEmpty()) {
      throw new CheckpointException(index + " is no index of shards: it has no weight_map");
    }
    map.map().forEach((name, shard) -> places.put((String) name, checked((String) name, shard)));
  }

  /** Only a plain name stays in the folder. */
  private String checked(String tensor, Object shard) {
    boolean plain =
        shard instanceof String name
            && name.matches("[^/\\\\\\x00-\\x1f]{1,255}")
            && !name.equals(".")
            && !name.equals("..");
    if (!plain) {
      throw new CheckpointException(
          "%s says that tensor %s is in %s, which is no file name of its folder"
              .formatted(
                  index, quote(tensor), shard instanceof String name ? quote(name) : "no text"));
    }
    return (String) shard;
  }

  /**
   * Opens all of them as one.
   *
   * @param opener opens one file
   * @throws CheckpointException when the files do not hold what the index says
   */
  static Contents open(
      Path index,
      CheckpointFormat format,
      HuggingFaceConfig config,
      Function<Path, Contents> opener) {
    return new Shards(index).open(format, config, opener);
  }

  private Contents open(
      CheckpointFormat format, HuggingFaceConfig config, Function<Path, Contents> opener) {
    TreeSet<String> names = new TreeSet<>(places.values());
    if (names.size() > MOST) {
      throw new CheckpointException(
          "%s names %s files, more than %s".formatted(index, names.size(), MOST));
    }
    List<Contents> opened = new ArrayList<>();
    try {
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      Map<String, Object> metadata = new LinkedHashMap<>();
      Map<String, String> from = new LinkedHashMap<>();
      for (String name : names) {
        Contents shard = opener.apply(file(name));
        opened.add(shard);
        shard.metadata().forEach(metadata::putIfAbsent);
        shard
            .tensors()
            .forEach((tensor, stored) -> {
              String before = from.put(tensor, name);
              if (before != null) {
                throw new CheckpointException(
                    "%s is ambiguous: tensor %s is in both %s and %s"
                        .formatted(index, quote(tensor), before, name));
              }
              tensors.put(tensor, stored);
            });
      }
      places.forEach((tensor, name) -> {
        if (!name.equals(from.get(tensor))) {
          throw new CheckpointException(
              "%s says that tensor %s is in %s, which does not have it"
                  .formatted(index, quote(tensor), name));
        }
      });
      return new Contents(
          format, index, "", tensors, metadata, config, () -> opened.forEach(Contents::close));
    } catch (RuntimeException | OutOfMemoryError e) {
      opened.forEach(Contents::close);
      throw e;
    }
  }

  private Path file(String name) {
    Path file;
    try {
      file = index.toAbsolutePath().resolveSibling(name);
    } catch (InvalidPathException e) {
      throw new CheckpointException(index + " names a file that cannot be: " + quote(name), e);
    }
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(
          "%s is incomplete: its part %s is missing".formatted(index, name));
    }
    return file;
  }
}
