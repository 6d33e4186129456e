/**
 * Speed of the CPU kernels by JMH, through the interface that operations call them by. {@code
 * bench/kernels.sh} runs them.
 */
package dev.tenzing.benchmarks;
