package dev.tenzing.engine.kernel;

/** What treats every element alike. */
public interface PointwiseKernels {
  /** See {@link GeluBackward}. */
  void geluBackward(GeluBackward call);

  /** See {@link Cast}. */
  void cast(Cast call);

  /** See {@link Add}. */
  void add(Add call);

  /** See {@link Scale}. */
  void scale(Scale call);

  /** See {@link Fill}. */
  void fill(Fill call);

  /** See {@link Copy}. */
  void copy(Copy call);

  /**
   * {@code dx = dy gelu'(x)} for n elements of one type, and {@code y = gelu(x)} again, within the
   * rounding of x. dx may be dy, and y may be x.
   */
  record GeluBackward(Operand x, Operand dy, Operand dx, Operand y, long n) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(n) + dy.bytes(n) + dx.bytes(n) + y.bytes(n));
    }
  }

  /** {@code y = x} for n elements, rounded to the nearest, ties to even, when y is BF16. */
  record Cast(Operand x, Operand y, long n) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(n) + y.bytes(n));
    }
  }

  /** {@code y = a + b} for n elements of one type; y may be a or b. */
  record Add(Operand a, Operand b, Operand y, long n) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(a.bytes(n) + b.bytes(n) + y.bytes(n));
    }
  }

  /** {@code y (+)= alpha x} for n elements; y may be x. */
  record Scale(Operand x, float alpha, Operand y, long n) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(n) + y.bytes(n));
    }
  }

  /** Sets n F32 elements to a value. */
  record Fill(Operand y, float value, long n) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(y.bytes(n));
    }
  }

  /** Copies bytes from one address of the device to another. */
  record Copy(long source, long target, long bytes) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(2 * bytes);
    }
  }
}
