package dev.tenzing.engine.io.torch;

import static dev.tenzing.engine.io.TensorFileException.quote;

import dev.tenzing.engine.io.StoredTensor;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
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
  private static final int LONGEST_LABEL = 200;

  // What values take in the heap, about.
  private static final int TENSOR = 400;
  private static final int CONTAINER = 160;
  private static final int ITEM = 4;
  private static final int ENTRY = 96;

  /**
   * A value.
   *
   * @param size values in it as if none were shared
   * @param text letters in it, likewise
   */
  private record Done(Object value, long size, long text) {}

  /** The keys that lead to a value, made a text only for tensors. */
  private record Place(Place above, Object key) {
    String name() {
      String last = cut(String.valueOf(key));
      return above == null ? last : cut(above.name() + "." + last);
    }

    private static String cut(String text) {
      return text.length() <= LONGEST_LABEL ? text : text.substring(0, LONGEST_LABEL) + "\u2026";
    }
  }

  private final Complaints complaints;
  private final Budget budget;
  private final Function<StorageRef, Storage> storages;
  private final Map<Object, Done> done = new IdentityHashMap<>();
  private long tensorBytes;
  private final Set<Object> open = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * A conversion.
   *
   * @param storages finds storages, and refuses those that are not there or not whole
   */
  PlainTree(Complaints complaints, Budget budget, Function<StorageRef, Storage> storages) {
    this.complaints = complaints;
    this.budget = budget;
    this.storages = storages;
  }

  Object of(Object raw) {
    return convert(raw, null).value;
  }

  private Done convert(Object raw, Place place) {
    return switch (raw) {
      case RawTensor tensor -> single(tensor(tensor, place), 0);
      case NumpyArray array -> convert(array.value(), place);
      case StorageRef ref -> single(tensor(RawTensor.of(ref), place), 0);
      case Global global -> {
        budget.heap(ITEM * 8);
        yield single(new TorchObject(global.name(), null), global.name().length());
      }
      case NumpyType type -> single("numpy." + type.code(), 0);
      case Map<?, ?> _, List<?> _, Set<?> _, Tuple _, RawObject _ -> container(raw, place);
      case null -> single(null, 0);
      default -> single(raw, letters(raw));
    };
  }

  private static Done single(Object value, long text) {
    return new Done(value, 1, text);
  }

  /** Letters of a value that it takes to write it down, where they may be many. */
  private static long letters(Object value) {
    return switch (value) {
      case String text -> text.length();
      case BigInteger number -> number.bitLength() / 3;
      case List<?> key -> key.stream().mapToLong(PlainTree::letters).sum();
      case null, default -> 0;
    };
  }

  private Done container(Object raw, Place place) {
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
    budget.heap(CONTAINER);
    Sum sum = new Sum();
    Object value =
        switch (raw) {
          case Map<?, ?> map -> {
            Map<Object, Object> plain = new Dict();
            budget.heap((long) ENTRY * map.size());
            map.forEach((key, item) -> {
              sum.addText(letters(key));
              plain.put(key, sum.add(convert(item, new Place(place, key))));
            });
            yield Collections.unmodifiableMap(plain);
          }
          case List<?> list -> list(list, place, sum);
          case Tuple tuple -> list(tuple.items(), place, sum);
          case Set<?> set -> {
            set.forEach(item -> sum.add(single(null, letters(item))));
            yield Collections.unmodifiableSet(set);
          }
          case RawObject object -> {
            sum.addText(object.type().length());
            yield new TorchObject(object.type(), sum.add(convert(object.state(), place)));
          }
          default -> throw new AssertionError(raw.getClass());
        };
    open.remove(raw);
    Done result = new Done(value, sum.total, sum.text);
    done.put(raw, result);
    return result;
  }

  private List<Object> list(List<?> list, Place place, Sum sum) {
    budget.heap((long) ITEM * list.size());
    List<Object> plain = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      plain.add(sum.add(convert(list.get(i), new Place(place, i))));
    }
    return Collections.unmodifiableList(plain);
  }

  /** Values and their text as if none were shared. */
  private final class Sum {
    private long total = 1;
    private long text;

    Object add(Done part) {
      total += part.size;
      budget.unfolded(total);
      addText(part.text);
      return part.value;
    }

    void addText(long letters) {
      text += letters;
      budget.unfoldedText(text);
    }
  }

  private StoredTensor tensor(RawTensor raw, Place place) {
    budget.heap(TENSOR);
    String inFile = place == null ? "the tensor" : "tensor " + quote(place.name());
    Storage storage = raw.ref() == null ? raw.own() : storages.apply(raw.ref());
    TensorView view = new TensorView(inFile, raw, storage, complaints);
    tensorBytes += view.shape().size() * raw.type().bytes();
    budget.tensorBytes(tensorBytes);
    return new StoredTensor(
        inFile + " in " + complaints.path(), raw.type(), view.shape(), view::read);
  }
}
