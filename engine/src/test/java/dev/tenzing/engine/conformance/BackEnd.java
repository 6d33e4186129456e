package dev.tenzing.engine.conformance;

import dev.tenzing.engine.cpu.CpuBackend;
import dev.tenzing.engine.kernel.Backend;
import java.util.function.IntFunction;

/** The back ends under test. */
enum BackEnd {
  REFERENCE(1, threads -> CpuBackend.reference()),
  VECTOR(3, CpuBackend::create);

  private final int threads;
  private final IntFunction<Backend> create;

  BackEnd(int threads, IntFunction<Backend> create) {
    this.threads = threads;
    this.create = create;
  }

  /** The most host threads it is tested with. */
  int threads() {
    return threads;
  }

  /** A new instance with that many host threads. */
  WatchedBackend open(int threads) {
    return new WatchedBackend(create.apply(threads));
  }
}
