package dev.tenzing.engine.kernel;

/** A function of two numbers. Its place in this list is its number in {@code functions.cu}. */
public enum BinaryFunction {
  /** a + b. */
  ADD,
  /** a - b. */
  SUB,
  /** a b. */
  MUL,
  /** a / b. */
  DIV
}
