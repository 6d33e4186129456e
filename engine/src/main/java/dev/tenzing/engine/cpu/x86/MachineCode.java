package dev.tenzing.engine.cpu.x86;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * Puts machine code where the processor may run it: a mapping that is written first and made
 * executable after, never both, so that it is allowed where memory may not be both (W^X). It lives
 * as long as the process.
 */
final class MachineCode {
  // Linux on x86-64.
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final long MAP_FAILED = -1;

  private MachineCode() {}

  /** Whether this platform is one that {@link #function} knows: Linux on x86-64. */
  static boolean known() {
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return System.getProperty("os.name", "").equals("Linux")
        && (arch.equals("amd64") || arch.equals("x86_64"));
  }

  /**
   * A function that calls the code by the System V convention. The call is a leaf: the JVM does not
   * reach a safepoint meanwhile, so it must be over in microseconds and must not call back.
   *
   * @throws UnsupportedOperationException if the operating system refuses, with its reason
   */
  static MethodHandle function(byte[] code, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    MemorySegment at = map(linker, code);
    return linker.downcallHandle(at, type, Linker.Option.critical(false));
  }

  private static MemorySegment map(Linker linker, byte[] code) {
    MethodHandle mmap =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mmap"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    MethodHandle mprotect =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mprotect"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    try {
      long bytes = code.length;
      long at =
          (long)
              mmap.invokeExact(
                  0L, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
      if (at == MAP_FAILED) {
        throw new UnsupportedOperationException("mmap refused " + bytes + " bytes");
      }
      MemorySegment memory = MemorySegment.ofAddress(at).reinterpret(bytes, Arena.global(), null);
      MemorySegment.copy(code, 0, memory, ValueLayout.JAVA_BYTE, 0, code.length);
      if ((int) mprotect.invokeExact(at, bytes, PROT_READ | PROT_EXEC) != 0) {
        throw new UnsupportedOperationException(
            "mprotect refused to make memory executable on this system");
      }
      return memory;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
