package dev.tenzing.engine.kernel;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Precision;
import java.util.Optional;

/** A kind of hardware that computes: where its memory comes from and what runs on it. */
public interface Backend extends AutoCloseable {
  /** Name for people and messages, such as {@code cpu} or {@code cuda:0}. */
  String name();

  /** Source of raw memory; the caching allocator above it calls it only on a miss. */
  RawMemory memory();

  /** The kernels of this back end. */
  Kernels kernels();

  /** What records its work, where it can. */
  default Optional<Graphs> graphs() {
    return Optional.empty();
  }

  /** The type of the activations between matrix products, F32 or BF16. */
  default DType activations() {
    return DType.F32;
  }

  /** With how many bits it computes. */
  default Precision precision() {
    return activations() == DType.BF16 ? Precision.BF16 : Precision.FP32;
  }

  /** Waits until all kernels and copies are done; at once where calls return when they are. */
  default void synchronize() {}

  /**
   * Floating-point operations a second that all of its threads reach on registers alone, measured
   * now, two a multiply-add; NaN where it cannot tell.
   */
  default double peakFlops() {
    return Double.NaN;
  }

  @Override
  void close();
}
