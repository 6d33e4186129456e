package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cuda.StandIns;
import dev.tenzing.engine.kernel.Backend;
import org.junit.jupiter.api.Tag;

/** The GPU's kernels and everything between them and Java, on the emulated GPU. */
@Tag("cuda")
class CudaConformanceTest extends Conformance {
  CudaConformanceTest() {
    super(threads -> backend(), 1);
  }

  private static Backend backend() {
    assumeTrue(StandIns.problem().isEmpty(), StandIns::problem);
    return StandIns.backend(Precision.FP32);
  }
}
