package dev.tenzing.tools.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VectorUnitTest {
  @Test
  void reasons() {
    Set<String> wide = Set.of("fma", "avx2", "avx512f");
    assertEquals(
        "AVX-512 with fused multiply-add", VectorUnit.reason(512, true, Optional.of("3"), wide));
    assertTrue(
        VectorUnit.reason(256, true, Optional.of("2"), wide)
            .startsWith("the JVM uses AVX2 although the processor has AVX-512"));
    assertTrue(
        VectorUnit.reason(128, true, Optional.of("0"), Set.of("avx2"))
            .startsWith("the JVM uses SSE although the processor has AVX2"));
    assertEquals(
        "AVX without fused multiply-add: at best half the speed",
        VectorUnit.reason(256, false, Optional.of("1"), Set.of()));
    assertEquals(
        "the processor's vector unit with fused multiply-add",
        VectorUnit.reason(128, true, Optional.empty(), Set.of()));
  }

  @Test
  void thisMachineHasOne() {
    VectorUnit unit = VectorUnit.current();
    assertTrue(unit.kernels().equals("scalar") || unit.bits() >= 64, unit.toString());
  }
}
