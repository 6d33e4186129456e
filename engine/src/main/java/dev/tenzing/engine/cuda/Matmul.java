package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cublaslt.CublasLt.*;
import static dev.tenzing.engine.cuda.MatmulDescription.check;

import dev.tenzing.bindings.cublaslt.cublasLtMatmulAlgo_t;
import dev.tenzing.bindings.cublaslt.cublasLtMatmulHeuristicResult_t;
import dev.tenzing.engine.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/**
 * Matrix products by cuBLASLt. What a product is, and the algorithm that its heuristics choose, are
 * found once for each shape and kept.
 *
 * <p>cuBLASLt counts columns first, so a row-major y[M,N] is its column-major N x M matrix, and
 * {@code y = x w^T} becomes {@code y^T = w x^T}.
 */
final class Matmul implements AutoCloseable {
  /** The amount that NVIDIA recommends for Hopper. */
  private static final long WORKSPACE = 32 << 20;

  /** An address that is a multiple of this is as good as any. */
  private static final int FULL_ALIGNMENT = 256;

  private record Plan(MatmulDescription description, MemorySegment algorithm, long workspace) {}

  private final Launcher launcher;
  private final boolean tf32;
  private final Arena arena = Arena.ofShared();
  private final Map<MatmulShape, Plan> plans = new HashMap<>();
  private final MemorySegment handle;
  private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1f);
  private final MemorySegment zero = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0f);
  private final MemorySegment argument = arena.allocate(ValueLayout.JAVA_LONG);
  private final long workspace;

  /**
   * The products of a GPU.
   *
   * @param tf32 whether F32 factors may lose all but 10 bits of their fraction
   */
  Matmul(Launcher launcher, boolean tf32) {
    this.launcher = launcher;
    this.tf32 = tf32;
    launcher.stream().context().enter();
    MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
    check("cublasLtCreate", cublasLtCreate(pointer));
    handle = pointer.get(ValueLayout.ADDRESS, 0);
    workspace = launcher.reserve(WORKSPACE);
  }

  /**
   * {@code d[M,N] = op(a) op(b) + beta c + bias} of row-major matrices with M rows.
   *
   * @param factors type of a and b, F32 or BF16
   * @param result type of c, d and bias, F32 or BF16; F32 where the factors are
   * @param transposeA whether a is stored as [K,M] and not [M,K]
   * @param transposeB whether b is stored as [N,K] and not [K,N]
   * @param bias [N], or 0
   * @param c [M,N] to be added, or 0; may be d
   */
  void multiply(
      DType factors,
      DType result,
      long a,
      boolean transposeA,
      long b,
      boolean transposeB,
      long bias,
      long c,
      long d,
      int M,
      int N,
      int K) {
    long added = c == 0 ? d : c;
    // Rows and columns change places, and with them the factors.
    MatmulShape shape =
        new MatmulShape(
            factors,
            result,
            transposeB,
            transposeA,
            N,
            M,
            K,
            bias != 0,
            alignment(b),
            alignment(a),
            alignment(added),
            alignment(d));
    Plan plan = plans.get(shape);
    if (plan == null) {
      plan = plan(shape);
      plans.put(shape, plan);
    }
    if (bias != 0) {
      plan.description.bias(bias, argument);
    }
    launcher.stream().context().enter();
    int status =
        cublasLtMatmul(
            handle,
            plan.description.product(),
            one,
            MemorySegment.ofAddress(b),
            plan.description.a(),
            MemorySegment.ofAddress(a),
            plan.description.b(),
            c == 0 ? zero : one,
            MemorySegment.ofAddress(added),
            plan.description.d(),
            MemorySegment.ofAddress(d),
            plan.description.d(),
            plan.algorithm,
            MemorySegment.ofAddress(workspace),
            plan.workspace,
            launcher.stream().handle());
    if (status != CUBLAS_STATUS_SUCCESS()) {
      check("the product " + M + " x " + N + " x " + K + ": cublasLtMatmul", status);
    }
    launcher.launched("matmul");
  }

  private static int alignment(long address) {
    return (int) Math.min(FULL_ALIGNMENT, Long.lowestOneBit(address));
  }

  private Plan plan(MatmulShape shape) {
    MatmulDescription description = MatmulDescription.of(shape, tf32, arena);
    MemorySegment preference = MatmulDescription.preference(shape, WORKSPACE, arena);
    MemorySegment found = arena.allocate(cublasLtMatmulHeuristicResult_t.layout());
    MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
    int status =
        cublasLtMatmulAlgoGetHeuristic(
            handle,
            description.product(),
            description.a(),
            description.b(),
            description.d(),
            description.d(),
            preference,
            1,
            found,
            count);
    check("the product " + shape + ": cublasLtMatmulAlgoGetHeuristic", status);
    if (count.get(ValueLayout.JAVA_INT, 0) == 0) {
      throw new CudaException("cuBLASLt has no algorithm for the product " + shape);
    }
    check("cublasLtMatmulPreferenceDestroy", cublasLtMatmulPreferenceDestroy(preference));
    MemorySegment algorithm = arena.allocate(cublasLtMatmulAlgo_t.layout());
    algorithm.copyFrom(cublasLtMatmulHeuristicResult_t.algo(found));
    long bytes = cublasLtMatmulHeuristicResult_t.workspaceSize(found);
    return new Plan(description, algorithm, bytes);
  }

  @Override
  public void close() {
    plans.values().forEach(plan -> plan.description.close());
    check("cublasLtDestroy", cublasLtDestroy(handle));
    arena.close();
  }
}
