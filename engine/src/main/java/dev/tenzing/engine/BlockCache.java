package dev.tenzing.engine;

import dev.tenzing.engine.Block.Use;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Free blocks of device memory. Neighbours that are in the same cache become one. */
final class BlockCache {
  // By the segment's number and not by address, so that all devices choose alike: the memory plan
  // says what others will do.
  private static final Comparator<Block> BY_SIZE =
      Comparator.<Block>comparingLong(block -> block.bytes)
          .thenComparingInt(block -> block.segment)
          .thenComparingLong(block -> block.offset);

  private final Map<Use, TreeSet<Block>> blocks = new EnumMap<>(Use.class);

  BlockCache() {
    for (Use use : Use.values()) {
      blocks.put(use, new TreeSet<>(BY_SIZE));
    }
  }

  /** The smallest block that fits, cut to size, or null. */
  Block take(Use use, long bytes) {
    // Before all that are as large: its segment has no such number.
    Block block = blocks.get(use).ceiling(new Block(use, -1, 0, bytes));
    if (block == null) {
      return null;
    }
    remove(block);
    if (block.bytes > bytes) {
      add(block.cutOff(bytes));
    }
    return block;
  }

  /** The smallest block that fits, whatever it is for, cut to size, or null. */
  Block takeOfAnyUse(long bytes) {
    for (Use use : Use.values()) {
      Block block = take(use, bytes);
      if (block != null) {
        return block;
      }
    }
    return null;
  }

  void put(Block block) {
    Block whole = block;
    if (block.before != null && block.before.home == this) {
      whole = block.before;
      remove(whole);
      whole.join();
    }
    if (whole.after != null && whole.after.home == this) {
      remove(whole.after);
      whole.join();
    }
    add(whole);
  }

  /** Takes out all blocks that are as asked. */
  List<Block> takeAll(Predicate<Block> wanted) {
    List<Block> taken = new ArrayList<>();
    for (TreeSet<Block> set : blocks.values()) {
      set.stream().filter(wanted).forEach(taken::add);
    }
    taken.forEach(this::remove);
    return taken;
  }

  private void add(Block block) {
    block.home = this;
    blocks.get(block.use).add(block);
  }

  private void remove(Block block) {
    blocks.get(block.use).remove(block);
    block.home = null;
  }
}
