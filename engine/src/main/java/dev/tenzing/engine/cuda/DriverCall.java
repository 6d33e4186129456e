package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cuda.Cuda.CUDA_SUCCESS;

import dev.tenzing.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Turns what a call of the driver returns into an exception that names call, code and meaning. */
final class DriverCall {
  private DriverCall() {}

  /**
   * Does nothing when {@code result} is success.
   *
   * @param call the function that returned it
   * @throws CudaException otherwise
   */
  static void check(String call, int result) {
    if (result != CUDA_SUCCESS()) {
      throw new CudaException(call + " failed with " + describe(result));
    }
  }

  /** {@link #check(String, int)} for a call made on behalf of a kernel or operation. */
  static void check(String call, String what, int result) {
    if (result != CUDA_SUCCESS()) {
      throw new CudaException(what + ": " + call + " failed with " + describe(result));
    }
  }

  private static String describe(int result) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(ValueLayout.ADDRESS);
      String name = Cuda.cuGetErrorName(result, text) == CUDA_SUCCESS() ? text(text) : "unknown";
      String meaning =
          Cuda.cuGetErrorString(result, text) == CUDA_SUCCESS() ? text(text) : "no description";
      return result + ", " + name + ": " + meaning;
    }
  }

  private static String text(MemorySegment pointer) {
    return pointer.get(ValueLayout.ADDRESS, 0).reinterpret(Integer.MAX_VALUE).getString(0);
  }
}
