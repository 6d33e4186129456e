package dev.tenzing.engine;

import java.util.Locale;

/**
 * A device has no room for a tensor; the message says what was asked, what is in use and what
 * lowers it.
 */
public final class OutOfDeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OutOfDeviceMemoryException(String device, long requested, MemoryUsage usage, long limit) {
    super(
        "%s is out of memory: asked for %s with %s in use (peak %s) of %s; a smaller batch, gradient accumulation, recompute or a smaller model lowers it"
            .formatted(
                device, mib(requested), mib(usage.current()), mib(usage.peak()), mib(limit)));
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }
}
