/**
 * What a back end implements, and the only thing that crosses between operations and back ends:
 * memory and kernels, all in terms of plain addresses.
 */
package dev.tenzing.engine.kernel;
