package dev.tenzing.engine.kernel;

/**
 * The arguments of one call of a kernel. They know what the call costs, so that a profile needs
 * nothing from the kernels themselves.
 */
public interface KernelCall {
  /** What the call costs whoever computes it. */
  Cost cost();

  /** Name of the kernel for people: that of the record, beginning with a small letter. */
  default String kernel() {
    String name = getClass().getSimpleName();
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
