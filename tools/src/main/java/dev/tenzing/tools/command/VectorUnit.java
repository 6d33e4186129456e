package dev.tenzing.tools.command;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.tenzing.engine.cpu.KernelChoice;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jdk.incubator.vector.FloatVector;

/**
 * The vector instructions that kernels run on, and why not better ones.
 *
 * @param bits width of a vector; 16, 8 or 4 floats of 32 bits
 * @param fma whether multiply and add are one instruction
 * @param kernels {@code vector}, or {@code scalar} where the JVM runs vector code badly
 * @param reason why, for people
 * @param tile what computes tiles of matrix products, and why; null for scalar kernels
 * @param bf16 what computes products in {@code --precision bf16}
 */
record VectorUnit(int bits, boolean fma, String kernels, String reason, String tile, String bf16) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** That of this JVM on this processor. */
  static VectorUnit current() {
    KernelChoice choice = KernelChoice.current();
    if (!choice.vector()) {
      return new VectorUnit(0, false, "scalar", choice.reason(), null, KernelChoice.bf16());
    }
    int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    boolean fma = flag("UseFMA").map(Boolean::parseBoolean).orElse(true);
    String reason = reason(bits, fma, flag("UseAVX"), cpuFlags());
    return new VectorUnit(bits, fma, "vector", reason, KernelChoice.tile(), KernelChoice.bf16());
  }

  /**
   * Explains a vector width.
   *
   * @param avx the JVM's UseAVX on x86: 0 SSE, 1 AVX, 2 AVX2, 3 AVX-512
   * @param cpu the processor's feature flags; empty when unknown
   */
  static String reason(int bits, boolean fma, Optional<String> avx, Set<String> cpu) {
    String unit =
        switch (avx.orElse("")) {
          case "3" -> "AVX-512";
          case "2" -> "AVX2";
          case "1" -> "AVX";
          case "0" -> "SSE";
          default -> "the processor's vector unit";
        };
    if (cpu.contains("avx512f") && bits < 512) {
      return "the JVM uses "
          + unit
          + " although the processor has AVX-512; remove -XX:UseAVX and"
          + " -XX:MaxVectorSize";
    }
    if (cpu.contains("avx2") && bits < 256) {
      return "the JVM uses "
          + unit
          + " although the processor has AVX2; remove -XX:UseAVX and"
          + " -XX:MaxVectorSize";
    }
    if (!fma) {
      return unit + " without fused multiply-add: at best half the speed";
    }
    return unit + " with fused multiply-add";
  }

  private static Optional<String> flag(String name) {
    HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return Optional.of(vm.getVMOption(name).getValue());
    } catch (IllegalArgumentException absent) {
      return Optional.empty(); // not a flag of this processor's JVM
    }
  }

  private static Set<String> cpuFlags() {
    try (var lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> Set.copyOf(List.of(line.substring(line.indexOf(':') + 1).trim().split(" "))))
          .orElse(Set.of());
    } catch (IOException notLinux) {
      return Set.of();
    }
  }
}
