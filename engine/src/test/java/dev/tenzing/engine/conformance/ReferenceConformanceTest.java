package dev.tenzing.engine.conformance;

import dev.tenzing.engine.reference.ReferenceBackend;

/** The scalar reference. */
class ReferenceConformanceTest extends Conformance {
  ReferenceConformanceTest() {
    super(threads -> new ReferenceBackend(), 1);
  }
}
