package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.bindings.cublaslt.CublasLt;
import dev.tenzing.engine.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Describes products to the cuBLASLt of this machine, which checks attributes and their sizes,
 * types and shapes without a GPU. Choosing an algorithm takes one.
 */
class CublasLtTest {
  @BeforeAll
  static void load() {
    LibrarySearch search = CudaLibraries.system().find(CudaLibrary.CUBLAS_LT);
    assumeTrue(search.loaded().isPresent(), search::complaint);
  }

  @ParameterizedTest
  @CsvSource({
    "F32, F32, false, false, true, false",
    "F32, F32, true, false, false, true",
    "BF16, BF16, true, false, true, false",
    "BF16, BF16, false, true, false, false",
    "BF16, F32, false, true, false, false",
    "BF16, F32, true, true, true, false",
  })
  void productsCanBeDescribed(
      DType factors, DType result, boolean a, boolean b, boolean bias, boolean tf32) {
    MatmulShape shape =
        new MatmulShape(factors, result, a, b, 768, 1568, 3072, bias, 256, 16, 4, 2);
    try (Arena arena = Arena.ofConfined();
        MatmulDescription description = MatmulDescription.of(shape, tf32, arena)) {
      description.bias(0x7f0000000100L, arena.allocate(ValueLayout.JAVA_LONG));
      MemorySegment preference = MatmulDescription.preference(shape, 32 << 20, arena);
      int destroyed = CublasLt.cublasLtMatmulPreferenceDestroy(preference);
      assertDoesNotThrow(
          () -> MatmulDescription.check("cublasLtMatmulPreferenceDestroy", destroyed));
    }
  }

  /** So the calls above would have been refused had they been wrong. */
  @Test
  void anAttributeOfAnotherSizeIsRefusedInWords() {
    MatmulShape shape =
        new MatmulShape(DType.F32, DType.F32, false, false, 3, 5, 7, true, 4, 4, 4, 4);
    try (Arena arena = Arena.ofConfined();
        MatmulDescription description = MatmulDescription.of(shape, false, arena)) {
      MemorySegment argument = arena.allocate(ValueLayout.JAVA_LONG);
      int status =
          CublasLt.cublasLtMatmulDescSetAttribute(
              description.product(), CublasLt.CUBLASLT_MATMUL_DESC_BIAS_POINTER(), argument, 4);
      CudaException error =
          assertThrows(CudaException.class, () -> MatmulDescription.check("the call", status));
      assertEquals(
          "the call failed with 7, CUBLAS_STATUS_INVALID_VALUE: an unsupported value or parameter"
              + " was passed to the function",
          error.getMessage());
    }
  }
}
