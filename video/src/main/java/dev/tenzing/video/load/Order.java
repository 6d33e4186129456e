package dev.tenzing.video.load;

import dev.tenzing.video.list.Source;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.random.KeyedRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * In which order the samples of a list come, epoch after epoch: that of the list, or a new shuffle
 * each time, which depends on the seed and the epoch only.
 *
 * <p>With weights, an epoch visits each source as often as its weight says. The visits to a source
 * go on through its own shuffled passes from one epoch to the next, so that a weight of 0.5 meets
 * every video once in two epochs and no video twice before all others were met.
 */
final class Order {
  private static final long SHUFFLE = 0x53687566666C65L;

  /**
   * One sample's turn.
   *
   * @param sample place in the list
   * @param pass how many passes through its source were made before this one
   */
  record Visit(int sample, long pass) {}

  /** The turns of an epoch. */
  private record Epoch(int number, int[] samples, long[] passes) {}

  /** The samples of a source and the visits that an epoch pays it. */
  private record Share(int[] samples, int visits) {}

  private final int length;
  private final long seed;
  private final boolean shuffle;
  private final List<Share> shares = new ArrayList<>();
  private Epoch current;
  private Epoch before;

  Order(VideoList list, long seed, boolean shuffle) {
    this.seed = seed;
    this.shuffle = shuffle;
    this.length = shuffle ? list.epoch() : list.videos().size();
    if (shuffle && list.weighted()) {
      Map<Source, List<Integer>> bySource = new LinkedHashMap<>();
      for (int i = 0; i < list.videos().size(); i++) {
        bySource.computeIfAbsent(list.videos().get(i).source(), s -> new ArrayList<>()).add(i);
      }
      bySource.forEach((source, samples) ->
          shares.add(
              new Share(
                  samples.stream().mapToInt(i -> i).toArray(), source.visits(samples.size()))));
    }
  }

  /** Visits in an epoch. */
  int length() {
    return length;
  }

  /** Whose turn this ticket is, tickets counting through all epochs. */
  synchronized Visit visit(long ticket) {
    int position = (int) (ticket % length);
    int number = (int) (ticket / length);
    if (!shuffle) {
      return new Visit(position, number);
    }
    // Threads that work ahead ask for the end of one epoch and the beginning of the next in turn.
    if (current == null || current.number != number) {
      Epoch other = before != null && before.number == number ? before : epoch(number);
      before = current;
      current = other;
    }
    return new Visit(current.samples[position], current.passes[position]);
  }

  private Epoch epoch(int number) {
    int[] slots = permutation(length, KeyedRandom.key(seed, SHUFFLE, number));
    long[] passes = new long[length];
    if (shares.isEmpty()) {
      Arrays.fill(passes, number);
      return new Epoch(number, slots, passes);
    }
    int[] visits = new int[length];
    long[] visitPasses = new long[length];
    int at = 0;
    for (int s = 0; s < shares.size(); s++) {
      Share share = shares.get(s);
      int[] order = null;
      long orderPass = -1;
      for (int i = 0; i < share.visits; i++) {
        long turn = (long) number * share.visits + i;
        long pass = turn / share.samples.length;
        if (pass != orderPass) {
          order = permutation(share.samples.length, KeyedRandom.key(seed, SHUFFLE, s, pass));
          orderPass = pass;
        }
        visits[at] = share.samples[order[(int) (turn % share.samples.length)]];
        visitPasses[at++] = pass;
      }
    }
    int[] samples = new int[length];
    for (int i = 0; i < length; i++) {
      samples[i] = visits[slots[i]];
      passes[i] = visitPasses[slots[i]];
    }
    return new Epoch(number, samples, passes);
  }

  private static int[] permutation(int length, long key) {
    KeyedRandom random = new KeyedRandom(key);
    int[] shuffled = new int[length];
    for (int i = 0; i < length; i++) {
      int j = random.nextInt(i + 1);
      shuffled[i] = shuffled[j];
      shuffled[j] = i;
    }
    return shuffled;
  }
}
