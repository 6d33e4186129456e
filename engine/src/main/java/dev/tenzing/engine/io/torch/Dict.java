package dev.tenzing.engine.io.torch;

import java.math.BigInteger;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * A dict of Python in the order of its file. Keys are found by comparison, not by their hashes,
 * which a file can make equal so that every look-up passes all keys.
 */
final class Dict extends AbstractMap<Object, Object> {
  private final List<Entry<Object, Object>> order = new ArrayList<>();
  private final TreeMap<Object, Entry<Object, Object>> index = new TreeMap<>(Dict::compare);

  /** A set of Python, likewise. */
  static Set<Object> set() {
    return Collections.newSetFromMap(
        new AbstractMap<Object, Boolean>() {
          private final Dict items = new Dict();

          @Override
          public Boolean put(Object item, Boolean present) {
            return (Boolean) items.put(item, present);
          }

          @Override
          public boolean containsKey(Object item) {
            return items.containsKey(item);
          }

          @Override
          @SuppressWarnings({"unchecked", "rawtypes"})
          public Set<Entry<Object, Boolean>> entrySet() {
            return (Set) items.entrySet();
          }
        });
  }

  @Override
  public Object put(Object key, Object value) {
    Entry<Object, Object> there = index.get(key);
    if (there != null) {
      return there.setValue(value);
    }
    Entry<Object, Object> entry = new SimpleEntry<>(key, value);
    index.put(key, entry);
    order.add(entry);
    return null;
  }

  @Override
  public Object get(Object key) {
    Entry<Object, Object> there = rank(key) < 0 ? null : index.get(key);
    return there == null ? null : there.getValue();
  }

  @Override
  public boolean containsKey(Object key) {
    return rank(key) >= 0 && index.containsKey(key);
  }

  @Override
  public Set<Entry<Object, Object>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Entry<Object, Object>> iterator() {
        return Collections.unmodifiableList(order).iterator();
      }

      @Override
      public int size() {
        return order.size();
      }
    };
  }

  private static int rank(Object key) {
    return switch (key) {
      case null -> 0;
      case Boolean _ -> 1;
      case Long _ -> 2;
      case BigInteger _ -> 3;
      case Double _ -> 4;
      case String _ -> 5;
      case List<?> _ -> 6;
      default -> -1;
    };
  }

  private static int compare(Object a, Object b) {
    if (a == b) {
      return 0;
    }
    int rank = rank(a);
    if (rank != rank(b)) {
      return Integer.compare(rank, rank(b));
    }
    return switch (a) {
      case Boolean flag -> flag.compareTo((Boolean) b);
      case Long number -> number.compareTo((Long) b);
      case BigInteger number -> number.compareTo((BigInteger) b);
      case Double number -> number.compareTo((Double) b);
      case String text -> text.compareTo((String) b);
      case List<?> list -> compare(list, (List<?>) b);
      default -> throw new IllegalArgumentException("a key of a dict is no plain value");
    };
  }

  private static int compare(List<?> a, List<?> b) {
    int order = Integer.compare(a.size(), b.size());
    for (int i = 0; order == 0 && i < a.size(); i++) {
      order = compare(a.get(i), b.get(i));
    }
    return order;
  }
}
