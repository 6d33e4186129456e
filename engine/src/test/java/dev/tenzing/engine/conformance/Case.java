package dev.tenzing.engine.conformance;

import dev.tenzing.engine.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * One operation at one size, as registered in {@link Cases}. The problem is made when it is first
 * asked for.
 */
final class Case {
  // Finite differences of more elements would take longer than the rest of the suite.
  private static final int SMALL = 500;

  private final Class<?> operation;
  private final String name;
  private final Supplier<Problem> make;
  private Problem problem;
  private double[] output;
  private double[] outputGradient;
  private double[][] finiteDifferences;

  private Case(Class<?> operation, String name, Supplier<Problem> make) {
    this.operation = operation;
    this.name = name;
    this.make = make;
  }

  /** The cases of an operation: one for each size, with inputs drawn from the case's name. */
  static List<Case> of(
      Class<?> operation, String variant, Problem.Builder builder, int[]... sizes) {
    List<Case> cases = new ArrayList<>();
    for (int[] size : sizes) {
      String name = operation.getSimpleName() + " " + variant + Arrays.toString(size);
      Draw draw = new Draw(name.hashCode());
      cases.add(new Case(operation, name, () -> builder.build(draw, size)));
    }
    return cases;
  }

  /** The operation's class, or {@link Kernels} when kernels are called directly. */
  Class<?> operation() {
    return operation;
  }

  boolean isOperation() {
    return operation != Kernels.class;
  }

  Problem problem() {
    if (problem == null) {
      problem = make.get();
    }
    return problem;
  }

  /** What the operation is to give. */
  double[] output() {
    if (output == null) {
      output = problem().expected();
    }
    return output;
  }

  /** The gradient of a loss with respect to the output. */
  double[] outputGradient() {
    if (outputGradient == null) {
      outputGradient = new Draw(7).normal(output().length);
    }
    return outputGradient;
  }

  /** Whether its inputs are few enough to be checked one by one by finite differences. */
  boolean small() {
    return problem().inputs().stream().mapToLong(input -> input.shape().size()).sum() <= SMALL;
  }

  /** The inputs' gradients by finite differences, null for inputs that have none. */
  double[][] finiteDifferences() {
    if (finiteDifferences == null) {
      finiteDifferences = FiniteDifferences.gradients(problem(), outputGradient());
    }
    return finiteDifferences;
  }

  @Override
  public String toString() {
    return name;
  }
}
