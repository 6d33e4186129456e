package dev.tenzing.video.transform;

import java.lang.management.ManagementFactory;

/** The two passes of resizing RGB24 pictures, a row at a time. */
interface Rows {
  /** Bytes that must be readable after the end of a line. */
  int SLACK = 64;

  /** The quickest for this JVM. */
  Rows BEST = vectorsPay() ? new VectorRows() : new PlainRows();

  /**
   * Scales a line.
   *
   * @param line pixels of the input, with {@link #SLACK} bytes after them
   * @param out where the output goes
   * @param at from where on
   */
  void across(byte[] line, Filter filter, byte[] out, int at);

  /**
   * Makes one row out of several.
   *
   * @param rows of the input, {@code out.length} bytes each
   * @param y row of the output
   */
  void down(byte[] rows, Filter filter, int y, byte[] out);

  /** Without the Vector API's module and the optimising compiler, plain loops are faster. */
  private static boolean vectorsPay() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        && ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .noneMatch(flag -> flag.equals("-Xint") || flag.matches("-XX:TieredStopAtLevel=[0-3]"))
        && VectorRows.wideEnough();
  }
}
