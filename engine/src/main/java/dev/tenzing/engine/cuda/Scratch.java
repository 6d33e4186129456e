package dev.tenzing.engine.cuda;

/**
 * Device memory of undefined content that grows with what is asked for. What was handed out before
 * stays valid until the back end is closed: a captured graph may hold its address.
 */
final class Scratch {
  private static final long SMALLEST = 1 << 20;
  private static final int SLACK = 8;

  private final Launcher launcher;
  private long address;
  private long bytes;

  Scratch(Launcher launcher) {
    this.launcher = launcher;
  }

  /** An address, aligned to 256 bytes; its content is that of the last caller's. */
  long of(long wanted) {
    if (wanted > bytes) {
      bytes = Math.max(SMALLEST, wanted + wanted / SLACK);
      address = launcher.reserve(bytes);
    }
    return address;
  }
}
