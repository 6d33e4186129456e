/**
 * What the vector kernels share: the shapes of vectors, functions on them, rows, sums in a fixed
 * order, how work is cut, and the workers.
 */
package dev.tenzing.engine.cpu.vector;
