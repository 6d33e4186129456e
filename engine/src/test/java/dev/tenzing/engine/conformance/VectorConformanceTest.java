package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cpu.CpuBackend;
import dev.tenzing.engine.cpu.KernelChoice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The Vector API kernels. */
@Tag("kernels")
class VectorConformanceTest extends Conformance {
  VectorConformanceTest() {
    super(threads -> CpuBackend.create(threads, Precision.FP32), 3);
  }

  @BeforeAll
  void isWhatRuns() {
    assertTrue(KernelChoice.current().vector(), KernelChoice.current().reason());
  }
}
