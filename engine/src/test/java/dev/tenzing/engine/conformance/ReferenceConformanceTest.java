package dev.tenzing.engine.conformance;

import dev.tenzing.engine.cpu.CpuBackend;

/** The scalar reference. */
class ReferenceConformanceTest extends Conformance {
  ReferenceConformanceTest() {
    super(threads -> CpuBackend.reference(), 1);
  }
}
