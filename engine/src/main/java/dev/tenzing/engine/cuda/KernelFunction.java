package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cuda.Cuda.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import dev.tenzing.engine.kernel.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A kernel and the launch that is being put together for it:
 *
 * <pre>{@code
 * forward.grid(M).block(256).arg(x).arg(y).arg(M).arg(C).arg(eps).launch();
 * }</pre>
 *
 * <p>Arguments are written where the driver reads them; a launch allocates nothing.
 */
final class KernelFunction {
  /** Without an opt-in a block has this much shared memory at most. */
  private static final int SHARED_BYTES = 48 << 10;

  private static final long MAX_X = Integer.MAX_VALUE;
  private static final long MAX_YZ = 65_535;
  private static final int MAX_ARGUMENTS = 48;
  private static final int SLOT = 8;

  private final Launcher launcher;
  private final String file;
  private final String name;
  private final MemorySegment slots;
  private final MemorySegment pointers;
  private MemorySegment handle;
  private int allowedShared = SHARED_BYTES;
  private long gridX;
  private long gridY;
  private long gridZ;
  private int blockX;
  private int blockY;
  private int shared;
  private int arguments;

  KernelFunction(Launcher launcher, String file, String name) {
    this.launcher = launcher;
    this.file = file;
    this.name = name;
    Arena arena = Arena.ofAuto();
    slots = arena.allocate((long) MAX_ARGUMENTS * SLOT, SLOT);
    pointers = arena.allocate(ValueLayout.ADDRESS, MAX_ARGUMENTS);
    for (int i = 0; i < MAX_ARGUMENTS; i++) {
      pointers.setAtIndex(ValueLayout.ADDRESS, i, slots.asSlice((long) i * SLOT));
    }
  }

  /** Begins a launch of {@code x} blocks. */
  KernelFunction grid(long x) {
    return grid(x, 1, 1);
  }

  /** Begins a launch of {@code x} by {@code y} blocks. */
  KernelFunction grid(long x, long y) {
    return grid(x, y, 1);
  }

  /**
   * Begins a launch.
   *
   * @param x at most 2^31 - 1
   * @param y at most 65,535
   * @param z at most 65,535
   */
  KernelFunction grid(long x, long y, long z) {
    if (x > MAX_X || y > MAX_YZ || z > MAX_YZ || x < 0 || y < 0 || z < 0) {
      throw new CudaException(
          name + ": a grid of " + x + " x " + y + " x " + z + " blocks is more than a GPU takes");
    }
    gridX = x;
    gridY = y;
    gridZ = z;
    blockX = 1;
    blockY = 1;
    shared = 0;
    arguments = 0;
    return this;
  }

  /** Threads of a block. */
  KernelFunction block(int threads) {
    return block(threads, 1);
  }

  /** Threads of a block, {@code x} in a row. */
  KernelFunction block(int x, int y) {
    blockX = x;
    blockY = y;
    return this;
  }

  /** Dynamic shared memory of a block. */
  KernelFunction shared(int bytes) {
    shared = bytes;
    return this;
  }

  /** A pointer to an array, which is null when it is absent. */
  KernelFunction arg(Operand array) {
    return arg(array.address());
  }

  /** A pointer, or a {@code long long}. */
  KernelFunction arg(long value) {
    slots.set(ValueLayout.JAVA_LONG, next(), value);
    return this;
  }

  KernelFunction arg(boolean value) {
    return arg(value ? 1 : 0);
  }

  KernelFunction arg(int value) {
    slots.set(ValueLayout.JAVA_INT, next(), value);
    return this;
  }

  KernelFunction arg(float value) {
    slots.set(ValueLayout.JAVA_FLOAT, next(), value);
    return this;
  }

  KernelFunction arg(double value) {
    slots.set(ValueLayout.JAVA_DOUBLE, next(), value);
    return this;
  }

  private long next() {
    return (long) SLOT * arguments++;
  }

  /** Puts the launch on the stream; one without blocks is none. */
  void launch() {
    if (gridX == 0 || gridY == 0 || gridZ == 0) {
      return;
    }
    CudaStream stream = launcher.stream();
    stream.context().enter();
    if (handle == null) {
      handle = launcher.load(file, name);
    }
    if (shared > allowedShared) {
      check(
          "cuFuncSetAttribute",
          name + " with " + shared + " bytes of shared memory",
          Cuda.cuFuncSetAttribute(
              handle, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES(), shared));
      allowedShared = shared;
    }
    int result =
        Cuda.cuLaunchKernel(
            handle,
            (int) gridX,
            (int) gridY,
            (int) gridZ,
            blockX,
            blockY,
            1,
            shared,
            stream.handle(),
            pointers,
            MemorySegment.NULL);
    check("cuLaunchKernel", name, result);
    launcher.launched(name);
  }
}
