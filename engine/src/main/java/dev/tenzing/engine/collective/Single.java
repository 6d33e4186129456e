package dev.tenzing.engine.collective;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.ShapeException;
import dev.tenzing.engine.Tensor;

/** One process alone: sums are what they are, and nobody is waited for. */
public final class Single implements Collective {
  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public void sum(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.dtype() != DType.F32) {
        throw new ShapeException("sum: needs F32, " + tensor + " is " + tensor.dtype());
      }
    }
  }

  @Override
  public void broadcast(int root, Tensor... tensors) {
    if (root != 0) {
      throw new IllegalArgumentException("broadcast: there is no rank " + root + " of 1");
    }
  }

  @Override
  public void barrier() {}

  @Override
  public void abort(String reason) {}

  @Override
  public void close() {}
}
