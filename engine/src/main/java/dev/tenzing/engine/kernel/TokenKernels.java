package dev.tenzing.engine.kernel;

/** Moving rows of tokens. Indices are I32, tables F32. */
public interface TokenKernels {
  /** See {@link FirstOutOfRange}. */
  long firstOutOfRange(FirstOutOfRange call);

  /** See {@link GatherTokens}. */
  void gather(GatherTokens call);

  /** See {@link GatherTokensBackward}. */
  void gatherBackward(GatherTokensBackward call);

  /** See {@link AddRows}. */
  void addRows(AddRows call);

  /** See {@link CopyRows}. */
  void copyRows(CopyRows call);

  /**
   * The place of the first of {@code count} indices that is not in 0..limit-1, or -1. Operations
   * ask before they hand indices to a kernel, which would read or write foreign memory; a back end
   * whose memory the host cannot read without waiting answers -1 and guards in its kernels.
   */
  record FirstOutOfRange(Operand index, long count, int limit) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(index.bytes(count));
    }
  }

  /** {@code y[b,m,:] = x[b,index[b,m],:]} for x[B,N,C] and index[B,M]. */
  record GatherTokens(Operand x, Operand index, Operand y, int B, int N, int M, int C)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(B, M, C) + index.bytes(B, M) + y.bytes(B, M, C));
    }
  }

  /**
   * {@code dx[b,index[b,m],:] (+)= dy[b,m,:]}; unless it is added to, the other rows of dx become
   * zero. Repeated indices add up.
   */
  record GatherTokensBackward(Operand dy, Operand index, Operand dx, int B, int N, int M, int C)
      implements KernelCall {
    @Override
    public Cost cost() {
      // What is added to stays as it is where nothing arrives.
      long written = dx.bytes(B, dx.accumulate() ? M : N, C);
      return Cost.moving(dy.bytes(B, M, C) + index.bytes(B, M) + written);
    }
  }

  /**
   * {@code y[b,m,:] = x[b,m,:] + table[index[b,m],:]} for table[N,C] and index[B,M]; without an
   * index row m of the table. When xStride is 0 every row reads the same x[C] (a mask token);
   * otherwise xStride is C. y may be x.
   */
  record AddRows(
      Operand x, int xStride, Operand table, Operand index, Operand y, int B, int N, int M, int C)
      implements KernelCall {
    @Override
    public Cost cost() {
      long rows = xStride == 0 ? x.bytes(C) : x.bytes(B, M, C);
      // One sample's rows of the table: the others may read the same ones.
      return Cost.moving(rows + table.bytes(M, C) + index.bytes(B, M) + y.bytes(B, M, C));
    }
  }

  /**
   * Copies {@code rows} rows of {@code rowBytes} between addresses from which rows start {@code
   * sourceStride} and {@code targetStride} bytes apart: concatenation and slicing.
   */
  record CopyRows(
      long source, long sourceStride, long target, long targetStride, long rows, long rowBytes)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(2 * rows * rowBytes);
    }
  }
}
