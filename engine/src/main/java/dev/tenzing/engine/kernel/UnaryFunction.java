package dev.tenzing.engine.kernel;

/** A function of one number. Its place in this list is its number in {@code functions.cu}. */
public enum UnaryFunction {
  /** e^x. */
  EXP,
  /** Natural logarithm. */
  LOG,
  /** Square root. */
  SQRT,
  /** max(x, 0), whose slope at 0 is 0. */
  RELU,
  /** 1 / (1 + e^-x). */
  SIGMOID,
  /** x Phi(x), the erf form of GELU. */
  GELU
}
