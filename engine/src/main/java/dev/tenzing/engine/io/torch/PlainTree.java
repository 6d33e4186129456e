package dev.tenzing.engine.io.torch;

import static dev.tenzing.engine.io.TensorFileException.quote;

import dev.tenzing.engine.io.StoredTensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Turns what the pickle machine leaves into the immutable tree of {@link TorchCheckpoint#root()}.
 *
 * <p>The machine's values may hold each other in circles or share parts so often that walking them
 * never ends. Here circles are refused, and depth and size are bounded as if nothing were shared.
 */
final class PlainTree {
  private static final int DEEPEST = 128;
  private static final long LARGEST = 1_000_000;
  private static final int LONGEST_LABEL = 200;

  private record Done(Object value, long size) {}

  private final Complaints complaints;
  private final Function<StorageRef, Storage> storages;
  private final Map<Object, Done> done = new IdentityHashMap<>();
  private final Set<Object> open = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * A conversion.
   *
   * @param storages finds storages, and refuses those that are not there or not whole
   */
  PlainTree(Complaints complaints, Function<StorageRef, Storage> storages) {
    this.complaints = complaints;
    this.storages = storages;
  }

  Object of(Object raw) {
    return convert(raw, "").value;
  }

  private Done convert(Object raw, String name) {
    return switch (raw) {
      case RawTensor tensor -> new Done(tensor(tensor, name), 1);
      case NumpyArray array -> convert(array.value(), name);
      case StorageRef ref -> new Done(tensor(RawTensor.of(ref), name), 1);
      case Global global -> new Done(new TorchObject(global.name(), null), 1);
      case NumpyType type -> new Done("numpy." + type.code(), 1);
      case Map<?, ?> _, List<?> _, Set<?> _, Tuple _, RawObject _ -> container(raw, name);
      case null, default -> new Done(raw, 1); // text and numbers
    };
  }

  private Done container(Object raw, String name) {
    Done before = done.get(raw);
    if (before != null) {
      return before;
    }
    if (open.size() == DEEPEST) {
      throw complaints.damaged("its values are nested more than %s deep".formatted(DEEPEST));
    }
    if (!open.add(raw)) {
      throw complaints.unsupported("it holds a value that holds itself");
    }
    Sum size = new Sum();
    Object value =
        switch (raw) {
          case Map<?, ?> map -> {
            Map<Object, Object> plain = new LinkedHashMap<>();
            map.forEach((key, item) -> plain.put(key, size.add(convert(item, below(name, key)))));
            yield Collections.unmodifiableMap(plain);
          }
          case List<?> list -> list(list, name, size);
          case Tuple tuple -> list(tuple.items(), name, size);
          case Set<?> set -> Collections.unmodifiableSet(new LinkedHashSet<>(set));
          case RawObject object ->
              new TorchObject(object.type(), size.add(convert(object.state(), name)));
          default -> throw new AssertionError(raw.getClass());
        };
    open.remove(raw);
    Done result = new Done(value, size.total);
    done.put(raw, result);
    return result;
  }

  private List<Object> list(List<?> list, String name, Sum size) {
    List<Object> plain = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      plain.add(size.add(convert(list.get(i), below(name, i))));
    }
    return Collections.unmodifiableList(plain);
  }

  /** Values as if none were shared. */
  private final class Sum {
    private long total = 1;

    Object add(Done part) {
      total += part.size;
      if (total > LARGEST) {
        throw complaints.damaged(
            String.format(
                Locale.ROOT,
                "it unfolds into more than %,d values, which no checkpoint has",
                LARGEST));
      }
      return part.value;
    }
  }

  private StoredTensor tensor(RawTensor raw, String name) {
    String inFile = name.isEmpty() ? "the tensor" : "tensor " + quote(name);
    Storage storage = raw.ref() == null ? raw.own() : storages.apply(raw.ref());
    TensorView view = new TensorView(inFile, raw, storage, complaints);
    return new StoredTensor(
        inFile + " in " + complaints.path(), raw.type(), view.shape(), view::bytes);
  }

  /** Names are made for every value, so they stay short. */
  private static String below(String name, Object key) {
    String last = cut(String.valueOf(key));
    return name.isEmpty() ? last : cut(name + "." + last);
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_LABEL ? text : text.substring(0, LONGEST_LABEL) + "\u2026";
  }
}
