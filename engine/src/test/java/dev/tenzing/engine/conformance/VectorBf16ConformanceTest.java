package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cpu.CpuBackend;
import dev.tenzing.engine.cpu.KernelChoice;
import org.junit.jupiter.api.BeforeAll;

/** The Vector API kernels with linear layers in BF16. */
class VectorBf16ConformanceTest extends Conformance {
  VectorBf16ConformanceTest() {
    super(threads -> CpuBackend.create(threads, Precision.BF16), 4);
  }

  @BeforeAll
  void isWhatRuns() {
    assertTrue(KernelChoice.current().vector(), KernelChoice.current().reason());
  }
}
