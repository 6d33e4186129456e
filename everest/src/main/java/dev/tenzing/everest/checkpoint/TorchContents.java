package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.torch.TorchCheckpoint;
import dev.tenzing.engine.io.torch.TorchObject;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the state dict in a PyTorch file, and what small things lie beside it. */
final class TorchContents {
  /** Where training scripts put the state dict; without one of these the top object is it. */
  private static final List<String> STATE_DICTS = List.of("model", "module", "state_dict");

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
    String where = "";
    Map<String, StoredTensor> tensors = Map.of();
    for (String key : STATE_DICTS) {
      if (tensors.isEmpty() && root.get(key) instanceof Map<?, ?> map) {
        tensors = TorchCheckpoint.tensors(map);
        where = tensors.isEmpty() ? "" : key;
      }
    }
    if (tensors.isEmpty()) {
      tensors = TorchCheckpoint.tensors(root);
    }
    if (tensors.isEmpty()) {
      List<String> keys = root.keySet().stream().map(String::valueOf).toList();
      throw new CheckpointException(
          "%s holds no state dict: there are no tensors at its top, nor under %s; it has %s"
              .formatted(
                  path,
                  String.join(", ", STATE_DICTS),
                  keys.isEmpty() ? "nothing" : Fit.few(keys)));
    }
    Map<String, Object> beside = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : root.entrySet()) {
      boolean model =
          entry.getKey().equals(where)
              || where.isEmpty() && entry.getValue() instanceof StoredTensor;
      if (!model) {
        beside.put(String.valueOf(entry.getKey()), plain(entry.getValue()));
      }
    }
    return new Contents(
        format, path, where, new LinkedHashMap<>(tensors), beside, config, file::close);
  }

  /** A value as JSON can hold it; of one with tensors, such as an optimiser's, how much it is. */
  private static Object plain(Object value) {
    int tensors = tensors(value);
    if (tensors > 0) {
      return tensors == 1 ? "1 tensor" : tensors + " tensors";
    }
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
