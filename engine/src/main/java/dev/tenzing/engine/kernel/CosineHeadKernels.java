package dev.tenzing.engine.kernel;

/** Queries and keys of cosine attention. Scales are F32, all else has one type. */
public interface CosineHeadKernels {
  /** See {@link CosineHeads}. */
  void forward(CosineHeads call);

  /** See {@link CosineHeadsBackward}. */
  void backward(CosineHeadsBackward call);

  /**
   * What cosine attention gives to {@link AttentionKernels}, y[M,3,H,D] from x[M,3,H,D]: queries
   * and keys divided by max(L2 norm, 1e-12), queries also multiplied by {@code e^min(scale[h],
   * maxScale)}, values as they are.
   */
  record CosineHeads(Operand x, Operand scale, Operand y, int M, int H, int D, float maxScale)
      implements KernelCall {
    /** Smallest norm that is divided by, as PyTorch's {@code F.normalize}. */
    public static final double MIN_NORM = 1e-12;

    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(3, M, H, D) + y.bytes(3, M, H, D) + scale.bytes(H));
    }
  }

  /**
   * Gradients of {@link CosineHeads}: dx[M,3,H,D], which may be dy, and dscale[H] (+)=, which is
   * optional and gets nothing where the scale is above the maximum.
   */
  record CosineHeadsBackward(
      Operand x,
      Operand scale,
      Operand dy,
      Operand dx,
      Operand dscale,
      int M,
      int H,
      int D,
      float maxScale)
      implements KernelCall {
    @Override
    public Cost cost() {
      long rows = x.bytes(3, M, H, D) + dy.bytes(3, M, H, D) + dx.bytes(3, M, H, D);
      return Cost.moving(rows + scale.bytes(H) + dscale.bytes(H));
    }
  }
}
