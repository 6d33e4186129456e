package dev.tenzing.engine.cpu;

import dev.tenzing.engine.cpu.gemm.MachineKernels;
import dev.tenzing.engine.cpu.gemm.Tile;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether this JVM runs vector code well, decided once.
 *
 * <p>In the interpreter and under C1 alone vector code is several times slower than plain loops, so
 * the scalar reference is used there.
 *
 * @param vector whether the Vector API kernels are used
 * @param reason why, for people
 */
public record KernelChoice(boolean vector, String reason) {
  private static final KernelChoice CURRENT = decide();

  private static final AtomicBoolean WARNED = new AtomicBoolean();

  /** The choice for this JVM. */
  public static KernelChoice current() {
    return CURRENT;
  }

  /**
   * Says on stderr, once, that plain loops compute and why: they are tens of times slower, which
   * nobody would take for a missing flag.
   */
  static void warnWhenSlow() {
    if (!CURRENT.vector && WARNED.compareAndSet(false, true)) {
      System.err.println("tenzing: plain loops compute, many times slower: " + CURRENT.reason);
    }
  }

  /** What computes tiles of matrix products where vector kernels are used, for people. */
  public static String tile() {
    String size = Tile.ROWS + "x" + Tile.COLUMNS;
    return MachineKernels.PRESENT
        ? "machine code, " + size + ": " + MachineKernels.REASON
        : "Vector API, " + size + ", no machine code: " + MachineKernels.REASON;
  }

  /** Whether products in BF16 are computed in F32 after rounding, so no faster. */
  public static boolean emulatesBf16() {
    return !CURRENT.vector || !MachineKernels.BF16;
  }

  /** What computes products in BF16, for people. */
  public static String bf16() {
    return emulatesBf16()
        ? "emulated, no faster than fp32: without AVX512-BF16 factors are rounded and multiplied in"
            + " F32"
        : "AVX512-BF16";
  }

  private static KernelChoice decide() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return new KernelChoice(
          false, "the Vector API is absent: start java with --add-modules=jdk.incubator.vector");
    }
    String vm = System.getProperty("java.vm.name", "");
    if (!vm.contains("HotSpot") && !vm.contains("OpenJDK")) {
      return new KernelChoice(false, "the JVM (" + vm + ") is not HotSpot");
    }
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.equals("-Xint") || flag.matches("-XX:TieredStopAtLevel=[0-3]")) {
        return new KernelChoice(
            false, "the JVM runs without its optimising compiler (" + flag + ")");
      }
    }
    return new KernelChoice(true, "Vector API");
  }
}
