package dev.tenzing.engine.cpu.x86;

import static dev.tenzing.engine.cpu.x86.Register.R10;
import static dev.tenzing.engine.cpu.x86.Register.R11;
import static dev.tenzing.engine.cpu.x86.Register.R8;
import static dev.tenzing.engine.cpu.x86.Register.R9;
import static dev.tenzing.engine.cpu.x86.Register.RAX;
import static dev.tenzing.engine.cpu.x86.Register.RBX;
import static dev.tenzing.engine.cpu.x86.Register.RCX;
import static dev.tenzing.engine.cpu.x86.Register.RDI;
import static dev.tenzing.engine.cpu.x86.Register.RDX;
import static dev.tenzing.engine.cpu.x86.Register.RSI;

import dev.tenzing.engine.cpu.x86.Assembler.Condition;
import dev.tenzing.engine.cpu.x86.Assembler.Label;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The code that transposes squares of 8 x 8 elements of 4 bytes, with vectors of 32 bytes on every
 * machine that has them: 16 loads of half rows, which put rows i and i + 4 into one register, 16
 * shuffles within halves, 8 stores.
 */
public final class TransposeCode {
  /** Rows and columns of a square. */
  public static final int SIDE = 8;

  private static final int HALF = 16;

  // Lanes 0 1 of both operands, and lanes 2 3.
  private static final int LOWER_PAIRS = 0x44;
  private static final int UPPER_PAIRS = 0xee;

  private TransposeCode() {}

  /** Whether this machine runs it. */
  public static boolean runs() {
    return TileCode.runs(TileCode.Element.F32, 32);
  }

  /**
   * {@code target[c,r] = source[r,c]}, as {@code void (long source, long sourceStride, long target,
   * long targetStride, long rowSquares, long columnSquares)}: strides in bytes from row to row, and
   * the numbers of squares, at least 1.
   *
   * @throws UnsupportedOperationException if the system does not let memory be executable
   */
  public static MethodHandle function() {
    ValueLayout l = ValueLayout.JAVA_LONG;
    return MachineCode.function(assemble(), FunctionDescriptor.ofVoid(l, l, l, l, l, l));
  }

  static byte[] assemble() {
    Assembler code = new Assembler(32);
    code.push(RBX);
    Label rows = code.label();
    code.bind(rows);
    // RAX runs along the columns of source, R11 down the rows of target, RBX counts.
    code.mov(RAX, RDI);
    code.mov(R11, RDX);
    code.mov(RBX, R9);
    Label columns = code.label();
    code.bind(columns);
    square(code);
    code.add(RAX, SIDE * Float.BYTES);
    code.sub(RBX, 1);
    code.jump(Condition.NOT_ZERO, columns);
    for (int i = 0; i < SIDE; i++) {
      code.add(RDI, RSI);
    }
    code.add(RDX, SIDE * Float.BYTES);
    code.sub(R8, 1);
    code.jump(Condition.NOT_ZERO, rows);
    code.pop(RBX);
    code.vzeroupper();
    code.ret();
    return code.code();
  }

  /** From RAX to R11, which moves on by 8 rows. */
  private static void square(Assembler code) {
    code.mov(R10, RAX);
    for (int row = 0; row < SIDE; row++) {
      for (int half = 0; half < 2; half++) {
        int register = 4 * half + row % 4;
        if (row < 4) {
          code.vmovupsHalf(register, R10, half * HALF);
        } else {
          code.vinsertf128(register, register, R10, half * HALF);
        }
      }
      code.add(R10, RSI);
    }
    for (int half = 0; half < 2; half++) {
      // With rows a b c d (and e f g h in the upper half): a0 b0 a1 b1, a2 b2 a3 b3, c0 d0 c1 d1,
      // ...
      int from = 4 * half;
      int to = 8 + 4 * half;
      code.vunpcklps(to, from, from + 1);
      code.vunpckhps(to + 1, from, from + 1);
      code.vunpcklps(to + 2, from + 2, from + 3);
      code.vunpckhps(to + 3, from + 2, from + 3);
      code.vshufps(from, to, to + 2, LOWER_PAIRS);
      code.vshufps(from + 1, to, to + 2, UPPER_PAIRS);
      code.vshufps(from + 2, to + 1, to + 3, LOWER_PAIRS);
      code.vshufps(from + 3, to + 1, to + 3, UPPER_PAIRS);
    }
    for (int row = 0; row < SIDE; row++) {
      code.vmovups(R11, 0, row);
      code.add(R11, RCX);
    }
  }
}
