package dev.tenzing.jmh;

import dev.tenzing.engine.kernel.Cost;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What was computed and moved, which JMH divides by the time it took. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Rate {
  /** Billions of floating-point operations of matrix products. */
  public double gflop;

  /** Billions of bytes that must be read and written at least once. */
  public double gb;

  void add(Cost cost) {
    gflop += cost.flops() / 1e9;
    gb += cost.bytes() / 1e9;
  }
}
