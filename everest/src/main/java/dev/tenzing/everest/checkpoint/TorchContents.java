package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.torch.TorchCheckpoint;
import dev.tenzing.engine.io.torch.TorchObject;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the state dict in a PyTorch file, and what small things lie beside it. */
final class TorchContents {
  /** Where training scripts put the state dict; without one of these the top object is it. */
  private static final List<String> STATE_DICTS = List.of("model", "module", "state_dict");

  private static final int LONGEST_NAME = 60;
  private static final int DEEPEST = 4;
  private static final int MOST_MAPS = 10_000;

  /**
   * A map with tensors.
   *
   * @param path keys that lead to it
   */
  private record Candidate(List<String> path, Map<String, StoredTensor> tensors) {
    boolean isModel() {
      return Wrapping.holdsModel(tensors.keySet());
    }

    boolean isCopy() {
      return path.stream().anyMatch(Wrapping::isCopy);
    }

    /** Where among the usual places: first those, then the top, then any other. */
    int place() {
      int known = path.isEmpty() ? -1 : STATE_DICTS.indexOf(path.getFirst());
      return known >= 0 ? known : STATE_DICTS.size() + path.size();
    }
  }

  private TorchContents() {}

  static Contents open(CheckpointFormat format, Path path, HuggingFaceConfig config) {
    TorchCheckpoint file = TorchCheckpoint.open(path);
    try {
      return contents(file, format, path, config);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static Contents contents(
      TorchCheckpoint file, CheckpointFormat format, Path path, HuggingFaceConfig config) {
    if (!(file.root() instanceof Map<?, ?> root)) {
      throw new CheckpointException(
          path + " holds no state dict: its top object is not a dictionary");
    }
    List<Candidate> candidates = new ArrayList<>();
    collect(root, List.of(), candidates, new int[1]);
    Candidate found =
        candidates.stream()
            .filter(Candidate::isModel)
            .min(Comparator.comparing(Candidate::isCopy).thenComparing(Candidate::place))
            .or(() ->
                candidates.stream()
                    .filter(candidate -> candidate.place() <= STATE_DICTS.size())
                    .min(Comparator.comparing(Candidate::place)))
            .orElse(null);
    if (found == null) {
      List<String> keys = root.keySet().stream().map(TorchContents::name).toList();
      throw new CheckpointException(
          "%s holds no state dict: there are no tensors at its top, nor under %s; it has %s"
              .formatted(
                  path,
                  String.join(", ", STATE_DICTS),
                  keys.isEmpty() ? "nothing" : Fit.few(keys)));
    }
    String where = String.join(".", found.path);
    Map<String, StoredTensor> tensors = found.tensors;
    String top = found.path.isEmpty() ? null : found.path.getFirst();
    Map<String, Object> beside = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : root.entrySet()) {
      boolean model =
          top != null && top.equals(entry.getKey())
              || where.isEmpty() && entry.getValue() instanceof StoredTensor;
      if (!model) {
        beside.put(String.valueOf(entry.getKey()), beside(entry.getValue()));
      }
    }
    return new Contents(
        format, path, where, new LinkedHashMap<>(tensors), beside, config, file::close);
  }

  private static void collect(
      Map<?, ?> map, List<String> path, List<Candidate> candidates, int[] maps) {
    if (++maps[0] > MOST_MAPS) {
      return;
    }
    Map<String, StoredTensor> tensors = TorchCheckpoint.tensors(map);
    if (!tensors.isEmpty()) {
      candidates.add(new Candidate(path, tensors));
    }
    if (path.size() == DEEPEST) {
      return;
    }
    map.forEach((key, value) -> {
      if (key instanceof String name && value instanceof Map<?, ?> below) {
        List<String> longer = new ArrayList<>(path);
        longer.add(name);
        collect(below, longer, candidates, maps);
      }
    });
  }

  private static String name(Object key) {
    String name = String.valueOf(key);
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "\u2026";
  }

  /** A value as JSON can hold it; of one with tensors, such as an optimiser's, how much it is. */
  private static Object beside(Object value) {
    int tensors = tensors(value);
    if (tensors > 0) {
      return tensors == 1 ? "1 tensor" : tensors + " tensors";
    }
    return plain(value);
  }

  private static Object plain(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, Object> plain = new LinkedHashMap<>();
        map.forEach((key, item) -> plain.put(String.valueOf(key), plain(item)));
        yield plain;
      }
      case Collection<?> items -> {
        List<Object> plain = new ArrayList<>();
        items.forEach(item -> plain.add(plain(item)));
        yield plain;
      }
      case TorchObject object ->
          object.state() instanceof Map<?, ?> state ? plain(state) : object.type();
      case byte[] bytes -> bytes.length + " bytes";
      case BigInteger number -> number.toString();
      case null -> null;
      default -> value;
    };
  }

  private static int tensors(Object value) {
    return switch (value) {
      case StoredTensor tensor -> 1;
      case Map<?, ?> map -> map.values().stream().mapToInt(TorchContents::tensors).sum();
      case Collection<?> items -> items.stream().mapToInt(TorchContents::tensors).sum();
      case TorchObject object -> tensors(object.state());
      case null, default -> 0;
    };
  }
}
