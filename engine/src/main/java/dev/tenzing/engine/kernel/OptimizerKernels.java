package dev.tenzing.engine.kernel;

import java.util.List;

/** What updates parameters; many arrays in one call. All are F32. */
public interface OptimizerKernels {
  /** What PyTorch's {@code clip_grad_norm_} adds to the norm. */
  double NORM_EPSILON = 1e-6;

  /** See {@link GlobalNorm}. */
  void globalNorm(GlobalNorm call);

  /** See {@link AdamW}. */
  void adamW(AdamW call);

  /**
   * {@code norm = sqrt(sum of squares)} over the gradients of several parameters, summed in double
   * precision in a fixed order.
   */
  record GlobalNorm(List<Parameter> parameters, Operand norm) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(4 * elements(parameters) + norm.bytes(1));
    }
  }

  /**
   * A parameter, as addresses of its n elements.
   *
   * @param p its values
   * @param g their gradient
   * @param m first moment of AdamW
   * @param v second moment of AdamW
   * @param lr its learning rate
   * @param weightDecay its decay
   * @param step how many updates it has had with this one
   */
  record Parameter(
      long p, long g, long m, long v, long n, double lr, double weightDecay, long step) {
    /** An array whose norm is asked for only. */
    public static Parameter gradient(long g, long n) {
      return new Parameter(0, g, 0, 0, n, 0, 0, 0);
    }
  }

  /**
   * One AdamW update (Loshchilov & Hutter, 2019) of several parameters: g is first multiplied by
   * min(1, maxNorm / (norm + 1e-6)) when maxNorm is positive; then {@code p *= 1 - lr wd; m = b1 m
   * + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) +
   * eps)} with t the parameter's step.
   *
   * @param norm the gradients' norm, read only when maxNorm is positive
   */
  record AdamW(
      List<Parameter> parameters,
      double beta1,
      double beta2,
      double eps,
      Operand norm,
      double maxNorm)
      implements KernelCall {
    @Override
    public Cost cost() {
      // Parameter and moments are read and written, the gradient is read.
      return Cost.moving(4 * 7 * elements(parameters) + (maxNorm > 0 ? norm.bytes(1) : 0));
    }
  }

  private static long elements(List<Parameter> parameters) {
    return parameters.stream().mapToLong(Parameter::n).sum();
  }
}
