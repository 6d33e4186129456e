package dev.tenzing.engine.kernel;

/** Divergence of softened classes, in double precision and in row order. */
public interface DivergenceKernels {
  /** See {@link KlDivergence}. */
  void forward(KlDivergence call);

  /** See {@link KlDivergenceBackward}. */
  void backward(KlDivergenceBackward call);

  /**
   * {@code loss = T^2 mean over M rows of KL(p || q)} with p = softmax(teacher / T) and q =
   * softmax(student / T), or of KL(q || p) in reverse; T is the temperature.
   */
  record KlDivergence(
      Operand student,
      Operand teacher,
      Operand loss,
      int M,
      int C,
      float temperature,
      boolean reverse)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(student.bytes(M, C) + teacher.bytes(M, C) + loss.bytes(1));
    }
  }

  /** Gradient dstudent[M,C] (+)= of {@link KlDivergence}; dloss is one F32. */
  record KlDivergenceBackward(
      Operand dloss,
      Operand student,
      Operand teacher,
      Operand dstudent,
      int M,
      int C,
      float temperature,
      boolean reverse)
      implements KernelCall {
    @Override
    public Cost cost() {
      long inputs = dloss.bytes(1) + student.bytes(M, C) + teacher.bytes(M, C);
      return Cost.moving(inputs + dstudent.bytes(M, C));
    }
  }
}
