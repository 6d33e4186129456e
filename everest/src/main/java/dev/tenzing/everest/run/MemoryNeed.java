package dev.tenzing.everest.run;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Bytes that a run will take.
 *
 * @param tensors on the device
 * @param onHost whether the device's memory is that of the machine
 * @param batches of clips that wait for the trainer
 * @param frames decoded frames that are kept
 * @param heap that Java may yet take
 */
public record MemoryNeed(long tensors, boolean onHost, long batches, long frames, long heap) {
  /** What Java's heap grows to in training, which keeps its numbers outside of it. */
  private static final long HEAP = 192L << 20;

  private static final double MIB = 1024.0 * 1024.0;

  /** That of a run whose heap is this process's. */
  public static MemoryNeed of(long tensors, boolean onHost, long batches, long frames) {
    long heap = Math.max(0, HEAP - Runtime.getRuntime().totalMemory());
    return new MemoryNeed(tensors, onHost, batches, frames, heap);
  }

  /** Bytes of the machine's memory. */
  public long host() {
    return (onHost ? tensors : 0) + batches + frames + heap;
  }

  /**
   * Why there is too little.
   *
   * @param deviceLimit bytes that the device's tensors may take
   * @param available bytes of the machine that can be taken now
   * @return a sentence with what is needed, what there is, and what helps; empty when it is enough
   */
  public Optional<String> tooMuch(long deviceLimit, OptionalLong available) {
    if (tensors > deviceLimit) {
      return Optional.of(
          "a step takes %s MiB of tensors, and the device has %s MiB; %s"
              .formatted(mib(tensors), mib(deviceLimit), SMALLER));
    }
    if (available.isPresent() && host() > available.getAsLong()) {
      return Optional.of(
          "training takes %s MiB of memory (%sbatches of clips %s, --cache-mib %s, Java %s), and %s MiB are free; %s"
              .formatted(
                  mib(host()),
                  onHost ? "tensors " + mib(tensors) + ", " : "",
                  mib(batches),
                  mib(frames),
                  mib(heap),
                  mib(available.getAsLong()),
                  frames > 0 && host() - frames <= available.getAsLong()
                      ? "give a smaller --cache-mib"
                      : SMALLER));
    }
    return Optional.empty();
  }

  private static final String SMALLER =
      "give a smaller --batch, with --accumulate for as many videos a step or --fit to have it"
          + " split, or --recompute";

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%,d", Math.round(bytes / MIB));
  }
}
