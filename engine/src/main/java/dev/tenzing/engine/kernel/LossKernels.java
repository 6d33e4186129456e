package dev.tenzing.engine.kernel;

/** Losses that are summed in double precision, in row order. dloss is one F32. */
public interface LossKernels {
  /** See {@link SquaredError}. */
  void squaredError(SquaredError call);

  /** See {@link SquaredErrorBackward}. */
  void squaredErrorBackward(SquaredErrorBackward call);

  /** See {@link SoftTargetCrossEntropy}. */
  void crossEntropy(SoftTargetCrossEntropy call);

  /** See {@link SoftTargetCrossEntropyBackward}. */
  void crossEntropyBackward(SoftTargetCrossEntropyBackward call);

  /**
   * {@code loss = scale * sum over M rows of weight[m] * sum over C of (x - target)^2}; weight is
   * optional.
   */
  record SquaredError(
      Operand x, Operand target, Operand weight, Operand loss, int M, int C, double scale)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(M, C) + target.bytes(M, C) + weight.bytes(M) + loss.bytes(1));
    }
  }

  /** {@code dx (+)= dloss * 2 scale weight[m] (x - target)}. */
  record SquaredErrorBackward(
      Operand dloss,
      Operand x,
      Operand target,
      Operand weight,
      Operand dx,
      int M,
      int C,
      double scale)
      implements KernelCall {
    @Override
    public Cost cost() {
      long inputs = dloss.bytes(1) + x.bytes(M, C) + target.bytes(M, C) + weight.bytes(M);
      return Cost.moving(inputs + dx.bytes(M, C));
    }
  }

  /**
   * {@code loss = mean over M rows of -sum over C of target log softmax(logits)}; also keeps
   * logProbability[M,C].
   */
  record SoftTargetCrossEntropy(
      Operand logits, Operand target, Operand logProbability, Operand loss, int M, int C)
      implements KernelCall {
    @Override
    public Cost cost() {
      long inputs = logits.bytes(M, C) + target.bytes(M, C);
      return Cost.moving(inputs + logProbability.bytes(M, C) + loss.bytes(1));
    }
  }

  /** {@code dlogits (+)= dloss (exp(logProbability) sum(target) - target) / M}. */
  record SoftTargetCrossEntropyBackward(
      Operand dloss, Operand logProbability, Operand target, Operand dlogits, int M, int C)
      implements KernelCall {
    @Override
    public Cost cost() {
      long inputs = dloss.bytes(1) + logProbability.bytes(M, C) + target.bytes(M, C);
      return Cost.moving(inputs + dlogits.bytes(M, C));
    }
  }
}
