package dev.tenzing.engine.conformance;

/**
 * Derivatives of a problem's formula, with a linear function of its output as the loss, by the
 * central difference of fourth order: {@code (8 (L(h) - L(-h)) - (L(2h) - L(-2h))) / 12 h}, good to
 * about 1e-11.
 */
final class FiniteDifferences {
  private static final double H = 1e-3;

  private FiniteDifferences() {}

  /** The gradient of every differentiable input, null for the others. */
  static double[][] gradients(Problem problem, double[] outputGradient) {
    double[][] gradients = new double[problem.inputs().size()][];
    for (int i = 0; i < gradients.length; i++) {
      if (problem.inputs().get(i).differentiable()) {
        int n = problem.inputs().get(i).values().length;
        gradients[i] = new double[n];
        for (int j = 0; j < n; j++) {
          double[] direction = new double[n];
          direction[j] = 1;
          gradients[i][j] = along(problem, outputGradient, i, direction);
        }
      }
    }
    return gradients;
  }

  /** The derivative along a direction of one input. */
  static double along(Problem problem, double[] outputGradient, int input, double[] direction) {
    return (8 * difference(problem, outputGradient, input, direction, H)
            - difference(problem, outputGradient, input, direction, 2 * H))
        / (12 * H);
  }

  /** {@code L(x + h d) - L(x - h d)}. */
  private static double difference(
      Problem problem, double[] outputGradient, int input, double[] direction, double h) {
    double[][] values = problem.inputs().stream().map(Input::values).toArray(double[][]::new);
    double[] centre = values[input];
    values[input] = moved(centre, direction, h);
    double[] above = problem.formula().apply(values);
    values[input] = moved(centre, direction, -h);
    double[] below = problem.formula().apply(values);
    double sum = 0;
    for (int i = 0; i < above.length; i++) {
      sum += (above[i] - below[i]) * outputGradient[i];
    }
    return sum;
  }

  private static double[] moved(double[] x, double[] direction, double h) {
    double[] moved = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      moved[i] = x[i] + h * direction[i];
    }
    return moved;
  }
}
