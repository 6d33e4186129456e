package dev.tenzing.video.load;

/**
 * Hands out numbered work to several threads and gives the results back in the order of the
 * numbers, with a bounded distance between the first number not yet taken back and the last one
 * handed out.
 *
 * @param <R> a result
 */
final class Window<R> {
  private final Object[] results;
  private final long end;
  private long claimed;
  private long taken;

  /**
   * @param first number of the first piece of work
   * @param end number after the last
   */
  Window(long first, long end, int capacity) {
    this.results = new Object[capacity];
    this.claimed = first;
    this.taken = first;
    this.end = end;
  }

  int capacity() {
    return results.length;
  }

  /** The next number to work on, when there is room for its result; -1 after the last. */
  synchronized long claim() throws InterruptedException {
    while (claimed < end && claimed - taken >= results.length) {
      wait();
    }
    return claimed < end ? claimed++ : -1;
  }

  synchronized void put(long number, R result) {
    results[(int) (number % results.length)] = result;
    notifyAll();
  }

  /**
   * The result of the first number that was not yet released, when it is there; null at the end.
   */
  @SuppressWarnings("unchecked")
  synchronized R first() throws InterruptedException {
    if (taken == end) {
      return null;
    }
    int slot = (int) (taken % results.length);
    while (results[slot] == null) {
      wait();
    }
    return (R) results[slot];
  }

  /** Makes room: the result that {@link #first} gave is not used any more. */
  synchronized void release() {
    results[(int) (taken % results.length)] = null;
    taken++;
    notifyAll();
  }
}
