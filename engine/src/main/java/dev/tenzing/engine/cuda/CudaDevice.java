package dev.tenzing.engine.cuda;

/**
 * A GPU as the driver describes it.
 *
 * @param index its number i in {@code cuda:i}
 * @param name the product, such as {@code NVIDIA H100 80GB HBM3}
 * @param computeMajor compute capability before the dot
 * @param computeMinor compute capability after the dot
 * @param memoryBytes all of its memory
 * @param multiprocessors how many streaming multiprocessors it has
 * @param pciBusId where it is plugged in, such as {@code 0000:3B:00.0}
 */
public record CudaDevice(
    int index,
    String name,
    int computeMajor,
    int computeMinor,
    long memoryBytes,
    int multiprocessors,
    String pciBusId) {

  /** Compute capability, such as {@code 9.0}. */
  public String computeCapability() {
    return computeMajor + "." + computeMinor;
  }
}
