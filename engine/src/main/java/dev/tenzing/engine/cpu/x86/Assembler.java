package dev.tenzing.engine.cpu.x86;

import java.util.Arrays;

/**
 * Encodes the few x86-64 instructions that the tiles need, after Intel, "64 and IA-32 Architectures
 * Software Developer's Manual", volume 2: general registers with REX prefixes, vectors of 32 bytes
 * with VEX and of 64 bytes with EVEX prefixes.
 *
 * <p>A memory operand is a base register and a displacement of 32 bits: longer than needed by a few
 * bytes, and one rule for all.
 */
final class Assembler {
  /** A place in the code, before or after the jumps to it. */
  static final class Label {
    private int at = -1;
    private int[] jumps = {};

    private Label() {}
  }

  /** When a jump is taken, after the flags of the last arithmetic instruction. */
  enum Condition {
    ZERO(0x84),
    NOT_ZERO(0x85),
    NEGATIVE(0x88),
    NOT_NEGATIVE(0x89);

    private final int opcode;

    Condition(int opcode) {
      this.opcode = opcode;
    }
  }

  // Opcode maps and implied prefixes of vector instructions.
  private static final int MAP_0F = 1;
  private static final int MAP_0F38 = 2;
  private static final int MAP_0F3A = 3;
  private static final int NO_PREFIX = 0;
  private static final int PREFIX_66 = 1;
  private static final int PREFIX_F3 = 2;

  private final boolean wide;
  private byte[] code = new byte[256];
  private int size;

  /**
   * @param vectorBytes 32 or 64: what vector instructions work on
   */
  Assembler(int vectorBytes) {
    if (vectorBytes != 32 && vectorBytes != 64) {
      throw new IllegalArgumentException("vectors have 32 or 64 bytes, got " + vectorBytes);
    }
    wide = vectorBytes == 64;
  }

  /** The code so far. */
  byte[] code() {
    return Arrays.copyOf(code, size);
  }

  // ---- jumps

  Label label() {
    return new Label();
  }

  /** Puts the label here. */
  void bind(Label label) {
    label.at = size;
    for (int jump : label.jumps) {
      patch(jump, label.at);
    }
  }

  void jump(Condition condition, Label label) {
    put(0x0f, condition.opcode);
    int32(0);
    if (label.at >= 0) {
      patch(size, label.at);
    } else {
      label.jumps = Arrays.copyOf(label.jumps, label.jumps.length + 1);
      label.jumps[label.jumps.length - 1] = size;
    }
  }

  /** Sets the distance of the jump that ends at {@code end}. */
  private void patch(int end, int target) {
    int distance = target - end;
    for (int i = 0; i < 4; i++) {
      code[end - 4 + i] = (byte) (distance >> 8 * i);
    }
  }

  void ret() {
    put(0xc3);
  }

  // ---- general registers, 64 bits

  void mov(Register to, Register from) {
    registers(0x89, from.ordinal(), to);
  }

  /** {@code to = from + displacement}; flags stay. */
  void lea(Register to, Register from, int displacement) {
    memory(0x8d, to.ordinal(), from, displacement);
  }

  void add(Register to, Register from) {
    registers(0x01, from.ordinal(), to);
  }

  void add(Register to, Register base, int displacement) {
    memory(0x03, to.ordinal(), base, displacement);
  }

  void add(Register to, int value) {
    registers(0x81, 0, to);
    int32(value);
  }

  void sub(Register from, int value) {
    registers(0x81, 5, from);
    int32(value);
  }

  /** Sets the flags of register AND register. */
  void test(Register register) {
    registers(0x85, register.ordinal(), register);
  }

  /** Decrements a number in memory. */
  void dec(Register base, int displacement) {
    memory(0xff, 1, base, displacement);
  }

  void push(Register register) {
    rex(false, 0, register.ordinal());
    put(0x50 | register.ordinal() & 7);
  }

  void pop(Register register) {
    rex(false, 0, register.ordinal());
    put(0x58 | register.ordinal() & 7);
  }

  /** Stores the lower 32 bits. */
  void mov32(Register base, int displacement, Register from) {
    rex(false, from.ordinal(), base.ordinal());
    put(0x89);
    operand(from.ordinal(), base, displacement);
  }

  /** Fetches a cache line to be written; a hint that never faults. */
  void prefetchw(Register base, int displacement) {
    rex(false, 0, base.ordinal());
    put(0x0f, 0x0d);
    operand(1, base, displacement);
  }

  /** Fills RAX, RBX, RCX and RDX for the leaf in RAX and the subleaf in RCX. */
  void cpuid() {
    put(0x0f, 0xa2);
  }

  /** Reads the extended control register RCX into RDX (upper half) and RAX (lower half). */
  void xgetbv() {
    put(0x0f, 0x01, 0xd0);
  }

  private void registers(int opcode, int reg, Register rm) {
    put(0x48 | reg >> 3 << 2 | rm.ordinal() >> 3, opcode, 0xc0 | (reg & 7) << 3 | rm.ordinal() & 7);
  }

  private void memory(int opcode, int reg, Register base, int displacement) {
    rex(true, reg, base.ordinal());
    put(opcode);
    operand(reg, base, displacement);
  }

  private void rex(boolean wideOperand, int reg, int rm) {
    put(0x40 | (wideOperand ? 8 : 0) | reg >> 3 << 2 | rm >> 3);
  }

  /** ModRM, SIB where the base needs one, and a displacement of 32 bits. */
  private void operand(int reg, Register base, int displacement) {
    int low = base.ordinal() & 7;
    put(0x80 | (reg & 7) << 3 | low);
    if (low == Register.RSP.ordinal()) {
      put(0x24);
    }
    int32(displacement);
  }

