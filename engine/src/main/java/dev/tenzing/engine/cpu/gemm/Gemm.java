package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.vector.VectorSpec.F;

import dev.tenzing.engine.cpu.gemm.Product.Matrix;
import dev.tenzing.engine.cpu.vector.VectorMath;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.LinearKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The linear layer, forward and backward, as products of F32 matrices; arguments are addresses of
 * contiguous row-major arrays, 0 for an absent one. The packing says what becomes of the operands
 * of products; biases, residuals, sums and results are F32.
 *
 * <p>Weights are packed again in every call: that costs about 2 operations an element against 2 M
 * of the product, so a cache of packed weights would pay only for M below about 100 rows.
 */
public final class Gemm implements LinearKernels {
  private static final Product.Visitor NOTHING = new Product.Visitor() {};

  private final WorkerPool pool;
  private final Packing packing;

  public Gemm(WorkerPool pool, Packing packing) {
    this.pool = pool;
    this.packing = packing;
  }

  /** {@code y[M,N] = x[M,K] w[N,K]^T + bias[N] + residual[M,N]}; y may be the residual. */
  @Override
  public void forward(Linear call) {
    int K = call.K();
    Matrix a = new Matrix(call.x().address(), K, false);
    Matrix b = new Matrix(call.w().address(), K, true);
    new Product(
            pool,
            packing,
            a,
            b,
            call.bias().address(),
            call.residual().address(),
            call.y().address(),
            call.M(),
            call.N(),
            K)
        .run(NOTHING);
  }

  /** {@code pre[M,N] = x[M,K] w[N,K]^T + bias[N]; y = gelu(pre)}; without pre it is not kept. */
  @Override
  public void gelu(LinearGelu call) {
    long pre = call.pre().address();
    long y = call.y().address();
    int N = call.N();
    int K = call.K();
    Matrix a = new Matrix(call.x().address(), K, false);
    Matrix b = new Matrix(call.w().address(), K, true);
    long sum = pre == 0 ? y : pre;
    Product.Visitor gelu =
        new Product.Visitor() {
          @Override
          public void finished(int row, int rows, int column, int columns) {
            for (int r = row; r < row + rows; r++) {
              long offset = ((long) r * N + column) * 4;
              gelu(sum + offset, y + offset, columns);
            }
          }
        };
    new Product(pool, packing, a, b, call.bias().address(), 0, sum, call.M(), N, K).run(gelu);
  }

  private static void gelu(long x, long y, int n) {
    int full = n - n % F.length();
    for (int i = 0; i < full; i += F.length()) {
      VectorMath.gelu(FloatVector.fromMemorySegment(F, Native.ALL, x + i * 4L, Native.ORDER))
          .intoMemorySegment(Native.ALL, y + i * 4L, Native.ORDER);
    }
    if (full < n) {
      geluRest(x + full * 4L, y + full * 4L, F.indexInRange(full, n));
    }
  }

  // A method of its own: with two of gelu's formulas in one C2 stops inlining, at 12 times the
  // time.
  private static void geluRest(long x, long y, VectorMask<Float> rest) {
    VectorMath.gelu(FloatVector.fromMemorySegment(F, Native.ALL, x, Native.ORDER, rest))
        .intoMemorySegment(Native.ALL, y, Native.ORDER, rest);
  }

  /** {@code dx[M,K] (+)= dy[M,N] w[N,K]}. */
  @Override
  public void backwardInput(LinearBackwardInput call) {
    long dx = call.dx().address();
    int N = call.N();
    int K = call.K();
    Matrix a = new Matrix(call.dy().address(), N, false);
    Matrix b = new Matrix(call.w().address(), K, false);
    new Product(pool, packing, a, b, 0, call.dx().accumulate() ? dx : 0, dx, call.M(), K, N)
        .run(NOTHING);
  }

  /** {@code dw[N,K] (+)= dy[M,N]^T x[M,K]; dbias[N] (+)= } sums of dy's columns, optional. */
  @Override
  public void backwardWeight(LinearBackwardWeight call) {
    long dy = call.dy().address();
    long dw = call.dw().address();
    long dbias = call.dbias().address();
    int N = call.N();
    int K = call.K();
    boolean accumulate = call.dw().accumulate();
    Matrix a = new Matrix(dy, N, true);
    Matrix b = new Matrix(call.x().address(), K, false);
    Product.Visitor sums =
        dbias == 0
            ? NOTHING
            : new Product.Visitor() {
              @Override
              public void packed(int n, int count, int m, int depth) {
                long from = dy + ((long) m * N + n) * 4;
                Panels.sumRows(from, N, dbias + n * 4L, depth, count, accumulate || m > 0);
              }
            };
    new Product(pool, packing, a, b, 0, accumulate ? dw : 0, dw, N, K, call.M()).run(sums);
  }

  @Override
  public void multiply(MatrixProduct call) {
    int M = call.M();
    int N = call.N();
    int K = call.K();
    for (long i = 0; i < call.batch(); i++) {
      long left = call.a().address() + 4 * i * M * K;
      long right = call.b().address() + 4 * i * K * N;
      long y = call.y().address() + 4 * i * M * N;
      Matrix a = new Matrix(left, call.transposeA() ? M : K, call.transposeA());
      Matrix b = new Matrix(right, call.transposeB() ? K : N, call.transposeB());
      long add = call.y().accumulate() ? y : 0;
      new Product(pool, packing, a, b, 0, add, y, M, N, K).run(NOTHING);
    }
  }
}
