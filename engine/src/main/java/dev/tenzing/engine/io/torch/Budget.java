package dev.tenzing.engine.io.torch;

import java.util.Locale;

/**
 * How much a file may still ask for. A pickle repeats itself through its memo, so that a few bytes
 * could ask for any amount of memory or time.
 */
final class Budget {
  // A tensor takes about 35, and one with its optimiser's state 150.
  private static final long STEPS = 4_000_000;

  private final Complaints complaints;
  private long steps = STEPS;
  private long bytes;

  Budget(long fileSize, Complaints complaints) {
    this.bytes = fileSize + (1 << 20);
    this.complaints = complaints;
  }

  /** Takes instructions or values. */
  void steps(long count) {
    steps -= count;
    if (steps < 0) {
      throw complaints.damaged(
          String.format(
              Locale.ROOT,
              "its pickle takes more than %,d steps, which no checkpoint needs",
              STEPS));
    }
  }

  /** Takes bytes that are copies of others. */
  void bytes(long count) {
    bytes -= count;
    if (bytes < 0) {
      throw complaints.damaged("its pickle unfolds into more bytes than the file has");
    }
  }
}
