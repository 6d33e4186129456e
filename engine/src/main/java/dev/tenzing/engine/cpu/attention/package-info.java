/** Attention by tiles of matrix products, forward and backward. */
package dev.tenzing.engine.cpu.attention;
