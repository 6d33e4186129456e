package dev.tenzing.engine.cpu.x86;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * What this processor can do and the operating system has switched on, as CPUID and XGETBV tell it.
 *
 * @param avx2 vectors of 32 bytes with fused multiply-add
 * @param avx512 vectors of 64 bytes (AVX512F)
 * @param bf16 products of BF16 numbers in vectors of 64 bytes (AVX512-BF16)
 */
record CpuFeatures(boolean avx2, boolean avx512, boolean bf16) {
  /** Those of a machine that runs no machine code of ours. */
  static final CpuFeatures NONE = new CpuFeatures(false, false, false);

  // Bits of CPUID leaf 1, ECX.
  private static final int FMA = 1 << 12;
  private static final int OSXSAVE = 1 << 27;
  private static final int AVX = 1 << 28;
  // Bits of leaf 7, EBX.
  private static final int AVX2 = 1 << 5;
  private static final int AVX512F = 1 << 16;
  // Of its subleaf 1, EAX.
  private static final int AVX512_BF16 = 1 << 5;
  // State that the operating system saves, in extended control register 0.
  private static final long YMM_STATE = 0x6;
  private static final long ZMM_STATE = 0xe6;

  /** The features of this machine. */
  static CpuFeatures detect() {
    MethodHandle cpuid =
        MachineCode.function(
            cpuidCode(),
            FunctionDescriptor.ofVoid(
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    MethodHandle xgetbv =
        MachineCode.function(
            xgetbvCode(), FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT, 4);
      cpuid.invokeExact(0L, 0L, out.address());
      int leaves = out.getAtIndex(ValueLayout.JAVA_INT, 0);
      cpuid.invokeExact(1L, 0L, out.address());
      int ecx = out.getAtIndex(ValueLayout.JAVA_INT, 2);
      if (leaves < 7 || !all(ecx, FMA | OSXSAVE | AVX)) {
        return NONE;
      }
      cpuid.invokeExact(7L, 0L, out.address());
      int subleaves = out.getAtIndex(ValueLayout.JAVA_INT, 0);
      int ebx = out.getAtIndex(ValueLayout.JAVA_INT, 1);
      // A subleaf that is not there reads as something else on some processors.
      cpuid.invokeExact(7L, 1L, out.address());
      int eax1 = subleaves < 1 ? 0 : out.getAtIndex(ValueLayout.JAVA_INT, 0);
      xgetbv.invokeExact(0L, out.address());
      long state = out.getAtIndex(ValueLayout.JAVA_INT, 0);
      boolean avx2 = all(ebx, AVX2) && (state & YMM_STATE) == YMM_STATE;
      boolean avx512 = avx2 && all(ebx, AVX512F) && (state & ZMM_STATE) == ZMM_STATE;
      return new CpuFeatures(avx2, avx512, avx512 && all(eax1, AVX512_BF16));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static boolean all(int value, int bits) {
    return (value & bits) == bits;
  }

  /** {@code void cpuid(leaf, subleaf, int out[4])}: EAX, EBX, ECX, EDX. */
  private static byte[] cpuidCode() {
    Assembler code = new Assembler(32);
    code.push(Register.RBX);
    code.mov(Register.R8, Register.RDX);
    code.mov(Register.RAX, Register.RDI);
    code.mov(Register.RCX, Register.RSI);
    code.cpuid();
    code.mov32(Register.R8, 0, Register.RAX);
    code.mov32(Register.R8, 4, Register.RBX);
    code.mov32(Register.R8, 8, Register.RCX);
    code.mov32(Register.R8, 12, Register.RDX);
    code.pop(Register.RBX);
    code.ret();
    return code.code();
  }

  /** {@code void xgetbv(register, int out[2])}: the lower and the upper half. */
  private static byte[] xgetbvCode() {
    Assembler code = new Assembler(32);
    code.mov(Register.RCX, Register.RDI);
    code.xgetbv();
    code.mov32(Register.RSI, 0, Register.RAX);
    code.mov32(Register.RSI, 4, Register.RDX);
    code.ret();
    return code.code();
  }
}