  // ---- vectors of F32, numbered 0 to 15, with 64 bytes 0 to 31

  /** {@code to = memory}, at any alignment. */
  void vmovups(int to, Register base, int displacement) {
    vectorMemory(MAP_0F, NO_PREFIX, 0x10, to, 0, base, displacement);
  }

  /** {@code memory = from}, at any alignment. */
  void vmovups(Register base, int displacement, int from) {
    vectorMemory(MAP_0F, NO_PREFIX, 0x11, from, 0, base, displacement);
  }

  /** All lanes of {@code to} = the 32 bits in memory. */
  void vbroadcastss(int to, Register base, int displacement) {
    vectorMemory(MAP_0F38, PREFIX_66, 0x18, to, 0, base, displacement);
  }

  /** {@code to += a * b}, rounded once. */
  void vfmadd231ps(int to, int a, int b) {
    vectors(MAP_0F38, PREFIX_66, 0xb8, to, a, b);
  }

  /**
   * {@code to += a.high * b.high}, then {@code to += a.low * b.low}, of lanes that are two BF16
   * numbers each; each rounded once, with denormals taken for zero. 64-byte vectors (AVX512-BF16).
   */
  void vdpbf16ps(int to, int a, int b) {
    vectors(MAP_0F38, PREFIX_F3, 0x52, to, a, b);
  }

  /** {@code to = a + b} */
  void vaddps(int to, int a, int b) {
    vectors(MAP_0F, NO_PREFIX, 0x58, to, a, b);
  }

  /** {@code to = a + memory} */
  void vaddps(int to, int a, Register base, int displacement) {
    vectorMemory(MAP_0F, NO_PREFIX, 0x58, to, a, base, displacement);
  }

  /** The lower half of {@code to} = 16 bytes of memory, the upper half zero; 32-byte vectors. */
  void vmovupsHalf(int to, Register base, int displacement) {
    vex(MAP_0F, NO_PREFIX, 0, to, 0, base.ordinal());
    put(0x10);
    operand(to, base, displacement);
  }

  /** {@code to} = the lower half of {@code low} and 16 bytes of memory; 32-byte vectors. */
  void vinsertf128(int to, int low, Register base, int displacement) {
    vectorMemory(MAP_0F3A, PREFIX_66, 0x18, to, low, base, displacement);
    put(1);
  }

  /** In each half: a0 b0 a1 b1. */
  void vunpcklps(int to, int a, int b) {
    vectors(MAP_0F, NO_PREFIX, 0x14, to, a, b);
  }

  /** In each half: a2 b2 a3 b3. */
  void vunpckhps(int to, int a, int b) {
    vectors(MAP_0F, NO_PREFIX, 0x15, to, a, b);
  }

  /** In each half: two lanes of a, two of b, as the pairs of bits of {@code lanes} say. */
  void vshufps(int to, int a, int b, int lanes) {
    vectors(MAP_0F, NO_PREFIX, 0xc6, to, a, b);
    put(lanes);
  }

  /** {@code to = 0} */
  void zero(int to) {
    // vxorps of 64 bytes is AVX512DQ's; vpxord is AVX512F's.
    vectors(MAP_0F, wide ? PREFIX_66 : NO_PREFIX, wide ? 0xef : 0x57, to, to, to);
  }

  /** Ends the use of long vectors, so that the caller's short ones stay fast. */
  void vzeroupper() {
    put(0xc5, 0xf8, 0x77);
  }

  private void vectors(int map, int prefix, int opcode, int to, int a, int b) {
    vectorPrefix(map, prefix, to, a, b);
    put(opcode, 0xc0 | (to & 7) << 3 | b & 7);
  }

  private void vectorMemory(
      int map, int prefix, int opcode, int to, int a, Register base, int displacement) {
    vectorPrefix(map, prefix, to, a, base.ordinal());
    put(opcode);
    operand(to, base, displacement);
  }

  private void vectorPrefix(int map, int prefix, int reg, int a, int rm) {
    if (wide) {
      evex(map, prefix, reg, a, rm);
    } else {
      vex(map, prefix, 1, reg, a, rm);
    }
  }

  // Register numbers go in inverted, bit 3 of reg in R, of rm in B. W stays off.

  private void vex(int map, int prefix, int length, int reg, int a, int rm) {
    int r = ~reg >> 3 & 1;
    int b = ~rm >> 3 & 1;
    put(0xc4, r << 7 | 1 << 6 | b << 5 | map, (~a & 15) << 3 | length << 2 | prefix);
  }

  /** Bit 4 of reg goes in R', of a in V', of a register rm in X; masks and rounding stay off. */
  private void evex(int map, int prefix, int reg, int a, int rm) {
    int r = ~reg >> 3 & 1;
    int x = ~rm >> 4 & 1;
    int b = ~rm >> 3 & 1;
    int r2 = ~reg >> 4 & 1;
    int v2 = ~a >> 4 & 1;
    put(0x62, r << 7 | x << 6 | b << 5 | r2 << 4 | map);
    put((~a & 15) << 3 | 4 | prefix, 2 << 5 | v2 << 3);
  }

  private void put(int... bytes) {
    if (size + bytes.length > code.length) {
      code = Arrays.copyOf(code, 2 * code.length);
    }
    for (int b : bytes) {
      code[size++] = (byte) b;
    }
  }

  private void int32(int value) {
    put(value, value >> 8, value >> 16, value >> 24);
  }
}
