package dev.tenzing.engine.cuda;

import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The driver's primary context on one GPU. Calls of the driver act on the context that is current
 * on the calling thread; {@link #enter} makes it this one.
 */
final class CudaContext implements AutoCloseable {
  private static final ThreadLocal<CudaContext> CURRENT = new ThreadLocal<>();

  private final CudaDevice device;
  private final int handle;
  private final MemorySegment context;

  CudaContext(CudaDevice device) {
    this.device = device;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
      check("cuDeviceGet", Cuda.cuDeviceGet(number, device.index()));
      handle = number.get(ValueLayout.JAVA_INT, 0);
      MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
      check("cuDevicePrimaryCtxRetain", Cuda.cuDevicePrimaryCtxRetain(pointer, handle));
      context = pointer.get(ValueLayout.ADDRESS, 0);
    }
    enter();
  }

  /** Makes the context current on the calling thread. */
  void enter() {
    if (CURRENT.get() != this) {
      check("cuCtxSetCurrent", Cuda.cuCtxSetCurrent(context));
      CURRENT.set(this);
    }
  }

  CudaDevice device() {
    return device;
  }

  /** A number that the driver has for the GPU. */
  int attribute(int attribute) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
      check("cuDeviceGetAttribute", Cuda.cuDeviceGetAttribute(number, attribute, handle));
      return number.get(ValueLayout.JAVA_INT, 0);
    }
  }

  @Override
  public void close() {
    CURRENT.remove();
    check("cuDevicePrimaryCtxRelease", Cuda.cuDevicePrimaryCtxRelease_v2(handle));
  }
}
