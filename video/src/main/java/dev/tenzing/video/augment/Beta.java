package dev.tenzing.video.augment;

import java.util.random.RandomGenerator;

/** Draws from the symmetric beta distribution. */
final class Beta {
  private Beta() {}

  /** A draw of Beta(alpha, alpha): X / (X + Y) of two gamma variates, in logarithms. */
  static double draw(double alpha, RandomGenerator random) {
    double logX = logGamma(alpha, random);
    double logY = logGamma(alpha, random);
    return 1 / (1 + Math.exp(logY - logX));
  }

  /**
   * Logarithm of a gamma variate (Marsaglia and Tsang: A simple method for generating gamma
   * variables, 2000). Small shapes give variates below the smallest double, logarithms do not.
   */
  private static double logGamma(double shape, RandomGenerator random) {
    if (shape < 1) {
      return logGamma(shape + 1, random) + Math.log1p(-random.nextDouble()) / shape;
    }
    double d = shape - 1 / 3.0;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = Math.pow(1 + c * x, 3);
      if (v > 0 && Math.log1p(-random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
        return Math.log(d * v);
      }
    }
  }
}
