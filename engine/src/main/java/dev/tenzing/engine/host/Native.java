package dev.tenzing.engine.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The one view through which every kernel of the host reads and writes: all of native memory,
 * indexed by address.
 *
 * <p>Kernels take plain addresses, like a GPU kernel does, so that one interface serves every back
 * end. The segment is a constant with the global lifetime, so C2 folds its liveness check away and
 * the bounds check is a comparison with a constant. What makes an address valid is checked once, by
 * the operation that calls the kernel.
 */
public final class Native {
  /** All of native memory; offset = address. */
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  public static final ByteOrder ORDER = ByteOrder.nativeOrder();
  public static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  public static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
  public static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
  public static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

  private Native() {}

  public static float f32(long address) {
    return ALL.get(F32, address);
  }

  public static void f32(long address, float value) {
    ALL.set(F32, address, value);
  }

  public static int i32(long address) {
    return ALL.get(I32, address);
  }

  public static void i32(long address, int value) {
    ALL.set(I32, address, value);
  }

  /** Copies bytes. */
  public static void copy(long source, long target, long bytes) {
    MemorySegment.copy(ALL, source, ALL, target, bytes);
  }

  /** The place of the first of {@code count} I32 that is not in 0..limit-1, or -1. */
  public static long firstOutOfRange(long index, long count, int limit) {
    for (long i = 0; i < count; i++) {
      int value = i32(index + 4 * i);
      if (value < 0 || value >= limit) {
        return i;
      }
    }
    return -1;
  }

  /** The byte at an address as 0..255. */
  public static int u8(long address) {
    return ALL.get(U8, address) & 0xff;
  }
}
