package dev.tenzing.engine.kernel;

/**
 * What becomes of several numbers. Its place in this list is its number in {@code functions.cu}.
 */
public enum ReduceFunction {
  /** Their sum, taken in double precision. */
  SUM,
  /** Their sum, taken in double precision, divided by how many they are. */
  MEAN,
  /** The largest; the first of several that are equal has its gradient. */
  MAX
}
