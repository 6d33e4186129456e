/**
 * The CPU back end: kernels on the Vector API and in machine code. The scalar reference in {@code
 * dev.tenzing.engine.reference} specifies them and stands in where C2 is missing.
 *
 * <p>Every kernel cuts its work by shape, never by the number of threads, so results are the same
 * bits for every number of threads.
 */
package dev.tenzing.engine.cpu;
