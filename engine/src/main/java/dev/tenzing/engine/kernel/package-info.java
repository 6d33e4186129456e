/**
 * What a back end implements, and the only thing that crosses between operations and back ends:
 * memory, and kernels composed of small families. A kernel is called with one record of operands
 * and sizes, which knows what the call costs.
 */
package dev.tenzing.engine.kernel;
