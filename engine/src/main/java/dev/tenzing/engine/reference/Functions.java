package dev.tenzing.engine.reference;

import dev.tenzing.engine.kernel.BinaryFunction;
import dev.tenzing.engine.kernel.UnaryFunction;

/** The formulas of functions and of their derivatives, the same bits on every machine. */
public final class Functions {
  private Functions() {}

  /** {@code f(x)}. */
  public static double value(UnaryFunction f, double x) {
    return switch (f) {
      case EXP -> StrictMath.exp(x);
      case LOG -> StrictMath.log(x);
      case SQRT -> Math.sqrt(x);
      case RELU -> x <= 0 ? 0 : x;
      case SIGMOID -> 1 / (1 + StrictMath.exp(-x));
      case GELU -> ScalarMath.gelu(x);
    };
  }

  /** {@code f'(x)} with {@code y = f(x)}. */
  public static double slope(UnaryFunction f, double x, double y) {
    return switch (f) {
      case EXP -> y;
      case LOG -> 1 / x;
      case SQRT -> 0.5 / y;
      case RELU -> x <= 0 ? 0 : 1;
      case SIGMOID -> y * (1 - y);
      case GELU -> ScalarMath.geluDerivative(x);
    };
  }

  /** {@code f(a, b)}. */
  public static double value(BinaryFunction f, double a, double b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
    };
  }

  /** The derivative of {@code f(a, b)} by its first or its second argument. */
  public static double slope(BinaryFunction f, boolean first, double a, double b) {
    return switch (f) {
      case ADD -> 1;
      case SUB -> first ? 1 : -1;
      case MUL -> first ? b : a;
      case DIV -> first ? 1 / b : -a / (b * b);
    };
  }
}
