package dev.tenzing.engine;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/** Free blocks of device memory, by size. */
final class BlockCache {
  /** A piece of device memory. */
  record Block(long address, long bytes) {}

  private final TreeMap<Long, ArrayDeque<Long>> blocks = new TreeMap<>();

  /** The smallest block that fits without wasting more than half of it, or null. */
  Block take(long bytes) {
    Map.Entry<Long, ArrayDeque<Long>> entry = blocks.ceilingEntry(bytes);
    if (entry == null || entry.getKey() > 2 * bytes) {
      return null;
    }
    return pop(entry);
  }

  /** Any block, or null when there is none. */
  Block takeAny() {
    return blocks.isEmpty() ? null : pop(blocks.firstEntry());
  }

  private Block pop(Map.Entry<Long, ArrayDeque<Long>> entry) {
    long address = entry.getValue().pop();
    if (entry.getValue().isEmpty()) {
      blocks.remove(entry.getKey());
    }
    return new Block(address, entry.getKey());
  }

  void put(Block block) {
    blocks.computeIfAbsent(block.bytes, size -> new ArrayDeque<>()).push(block.address);
  }
}
