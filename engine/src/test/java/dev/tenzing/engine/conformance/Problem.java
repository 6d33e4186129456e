package dev.tenzing.engine.conformance;

import dev.tenzing.engine.Tensor;
import java.util.List;
import java.util.function.Function;

/**
 * An operation on given inputs, and what it is to compute.
 *
 * @param sum terms of the longest sum in the operation or its gradients, which sets the tolerance;
 *     0 when nothing is computed, only moved
 * @param inputs in the order that {@code operation} and {@code formula} take them
 * @param operation the operation under test
 * @param formula the same in double precision, from the inputs' elements to the output's
 */
record Problem(
    int sum,
    List<Input> inputs,
    Function<Tensor[], Tensor> operation,
    Function<double[][], double[]> formula) {

  /** Makes a problem of given sizes. */
  @FunctionalInterface
  interface Builder {
    Problem build(Draw draw, int... sizes);
  }

  /** The formula at the inputs. */
  double[] expected() {
    return formula.apply(inputs.stream().map(Input::values).toArray(double[][]::new));
  }
}
