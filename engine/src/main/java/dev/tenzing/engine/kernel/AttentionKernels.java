package dev.tenzing.engine.kernel;

/** Multi-head self-attention that stores no N x N array. lse is F32, all else has one type. */
public interface AttentionKernels {
  /** See {@link Attention}. */
  void forward(Attention call);

  /** See {@link AttentionBackward}. */
  void backward(AttentionBackward call);

  /**
   * {@code out[B,N,H*D] = softmax(scale q k^T) v} for qkv[B,N,3,H,D]; lse[B,H,N] receives the
   * log-sum-exp of each row of scaled logits.
   */
  record Attention(Operand qkv, Operand out, Operand lse, int B, int N, int H, int D, float scale)
      implements KernelCall {
    private static final int PRODUCTS = 2;

    @Override
    public Cost cost() {
      long bytes = qkv.bytes(3, B, N, H, D) + out.bytes(B, N, H, D) + lse.bytes(B, N, H);
      return attends(PRODUCTS, B, N, H, D, bytes);
    }
  }

  /** Gradient dqkv[B,N,3,H,D] of {@link Attention} from dout[B,N,H*D]. */
  record AttentionBackward(
      Operand qkv,
      Operand out,
      Operand dout,
      Operand lse,
      Operand dqkv,
      int B,
      int N,
      int H,
      int D,
      float scale)
      implements KernelCall {
    // Besides four gradients the scores are computed again, because nobody stores them;
    // FlashAttention counts the same.
    private static final int PRODUCTS = 5;

    @Override
    public Cost cost() {
      long packed = qkv.bytes(3, B, N, H, D) + dqkv.bytes(3, B, N, H, D);
      long rows = out.bytes(B, N, H, D) + dout.bytes(B, N, H, D) + lse.bytes(B, N, H);
      return attends(PRODUCTS, B, N, H, D, packed + rows);
    }
  }

  /** The cost of so many products of N x N x D for each head. */
  private static Cost attends(int products, int B, int N, int H, int D, long bytes) {
    String shape = B + "x" + N + "x" + H + "x" + D;
    return new Cost(shape, 2L * products * B * H * N * N * D, bytes);
  }
}
