package dev.tenzing.engine.cpu.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.cpu.x86.Assembler.Condition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@link Assembler} emits, read back by binutils' disassembler, which knows nothing of it.
 * Every instruction is used with registers from both halves of the register files, because their
 * upper bits travel in different places of the prefixes.
 */
class AssemblerTest {
  /** One instruction and its name in AT&T notation. */
  private record Line(String expected, Consumer<Assembler> emit) {}

  private static final List<Line> GENERAL =
      List.of(
          new Line("mov %rdi,%r10", a -> a.mov(Register.R10, Register.RDI)),
          new Line("mov %r9,%rax", a -> a.mov(Register.RAX, Register.R9)),
          new Line("lea 0x40(%rsi),%r11", a -> a.lea(Register.R11, Register.RSI, 0x40)),
          new Line("lea 0x40(%r12),%rcx", a -> a.lea(Register.RCX, Register.R12, 0x40)),
          new Line("add %r8,%r10", a -> a.add(Register.R10, Register.R8)),
          new Line("add %rcx,%rdi", a -> a.add(Register.RDI, Register.RCX)),
          new Line("add 0x10(%rsp),%rdi", a -> a.add(Register.RDI, Register.RSP, 0x10)),
          new Line("add 0x20(%rsp),%r9", a -> a.add(Register.R9, Register.RSP, 0x20)),
          new Line("add $0x12345,%r11", a -> a.add(Register.R11, 0x12345)),
          new Line("sub $0x4,%rax", a -> a.sub(Register.RAX, 4)),
          new Line("test %r9,%r9", a -> a.test(Register.R9)),
          new Line("test %rbx,%rbx", a -> a.test(Register.RBX)),
          new Line("decq 0x8(%rsp)", a -> a.dec(Register.RSP, 8)),
          new Line("rex push %rbx", a -> a.push(Register.RBX)),
          new Line("push %r12", a -> a.push(Register.R12)),
          new Line("rex pop %rbx", a -> a.pop(Register.RBX)),
          new Line("rex mov %ebx,0x4(%rsi)", a -> a.mov32(Register.RSI, 4, Register.RBX)),
          new Line("mov %edx,0xc(%r8)", a -> a.mov32(Register.R8, 12, Register.RDX)),
          new Line("rex prefetchw 0x40(%rcx)", a -> a.prefetchw(Register.RCX, 0x40)),
          new Line("prefetchw 0x0(%r10)", a -> a.prefetchw(Register.R10, 0)),
          new Line("cpuid", Assembler::cpuid),
          new Line("xgetbv", Assembler::xgetbv),
          new Line("vzeroupper", Assembler::vzeroupper),
          new Line("ret", Assembler::ret));

  @TempDir Path folder;

  @Test
  void generalInstructions() throws Exception {
    assertEquals(expected(GENERAL), disassembled(32, GENERAL));
  }

  @Test
  void vectorsOf32Bytes() throws Exception {
    List<Line> lines = vectorLines("ymm", 15, "vxorps");
    assertEquals(expected(lines), disassembled(32, lines));
  }

  @Test
  void shufflesOf32Bytes() throws Exception {
    List<Line> lines =
        List.of(
            new Line("vmovups 0x10(%r10),%xmm3", a -> a.vmovupsHalf(3, Register.R10, 16)),
            new Line("vmovups 0x0(%rdi),%xmm12", a -> a.vmovupsHalf(12, Register.RDI, 0)),
            new Line(
                "vinsertf128 $0x1,0x10(%r10),%ymm9,%ymm2",
                a -> a.vinsertf128(2, 9, Register.R10, 16)),
            new Line("vunpcklps %ymm1,%ymm10,%ymm8", a -> a.vunpcklps(8, 10, 1)),
            new Line("vunpckhps %ymm11,%ymm0,%ymm7", a -> a.vunpckhps(7, 0, 11)),
            new Line("vshufps $0xee,%ymm14,%ymm4,%ymm15", a -> a.vshufps(15, 4, 14, 0xee)));
    assertEquals(expected(lines), disassembled(32, lines));
  }

  @Test
  void vectorsOf64Bytes() throws Exception {
    List<Line> lines = new ArrayList<>(vectorLines("zmm", 31, "vpxord"));
    lines.add(new Line("vdpbf16ps %zmm31,%zmm25,%zmm3", a -> a.vdpbf16ps(3, 25, 31)));
    lines.add(new Line("vdpbf16ps %zmm9,%zmm3,%zmm31", a -> a.vdpbf16ps(31, 3, 9)));
    assertEquals(expected(lines), disassembled(64, lines));
  }

  private static List<Line> vectorLines(String kind, int last, String xor) {
    String low = "%" + kind + "3";
    String high = "%" + kind + last;
    String mid = "%" + kind + "9";
    String left = "%" + kind + (last - 6);
    return List.of(
        new Line("vmovups 0x40(%r11)," + low, a -> a.vmovups(3, Register.R11, 0x40)),
        new Line("vmovups 0x40(%rsi)," + high, a -> a.vmovups(last, Register.RSI, 0x40)),
        new Line("vmovups " + high + ",0x1040(%r10)", a -> a.vmovups(Register.R10, 0x1040, last)),
        new Line("vmovups " + mid + ",0x0(%rcx)", a -> a.vmovups(Register.RCX, 0, 9)),
        new Line("vbroadcastss 0x644(%r10)," + high, a -> a.vbroadcastss(last, Register.R10, 1604)),
        new Line("vbroadcastss 0x4(%rdi)," + mid, a -> a.vbroadcastss(9, Register.RDI, 4)),
        new Line(
            "vfmadd231ps " + high + "," + left + "," + low, a -> a.vfmadd231ps(3, last - 6, last)),
        new Line("vfmadd231ps " + mid + "," + low + "," + high, a -> a.vfmadd231ps(last, 3, 9)),
        new Line("vaddps " + high + "," + mid + "," + left, a -> a.vaddps(last - 6, 9, last)),
        new Line(
            "vaddps 0x20(%r10)," + left + "," + high,
            a -> a.vaddps(last, last - 6, Register.R10, 0x20)),
        new Line(xor + " " + high + "," + high + "," + high, a -> a.zero(last)),
        new Line(xor + " " + low + "," + low + "," + low, a -> a.zero(3)));
  }

  @Test
  void jumpsForwardAndBackward() throws Exception {
    String text =
        disassembly(
            32,
            a -> {
              Assembler.Label back = a.label();
              Assembler.Label forward = a.label();
              a.bind(back);
              a.ret();
              a.jump(Condition.ZERO, forward);
              a.jump(Condition.NEGATIVE, forward);
              a.jump(Condition.NOT_ZERO, back);
              a.jump(Condition.NOT_NEGATIVE, back);
              a.bind(forward);
              a.ret();
            });
    assertEquals("ret\nje 0x19\njs 0x19\njne 0x0\njns 0x0\nret", text);
  }

  @Test
  void otherVectorsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Assembler(16));
  }

  private static String expected(List<Line> lines) {
    return String.join("\n", lines.stream().map(Line::expected).toList());
  }

  private String disassembled(int vectorBytes, List<Line> lines) throws Exception {
    return disassembly(vectorBytes, a -> lines.forEach(line -> line.emit().accept(a)));
  }

  private String disassembly(int vectorBytes, Consumer<Assembler> emit) throws Exception {
    Assembler assembler = new Assembler(vectorBytes);
    emit.accept(assembler);
    return String.join("\n", Disassembler.read(assembler.code(), folder).values());
  }
}
