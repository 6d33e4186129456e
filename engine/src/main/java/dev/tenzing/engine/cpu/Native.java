package dev.tenzing.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The one view through which every CPU kernel reads and writes: all of native memory, indexed by
 * address.
 *
 * <p>Kernels take plain addresses, like a GPU kernel does, so that one interface serves every back
 * end. The segment is a constant with the global lifetime, so C2 folds its liveness check away and
 * the bounds check is a comparison with a constant. What makes an address valid is checked once, by
 * the operation that calls the kernel.
 */
final class Native {
  /** All of native memory; offset = address. */
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  static final ByteOrder ORDER = ByteOrder.nativeOrder();
  static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
  static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

  private Native() {}

  static float f32(long address) {
    return ALL.get(F32, address);
  }

  static void f32(long address, float value) {
    ALL.set(F32, address, value);
  }

  static int i32(long address) {
    return ALL.get(I32, address);
  }

  static void i32(long address, int value) {
    ALL.set(I32, address, value);
  }

  /** The byte at an address as 0..255. */
  static int u8(long address) {
    return ALL.get(U8, address) & 0xff;
  }
}
