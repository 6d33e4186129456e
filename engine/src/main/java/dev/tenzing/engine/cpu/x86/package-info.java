/**
 * Machine code for x86-64, written by Java: a small assembler, executable memory, and the inner
 * loops of matrix products that it assembles when the program starts.
 *
 * <p>The Vector API's loops reach 70 to 90 % of what the processor's multiply-add units can do in a
 * tile of a matrix product, because the compiler chooses registers, addresses and unrolling; and it
 * has no instruction for BF16. A tile of some hundred bytes, emitted here and called through {@code
 * java.lang.foreign}, reaches nearly all of it. Nothing else of the CPU back end is written this
 * way, results in F32 are the same bits, and where the processor or the operating system does not
 * allow it the Vector API's tile runs, in BF16 on rounded F32.
 */
package dev.tenzing.engine.cpu.x86;
