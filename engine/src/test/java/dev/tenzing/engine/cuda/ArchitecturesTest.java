package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchitecturesTest {
  private static final Path NVRTC = Path.of("libnvrtc.so.12");
  private static final int[] CUDA_12_8 = {50, 70, 75, 80, 86, 89, 90, 100, 101, 120};

  @ParameterizedTest
  @CsvSource({"8, 0, sm_80", "8, 7, sm_86", "9, 0, sm_90", "10, 3, sm_101", "12, 1, sm_120"})
  void codeIsTheNewestThatTheCardRuns(int major, int minor, String expected) {
    assertEquals(expected, Architectures.of(device(major, minor), NVRTC, CUDA_12_8));
  }

  @Test
  void aCardThatIsTooNewForTheCompilerIsNamed() {
    CudaException error =
        assertThrows(
            CudaException.class, () -> Architectures.of(device(10, 0), NVRTC, new int[] {80, 90}));
    assertEquals(
        "Card has compute capability 10.0, for which libnvrtc.so.12 cannot compile: install a newer"
            + " CUDA, or set TENZING_CUDA_PATH to one",
        error.getMessage());
  }

  @Test
  void aCardThatIsTooOldForTheKernelsIsNamed() {
    CudaException error =
        assertThrows(CudaException.class, () -> Architectures.of(device(7, 5), NVRTC, CUDA_12_8));
    assertEquals(
        "Card has compute capability 7.5, and the kernels need 8.0 or newer: use --device cpu",
        error.getMessage());
  }

  private static CudaDevice device(int major, int minor) {
    return new CudaDevice(0, "Card", major, minor, 1L << 30, 100, "0000:3A:00.0");
  }
}
