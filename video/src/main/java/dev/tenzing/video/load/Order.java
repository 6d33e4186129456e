package dev.tenzing.video.load;

import dev.tenzing.video.random.KeyedRandom;

/**
 * In which order the samples of a list come, epoch after epoch: that of the list, or a new shuffle
 * each time, which depends on the seed and the epoch only.
 */
final class Order {
  private static final long SHUFFLE = 0x53687566666C65L;

  private final int length;
  private final long seed;
  private final boolean shuffle;
  private int epoch = -1;
  private int[] order;

  Order(int length, long seed, boolean shuffle) {
    this.length = length;
    this.seed = seed;
    this.shuffle = shuffle;
  }

  /** Which sample has this ticket, tickets counting through all epochs. */
  synchronized int sample(long ticket) {
    int position = (int) (ticket % length);
    if (!shuffle) {
      return position;
    }
    int wanted = (int) (ticket / length);
    if (wanted != epoch) {
      order = permutation(wanted);
      epoch = wanted;
    }
    return order[position];
  }

  private int[] permutation(int ofEpoch) {
    KeyedRandom random = new KeyedRandom(KeyedRandom.key(seed, SHUFFLE, ofEpoch));
    int[] shuffled = new int[length];
    for (int i = 0; i < length; i++) {
      int j = random.nextInt(i + 1);
      shuffled[i] = shuffled[j];
      shuffled[j] = i;
    }
    return shuffled;
  }
}
