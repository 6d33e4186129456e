package dev.tenzing.engine;

/**
 * Memory of a device, in bytes.
 *
 * @param current bytes of tensors that are alive now
 * @param peak most bytes of tensors alive at once since the device was made or the peak was reset
 * @param reserved bytes taken from the system: alive ones and those cached for reuse
 */
public record MemoryUsage(long current, long peak, long reserved) {}
