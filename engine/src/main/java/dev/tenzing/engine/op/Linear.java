package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;
import static dev.tenzing.engine.kernel.Operand.optional;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.LinearKernels;
import dev.tenzing.engine.kernel.PointwiseKernels;
import dev.tenzing.engine.kernel.ReductionKernels;

/** {@code y = x W^T + b}, optionally plus a residual: one GEMM with its epilogue. */
public final class Linear {
  private Linear() {}

  /**
   * Applies a linear layer to the last dimension.
   *
   * @param x [..., K]
   * @param weight [N, K]
   * @param bias [N] or null
   * @return [..., N]
   */
  public static Tensor apply(Tensor x, Tensor weight, Tensor bias) {
    return apply(x, weight, bias, null);
  }

  /**
   * Applies a linear layer and adds a residual: {@code y = x W^T + b + residual}.
   *
   * @param residual [..., N] or null
   */
  public static Tensor apply(Tensor x, Tensor weight, Tensor bias, Tensor residual) {
    return apply(x, weight, bias, residual, DType.F32);
  }

  /**
   * {@link #apply(Tensor, Tensor, Tensor)} whose result goes into further products only, so that it
   * is of the type of {@linkplain Device#activations() activations}.
   */
  public static Tensor activation(Tensor x, Tensor weight, Tensor bias) {
    return apply(x, weight, bias, null, x.device().activations());
  }

  private static Tensor apply(Tensor x, Tensor weight, Tensor bias, Tensor residual, DType type) {
    Device device = Expect.sameDevice("linear", x, weight, bias, residual);
    Expect.shape("linear", "weight", weight, -1, -1);
    long k = x.dim(-1);
    Expect.that(weight.dim(1) == k, "linear: inner sizes differ, x=%s weight=%s", x, weight);
    Expect.shape("linear", "bias", bias, weight.dim(0));
    Expect.activation("linear", "x", x);
    Expect.dtype("linear", "weight", weight, DType.F32);
    Expect.dtype("linear", "bias", bias, DType.F32);
    Expect.dtype("linear", "residual", residual, DType.F32);
    Tensor y = device.empty(type, x.shape().with(-1, weight.dim(0)));
    if (residual != null) {
      Expect.shape("linear", "residual", residual, y.shape().toArray());
    }
    int rows = Expect.size("linear", x.shape().rows());
    int n = Expect.size("linear", weight.dim(0));
    int inner = Expect.size("linear", k);
    device
        .kernels()
        .linear()
        .forward(
            new LinearKernels.Linear(
                of(x), of(weight), optional(bias), optional(residual), of(y), rows, n, inner));
    device.record(
        "linear",
        y,
        (gradients, dy) -> {
          backward(gradients, dy, x, weight, bias, rows, n, inner);
          if (residual != null) {
            gradients.pass(residual, dy);
          }
        },
        x,
        weight,
        bias,
        residual);
    return y;
  }

  /**
   * Adds the gradients of x, weight and bias of a linear layer; shared with the operations that
   * fuse one.
   */
  static void backward(
      Gradients gradients,
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor bias,
      int rows,
      int n,
      int inner) {
    var kernels = dy.device().kernels();
    Gradients.Slot dw = gradients.wants(weight) ? gradients.slot(weight) : null;
    Gradients.Slot db = gradients.wants(bias) ? gradients.slot(bias) : null;
    Tensor factor = dw != null && gradients.wants(x) ? rounded(dy) : dy;
    // The bias takes its gradient as it came.
    boolean together =
        factor == dy && dw != null && db != null && dw.accumulate() == db.accumulate();
    if (dw != null) {
      kernels
          .linear()
          .backwardWeight(
              new LinearKernels.LinearBackwardWeight(
                  of(factor), of(x), of(dw), of(together ? db : null), rows, n, inner));
    }
    if (db != null && !together) {
      kernels.reductions().sumRows(new ReductionKernels.SumRows(of(dy), of(db), rows, n));
    }
    if (gradients.wants(x)) {
      Gradients.Slot dx = gradients.slot(x);
      kernels
          .linear()
          .backwardInput(
              new LinearKernels.LinearBackwardInput(
                  of(factor), of(weight), of(dx), rows, n, inner));
    }
    if (factor != dy) {
      factor.close();
    }
  }

  /**
   * A gradient that two products take, in the type of activations: otherwise both would round it.
   */
  private static Tensor rounded(Tensor dy) {
    Device device = dy.device();
    if (dy.dtype() == device.activations()) {
      return dy;
    }
    Tensor y = device.empty(device.activations(), dy.shape());
    device.kernels().pointwise().cast(new PointwiseKernels.Cast(of(dy), of(y), dy.size()));
    return y;
  }

  /** Multiply-adds of the forward. */
  public static long macs(long rows, long n, long inner) {
    return rows * n * inner;
  }
}
