package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.LinearKernels.MatrixProduct;
import dev.tenzing.engine.kernel.Operand;

/** Matrix products: of two batches of matrices, or of many rows with one matrix. */
public final class MatMul {
  private MatMul() {}

  /**
   * {@code y = a b}.
   *
   * @param a [..., M, K]
   * @param b [..., K, N] with the same leading dimensions, or [K, N]
   * @return [..., M, N]
   */
  public static Tensor apply(Tensor a, Tensor b) {
    Device device = Expect.sameDevice("matmul", a, b);
    Expect.dtype("matmul", "a", a, DType.F32);
    Expect.dtype("matmul", "b", b, DType.F32);
    boolean shared = b.shape().rank() == 2;
    Expect.that(
        a.shape().rank() >= 2
            && b.shape().rank() >= 2
            && a.dim(-1) == b.dim(-2)
            && (shared || b.shape().equals(a.shape().with(-2, a.dim(-1)).with(-1, b.dim(-1)))),
        "matmul: shapes do not fit, a=%s b=%s",
        a,
        b);
    int k = Expect.size("matmul", a.dim(-1));
    int n = Expect.size("matmul", b.dim(-1));
    long rows = a.shape().rows();
    int batch = shared ? 1 : Expect.size("matmul", b.size() == 0 ? 0 : b.size() / k / n);
    int m = Expect.size("matmul", shared ? rows : a.dim(-2));
    Tensor y = device.empty(DType.F32, a.shape().with(-1, n));
    multiply(device, of(a), false, of(b), false, of(y), batch, m, n, k);
    device.record(
        "matmul",
        y,
        (gradients, dy) -> {
          if (gradients.wants(a)) {
            Gradients.Slot da = gradients.slot(a);
            multiply(device, of(dy), false, of(b), true, of(da), batch, m, k, n);
          }
          if (gradients.wants(b)) {
            Gradients.Slot db = gradients.slot(b);
            multiply(device, of(a), true, of(dy), false, of(db), batch, k, n, m);
          }
        },
        a,
        b);
    return y;
  }

  private static void multiply(
      Device device,
      Operand a,
      boolean transposeA,
      Operand b,
      boolean transposeB,
      Operand y,
      int batch,
      int m,
      int n,
      int k) {
    device
        .kernels()
        .linear()
        .multiply(new MatrixProduct(a, transposeA, b, transposeB, y, batch, m, n, k));
  }

  /** Multiply-adds of the forward. */
  public static long macs(long batch, long m, long n, long k) {
    return batch * m * n * k;
  }
}
