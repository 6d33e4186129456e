package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cublaslt.CublasLt.*;

import dev.tenzing.bindings.cublaslt.CublasLt;
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

  /**
   * A product as cuBLASLt sees it: {@code d[rows, columns] = op(a) op(b) + beta c (+ bias)}.
   *
   * @param factors type of a and b
   * @param result type of c, d and bias
   * @param transposeA whether a is stored as [inner, rows]
   * @param transposeB whether b is stored as [columns, inner]
   * @param alignment the bytes that divide each of the four addresses
   */
  private record Key(
      DType factors,
      DType result,
      boolean transposeA,
      boolean transposeB,
      int rows,
      int columns,
      int inner,
      boolean bias,
      int alignmentA,
      int alignmentB,
      int alignmentC,
      int alignmentD) {}

  private record Plan(
      MemorySegment description,
      MemorySegment a,
      MemorySegment b,
      MemorySegment d,
      MemorySegment algorithm,
      long workspace) {}

  private final Launcher launcher;
  private final boolean tf32;
  private final Arena arena = Arena.ofShared();
  private final Map<Key, Plan> plans = new HashMap<>();
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
    Key key =
        new Key(
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
    Plan plan = plans.get(key);
    if (plan == null) {
      plan = plan(key);
      plans.put(key, plan);
    }
    if (bias != 0) {
      argument.set(ValueLayout.JAVA_LONG, 0, bias);
      check(
          "cublasLtMatmulDescSetAttribute",
          cublasLtMatmulDescSetAttribute(
              plan.description, CUBLASLT_MATMUL_DESC_BIAS_POINTER(), argument, Long.BYTES));
    }
    launcher.stream().context().enter();
    int status =
        cublasLtMatmul(
            handle,
            plan.description,
            one,
            MemorySegment.ofAddress(b),
            plan.a,
            MemorySegment.ofAddress(a),
            plan.b,
            c == 0 ? zero : one,
            MemorySegment.ofAddress(added),
            plan.d,
            MemorySegment.ofAddress(d),
            plan.d,
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

  private Plan plan(Key key) {
    MemorySegment description =
        create(
            "cublasLtMatmulDescCreate",
            pointer -> cublasLtMatmulDescCreate(pointer, compute(key.factors), CUDA_R_32F()));
    set(description, CUBLASLT_MATMUL_DESC_TRANSA(), operation(key.transposeA));
    set(description, CUBLASLT_MATMUL_DESC_TRANSB(), operation(key.transposeB));
    int epilogue = key.bias ? CUBLASLT_EPILOGUE_BIAS() : CUBLASLT_EPILOGUE_DEFAULT();
    set(description, CUBLASLT_MATMUL_DESC_EPILOGUE(), epilogue);
    MemorySegment a =
        key.transposeA
            ? layout(key.factors, key.inner, key.rows)
            : layout(key.factors, key.rows, key.inner);
    MemorySegment b =
        key.transposeB
            ? layout(key.factors, key.columns, key.inner)
            : layout(key.factors, key.inner, key.columns);
    MemorySegment d = layout(key.result, key.rows, key.columns);
    MemorySegment preference =
        create("cublasLtMatmulPreferenceCreate", CublasLt::cublasLtMatmulPreferenceCreate);
    prefer(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES(), WORKSPACE, Long.BYTES);
    prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES(), key.alignmentA, 4);
    prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES(), key.alignmentB, 4);
    prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES(), key.alignmentC, 4);
    prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES(), key.alignmentD, 4);
    MemorySegment found = arena.allocate(cublasLtMatmulHeuristicResult_t.layout());
    MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
    int status =
        cublasLtMatmulAlgoGetHeuristic(
            handle, description, a, b, d, d, preference, 1, found, count);
    check("the product " + key + ": cublasLtMatmulAlgoGetHeuristic", status);
    if (count.get(ValueLayout.JAVA_INT, 0) == 0) {
      throw new CudaException("cuBLASLt has no algorithm for the product " + key);
    }
    check("cublasLtMatmulPreferenceDestroy", cublasLtMatmulPreferenceDestroy(preference));
    MemorySegment algorithm = arena.allocate(cublasLtMatmulAlgo_t.layout());
    algorithm.copyFrom(cublasLtMatmulHeuristicResult_t.algo(found));
    long bytes = cublasLtMatmulHeuristicResult_t.workspaceSize(found);
    return new Plan(description, a, b, d, algorithm, bytes);
  }

  private int compute(DType factors) {
    return tf32 && factors == DType.F32 ? CUBLAS_COMPUTE_32F_FAST_TF32() : CUBLAS_COMPUTE_32F();
  }

  private static int type(DType type) {
    return type == DType.BF16 ? CUDA_R_16BF() : CUDA_R_32F();
  }

  private static int operation(boolean transposed) {
    return transposed ? CUBLAS_OP_T() : CUBLAS_OP_N();
  }

  private MemorySegment layout(DType type, long rows, long columns) {
    return create(
        "cublasLtMatrixLayoutCreate",
        pointer -> cublasLtMatrixLayoutCreate(pointer, type(type), rows, columns, rows));
  }

  @FunctionalInterface
  private interface Create {
    int into(MemorySegment pointer);
  }

  private MemorySegment create(String call, Create create) {
    MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
    check(call, create.into(pointer));
    return pointer.get(ValueLayout.ADDRESS, 0);
  }

  private void set(MemorySegment description, int attribute, int value) {
    argument.set(ValueLayout.JAVA_INT, 0, value);
    check(
        "cublasLtMatmulDescSetAttribute",
        cublasLtMatmulDescSetAttribute(description, attribute, argument, Integer.BYTES));
  }

  private void prefer(MemorySegment preference, int attribute, long value, int bytes) {
    argument.set(ValueLayout.JAVA_LONG, 0, value); // Little-endian: an int is its first half.
    check(
        "cublasLtMatmulPreferenceSetAttribute",
        cublasLtMatmulPreferenceSetAttribute(preference, attribute, argument, bytes));
  }

  private static void check(String call, int status) {
    if (status != CUBLAS_STATUS_SUCCESS()) {
      throw new CudaException(
          call
              + " failed with "
              + status
              + ", "
              + cublasLtGetStatusName(status).reinterpret(1024).getString(0)
              + ": "
              + cublasLtGetStatusString(status).reinterpret(1024).getString(0));
    }
  }

  @Override
  public void close() {
    for (Plan plan : plans.values()) {
      cublasLtMatmulDescDestroy(plan.description);
      cublasLtMatrixLayoutDestroy(plan.a);
      cublasLtMatrixLayoutDestroy(plan.b);
      cublasLtMatrixLayoutDestroy(plan.d);
    }
    check("cublasLtDestroy", cublasLtDestroy(handle));
    arena.close();
  }
}
