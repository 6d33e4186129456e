package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cuda.StandIns;
import dev.tenzing.engine.kernel.Backend;
import org.junit.jupiter.api.Tag;

/** The same with activations in BF16. */
@Tag("cuda")
class CudaBf16ConformanceTest extends Conformance {
  CudaBf16ConformanceTest() {
    super(threads -> backend(), 1);
  }

  private static Backend backend() {
    assumeTrue(StandIns.problem().isEmpty(), StandIns::problem);
    return StandIns.backend(Precision.BF16);
  }
}
