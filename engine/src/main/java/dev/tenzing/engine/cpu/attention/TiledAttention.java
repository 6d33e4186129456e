package dev.tenzing.engine.cpu.attention;

import dev.tenzing.engine.cpu.gemm.Tile;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.kernel.AttentionKernels;

/**
 * Multi-head attention that never stores N x N: tiles of logits are made, used and forgotten.
 *
 * <p>The method is that of Dao et al., "FlashAttention" (2022): the forward keeps a running maximum
 * and sum of each row, the backward makes the probabilities again from the saved log-sum-exp. All
 * products are {@link Tile}s over operands that one task packs for one head.
 *
 * <p>Arguments are addresses; qkv and dqkv are [B, N, 3, H, D], out and dout [B, N, H * D], lse [B,
 * H, N], all F32. D is at most {@link Tile#DEPTH}.
 */
public final class TiledAttention implements AttentionKernels {
  private final WorkerPool pool;

  public TiledAttention(WorkerPool pool) {
    this.pool = pool;
  }

  /** {@code out = softmax(scale q k^T) v}; lse receives the log-sum-exp of each row of logits. */
  @Override
  public void forward(Attention call) {
    new AttentionForward(
            pool,
            call.qkv().address(),
            call.out().address(),
            call.lse().address(),
            layout(call.B(), call.N(), call.H(), call.D()),
            call.scale())
        .run();
  }

  /** Gradient dqkv from dout and from what {@link #forward} left in out and lse. */
  @Override
  public void backward(AttentionBackward call) {
    new AttentionGradients(
            pool,
            call.qkv().address(),
            call.out().address(),
            call.dout().address(),
            call.lse().address(),
            call.dqkv().address(),
            layout(call.B(), call.N(), call.H(), call.D()),
            call.scale())
        .run();
  }

  private static Layout layout(int B, int N, int H, int D) {
    if (D > Tile.DEPTH) {
      throw new IllegalArgumentException(
          "attention: the head size must be at most " + Tile.DEPTH + ", got " + D);
    }
    return new Layout(B, N, H, D);
  }

  /** Where the rows of a head are. A head is numbered b * H + h. */
  public record Layout(int B, int N, int H, int D) {
    /** Elements from a token of qkv to the next. */
    long qkvStride() {
      return 3L * H * D;
    }

    /** Elements from a token of out to the next. */
    long outStride() {
      return (long) H * D;
    }

    int heads() {
      return B * H;
    }

    /** Row n of q (part 0), k (1) or v (2). */
    long qkv(long address, int head, int part, int n) {
      long token = (long) (head / H) * N + n;
      return address + 4 * (((token * 3 + part) * H + head % H) * D);
    }

    /** Row n of out. */
    long out(long address, int head, int n) {
      return address + 4 * ((((long) (head / H) * N + n) * H + head % H) * D);
    }

    /** Log-sum-exp of row n. */
    long lse(long address, int head, int n) {
      return address + 4 * ((long) head * N + n);
    }
  }
}
