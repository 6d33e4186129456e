package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.RankingKernels;

/** The order that sorts each row; equal keys keep the lower index first. It has no backward. */
public final class Argsort {
  private Argsort() {}

  /**
   * Sorts rows by index.
   *
   * @param keys [M, N]
   * @return I32 [M, N]
   */
  public static Tensor apply(Tensor keys, boolean descending) {
    Device device = keys.device();
    Expect.dtype("argsort", "keys", keys, DType.F32);
    Expect.shape("argsort", "keys", keys, -1, -1);
    Tensor order = device.empty(DType.I32, keys.shape());
    device
        .kernels()
        .ranking()
        .argsort(
            new RankingKernels.Argsort(
                of(keys),
                of(order),
                Expect.size("argsort", keys.dim(0)),
                Expect.size("argsort", keys.dim(1)),
                descending));
    return order;
  }
}
