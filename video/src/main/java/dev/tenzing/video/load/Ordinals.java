package dev.tenzing.video.load;

/**
 * Counts the good ones among numbered pieces of work that several threads look at. Threads must
 * claim the numbers in their order and ask for each once: then the lowest never waits.
 */
final class Ordinals {
  private long number;
  private long good;

  /**
   * @param first number of the first piece of work
   */
  Ordinals(long first) {
    number = first;
  }

  /**
   * How many good ones come before this one; waits until that is known.
   *
   * @param isGood whether this one is
   */
  synchronized long next(long ticket, boolean isGood) throws InterruptedException {
    while (number < ticket) {
      wait();
    }
    long before = good;
    good += isGood ? 1 : 0;
    number++;
    notifyAll();
    return before;
  }
}
