package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cublaslt.CublasLt.*;

import dev.tenzing.bindings.cublaslt.CublasLt;
import dev.tenzing.engine.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What cuBLASLt is told of a product: structures on the host, which it makes and checks without a
 * GPU.
 *
 * @param product a {@code cublasLtMatmulDesc_t}
 * @param a a {@code cublasLtMatrixLayout_t}, as is b
 * @param d the layout of c too
 */
record MatmulDescription(MemorySegment product, MemorySegment a, MemorySegment b, MemorySegment d)
    implements AutoCloseable {

  /**
   * Describes a product.
   *
   * @param tf32 whether F32 factors may lose all but 10 bits of their fraction
   * @param arena holds what the calls point to
   */
  static MatmulDescription of(MatmulShape shape, boolean tf32, Arena arena) {
    int compute =
        tf32 && shape.factors() == DType.F32
            ? CUBLAS_COMPUTE_32F_FAST_TF32()
            : CUBLAS_COMPUTE_32F();
    MemorySegment product =
        create(
            "cublasLtMatmulDescCreate",
            pointer -> cublasLtMatmulDescCreate(pointer, compute, CUDA_R_32F()),
            arena);
    int epilogue = shape.bias() ? CUBLASLT_EPILOGUE_BIAS() : CUBLASLT_EPILOGUE_DEFAULT();
    set(product, CUBLASLT_MATMUL_DESC_TRANSA(), operation(shape.transposeA()), arena);
    set(product, CUBLASLT_MATMUL_DESC_TRANSB(), operation(shape.transposeB()), arena);
    set(product, CUBLASLT_MATMUL_DESC_EPILOGUE(), epilogue, arena);
    return new MatmulDescription(
        product,
        shape.transposeA()
            ? layout(shape.factors(), shape.inner(), shape.rows(), arena)
            : layout(shape.factors(), shape.rows(), shape.inner(), arena),
        shape.transposeB()
            ? layout(shape.factors(), shape.columns(), shape.inner(), arena)
            : layout(shape.factors(), shape.inner(), shape.columns(), arena),
        layout(shape.result(), shape.rows(), shape.columns(), arena));
  }

  /**
   * What to look for in an algorithm, a {@code cublasLtMatmulPreference_t} to be destroyed.
   *
   * @param workspace the bytes it may use
   */
  static MemorySegment preference(MatmulShape shape, long workspace, Arena arena) {
    MemorySegment made =
        create("cublasLtMatmulPreferenceCreate", CublasLt::cublasLtMatmulPreferenceCreate, arena);
    prefer(
        made,
        CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES(),
        arena.allocateFrom(ValueLayout.JAVA_LONG, workspace));
    align(made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES(), shape.alignmentA(), arena);
    align(made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES(), shape.alignmentB(), arena);
    align(made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES(), shape.alignmentC(), arena);
    align(made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES(), shape.alignmentD(), arena);
    return made;
  }

  /**
   * Sets the bias of the next product.
   *
   * @param address of the bias on the GPU
   * @param argument eight bytes to write to
   */
  void bias(long address, MemorySegment argument) {
    argument.set(ValueLayout.JAVA_LONG, 0, address);
    check(
        "cublasLtMatmulDescSetAttribute",
        cublasLtMatmulDescSetAttribute(
            product, CUBLASLT_MATMUL_DESC_BIAS_POINTER(), argument, Long.BYTES));
  }

  /** Fails unless a call succeeded. */
  static void check(String call, int status) {
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

  private static int operation(boolean transposed) {
    return transposed ? CUBLAS_OP_T() : CUBLAS_OP_N();
  }

  private static MemorySegment layout(DType type, long rows, long columns, Arena arena) {
    int element = type == DType.BF16 ? CUDA_R_16BF() : CUDA_R_32F();
    return create(
        "cublasLtMatrixLayoutCreate",
        pointer -> cublasLtMatrixLayoutCreate(pointer, element, rows, columns, rows),
        arena);
  }

  @FunctionalInterface
  private interface Create {
    int into(MemorySegment pointer);
  }

  private static MemorySegment create(String call, Create create, Arena arena) {
    MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
    check(call, create.into(pointer));
    return pointer.get(ValueLayout.ADDRESS, 0);
  }

  private static void set(MemorySegment product, int attribute, int value, Arena arena) {
    check(
        "cublasLtMatmulDescSetAttribute",
        cublasLtMatmulDescSetAttribute(
            product, attribute, arena.allocateFrom(ValueLayout.JAVA_INT, value), Integer.BYTES));
  }

  private static void align(MemorySegment preference, int attribute, int bytes, Arena arena) {
    prefer(preference, attribute, arena.allocateFrom(ValueLayout.JAVA_INT, bytes));
  }

  private static void prefer(MemorySegment preference, int attribute, MemorySegment value) {
    check(
        "cublasLtMatmulPreferenceSetAttribute",
        cublasLtMatmulPreferenceSetAttribute(preference, attribute, value, value.byteSize()));
  }

  @Override
  public void close() {
    cublasLtMatmulDescDestroy(product);
    cublasLtMatrixLayoutDestroy(a);
    cublasLtMatrixLayoutDestroy(b);
    cublasLtMatrixLayoutDestroy(d);
  }
}
