/** Matrix products: blocks, packed panels, and tiles on the Vector API or in machine code. */
package dev.tenzing.engine.cpu.gemm;
