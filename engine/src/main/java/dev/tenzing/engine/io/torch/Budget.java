package dev.tenzing.engine.io.torch;

import java.util.Locale;

/**
 * How much a file may still ask for. A pickle repeats itself through its memo, so that a few bytes
 * could ask for any amount of memory or time; what it gets follows from how long it is.
 */
final class Budget {
  // A tensor takes about 35, and one with its optimiser's state 150.
  private static final long STEPS = 4_000_000;

  // A tensor takes 2 to 3 KB of heap for its 150 bytes of pickle.
  private static final long LEAST_HEAP = 24L << 20;
  private static final long MOST_HEAP = 96L << 20;
  private static final int HEAP_PER_BYTE = 32;

  private static final long LEAST_UNFOLDED = 100_000;
  private static final long MOST_UNFOLDED = 1_000_000;
  private static final long LEAST_TEXT = 1 << 20;
  private static final long LEAST_TENSOR_BYTES = 1L << 30;

  private final Complaints complaints;
  private final long fileSize;
  private long steps = STEPS;
  private long copies;
  private long read;
  private long heap;

  Budget(long fileSize, Complaints complaints) {
    this.fileSize = fileSize;
    this.copies = fileSize + (1 << 20);
    this.complaints = complaints;
  }

  /** Grants what {@code count} more bytes of pickle may ask for. */
  void read(long count) {
    read += count;
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

  /** Takes about that many bytes of heap. */
  void heap(long count) {
    heap += count;
    if (heap > Math.min(LEAST_HEAP + HEAP_PER_BYTE * read, MOST_HEAP + 2 * read)) {
      throw complaints.damaged(
          "its pickle of %s bytes asks for more memory than any checkpoint of its length"
              .formatted(read));
    }
  }

  /** Takes bytes that are copies of others. */
  void bytes(long count) {
    copies -= count;
    if (copies < 0) {
      throw complaints.damaged("its pickle unfolds into more bytes than the file has");
    }
    heap(count);
  }

  /** Checks how many values there are as if none were shared. */
  void unfolded(long values) {
    if (values > Math.min(MOST_UNFOLDED, LEAST_UNFOLDED + 2 * read)) {
      throw complaints.damaged(
          "it unfolds into more than %s values, which no checkpoint of its length has"
              .formatted(values - 1));
    }
  }

  /** Checks how much text there is as if none were shared. */
  void unfoldedText(long letters) {
    if (letters > LEAST_TEXT + 4 * read) {
      throw complaints.damaged(
          "it unfolds into more than %s letters of text, which no checkpoint of its length has"
              .formatted(LEAST_TEXT + 4 * read));
    }
  }

  /** Checks how many bytes all tensors have as if none shared a storage. */
  void tensorBytes(long bytes) {
    if (bytes < 0 || bytes > LEAST_TENSOR_BYTES + 8 * fileSize) {
      throw complaints.damaged(
          "its tensors unfold into more than %s bytes, where the file has %s"
              .formatted(LEAST_TENSOR_BYTES + 8 * fileSize, fileSize));
    }
  }
}
