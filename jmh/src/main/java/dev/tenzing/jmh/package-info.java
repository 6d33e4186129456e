/**
 * Speed of the CPU kernels by JMH, through the interface that operations call them by. {@code
 * scripts/time-kernels} runs them.
 */
package dev.tenzing.jmh;
