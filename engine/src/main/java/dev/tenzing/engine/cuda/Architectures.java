package dev.tenzing.engine.cuda;

import dev.tenzing.bindings.nvrtc.Nvrtc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Which machine code a GPU gets. Code for an architecture runs on GPUs of the same major number and
 * this or a higher minor one (CUDA Programming Guide, "Binary Compatibility").
 */
final class Architectures {
  /** The kernels use tensor cores with BF16 and asynchronous copies, which came with 8.0. */
  private static final int OLDEST = 80;

  private Architectures() {}

  /**
   * The best that the loaded NVRTC makes for a GPU, such as {@code sm_90}.
   *
   * @param nvrtc the library that is loaded
   * @throws CudaException when it makes none
   */
  static String of(CudaDevice device, Path nvrtc) {
    return of(device, nvrtc, supported());
  }

  /**
   * The best of what NVRTC makes.
   *
   * @param supported ten times the compute capabilities that it compiles for
   */
  static String of(CudaDevice device, Path nvrtc, int[] supported) {
    int wanted = 10 * device.computeMajor() + device.computeMinor();
    String gpu = device.name() + " has compute capability " + device.computeCapability();
    if (wanted < OLDEST) {
      throw new CudaException(gpu + ", and the kernels need 8.0 or newer: use --device cpu");
    }
    return "sm_"
        + Arrays.stream(supported)
            .filter(made -> made / 10 == wanted / 10 && made <= wanted)
            .max()
            .orElseThrow(() ->
                new CudaException(
                    gpu
                        + ", for which "
                        + nvrtc
                        + " cannot compile: install a newer CUDA, or set TENZING_CUDA_PATH to"
                        + " one"));
  }

  /** What the loaded NVRTC compiles for, times ten: 80, 90, 100. */
  static int[] supported() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      KernelCompiler.check("nvrtcGetNumSupportedArchs", Nvrtc.nvrtcGetNumSupportedArchs(count));
      MemorySegment all = arena.allocate(ValueLayout.JAVA_INT, count.get(ValueLayout.JAVA_INT, 0));
      KernelCompiler.check("nvrtcGetSupportedArchs", Nvrtc.nvrtcGetSupportedArchs(all));
      return all.toArray(ValueLayout.JAVA_INT);
    }
  }
}
