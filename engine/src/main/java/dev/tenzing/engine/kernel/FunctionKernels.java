package dev.tenzing.engine.kernel;

/** Functions of elements, and of elements along one dimension. All arrays are F32. */
public interface FunctionKernels {
  /** See {@link Unary}. */
  void unary(Unary call);

  /** See {@link UnaryBackward}. */
  void unaryBackward(UnaryBackward call);

  /** See {@link Binary}. */
  void binary(Binary call);

  /** See {@link BinaryBackward}. */
  void binaryBackward(BinaryBackward call);

  /** See {@link Where}. */
  void where(Where call);

  /** See {@link Reduce}. */
  void reduce(Reduce call);

  /** See {@link ReduceBackward}. */
  void reduceBackward(ReduceBackward call);

  /** {@code y = f(x)} for n elements; y may be x. */
  record Unary(UnaryFunction f, Operand x, Operand y, long n) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(n) + y.bytes(n));
    }
  }

  /** {@code dx (+)= dy f'(x)} for n elements with y = f(x). */
  record UnaryBackward(UnaryFunction f, Operand x, Operand y, Operand dy, Operand dx, long n)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(n) + y.bytes(n) + dy.bytes(n) + dx.bytes(n));
    }
  }

  /**
   * How two arrays meet in a result of [outer, middle, inner].
   *
   * @param firstSmall whether the first is [middle] only
   * @param secondSmall whether the second is [middle] only
   */
  record Broadcast(long outer, long middle, long inner, boolean firstSmall, boolean secondSmall) {
    /** Elements of the result. */
    public long size() {
      return outer * middle * inner;
    }

    /** Elements of the first or the second array. */
    public long size(boolean first) {
      return isSmall(first) ? middle : size();
    }

    /** Whether the first or the second array is [middle] only. */
    public boolean isSmall(boolean first) {
      return first ? firstSmall : secondSmall;
    }
  }

  /** {@code y = f(a, b)}; y may be an operand of its size. */
  record Binary(BinaryFunction f, Operand a, Operand b, Operand y, Broadcast sizes)
      implements KernelCall {
    @Override
    public Cost cost() {
      long inputs = a.bytes(sizes.size(true)) + b.bytes(sizes.size(false));
      return Cost.moving(inputs + y.bytes(sizes.size()));
    }
  }

  /**
   * {@code dx (+)= dy df/da} for the first operand or {@code dy df/db} for the second, summed in
   * double precision over what the operand is spread over.
   */
  record BinaryBackward(
      BinaryFunction f,
      boolean first,
      Operand a,
      Operand b,
      Operand dy,
      Operand dx,
      Broadcast sizes)
      implements KernelCall {
    @Override
    public Cost cost() {
      long inputs = a.bytes(sizes.size(true)) + b.bytes(sizes.size(false));
      return Cost.moving(inputs + dy.bytes(sizes.size()) + dx.bytes(sizes.size(first)));
    }
  }

  /**
   * {@code y (+)= a} where the I32 condition is not 0, else {@code y (+)= b}, for n elements; an
   * absent a or b is zero.
   */
  record Where(Operand condition, Operand a, Operand b, Operand y, long n) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(condition.bytes(n) + a.bytes(n) + b.bytes(n) + y.bytes(n));
    }
  }

  /** {@code y[outer,inner] = f} of the M elements between for x[outer,M,inner]. */
  record Reduce(ReduceFunction f, Operand x, Operand y, long outer, int M, long inner)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(outer, M, inner) + y.bytes(outer, inner));
    }
  }

  /** Gradient dx[outer,M,inner] (+)= of {@link Reduce}; x and y are read for MAX only. */
  record ReduceBackward(
      ReduceFunction f, Operand x, Operand y, Operand dy, Operand dx, long outer, int M, long inner)
      implements KernelCall {
    @Override
    public Cost cost() {
      long inputs = f == ReduceFunction.MAX ? x.bytes(outer, M, inner) + y.bytes(outer, inner) : 0;
      return Cost.moving(inputs + dy.bytes(outer, inner) + dx.bytes(outer, M, inner));
    }
  }
}
