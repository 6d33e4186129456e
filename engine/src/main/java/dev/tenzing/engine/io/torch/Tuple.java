package dev.tenzing.engine.io.torch;

import java.util.List;

/** A tuple on the pickle machine's stack; compared by identity, because it may hold itself. */
final class Tuple {
  static final Tuple EMPTY = new Tuple(List.of());

  private final List<Object> items;

  Tuple(List<Object> items) {
    this.items = items;
  }

  List<Object> items() {
    return items;
  }

  int size() {
    return items.size();
  }

  /** Item {@code i}, or null when there are fewer. */
  Object get(int i) {
    return i < items.size() ? items.get(i) : null;
  }
}
