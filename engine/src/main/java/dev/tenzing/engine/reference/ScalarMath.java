package dev.tenzing.engine.reference;

/**
 * Functions of elements in double precision: what the scalar reference kernels compute with, and
 * what the vector functions are tested against.
 */
public final class ScalarMath {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double INV_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);
  // From here on erfc's continued fraction converges faster than erf's series.
  private static final double ERF_SPLIT = 2.5;
  // erfc(6) is below half an ulp of 1.
  private static final double ERF_MAX = 6;
  private static final int FRACTION_TERMS = 60;

  private ScalarMath() {}

  /** Rounded to BF16, the upper half of its bits, to the nearest and ties to even. */
  public static float bf16(float v) {
    int bits = Float.floatToRawIntBits(v);
    int rounded = Float.isNaN(v) ? bits | 0x00400000 : bits + 0x7fff + (bits >>> 16 & 1);
    return Float.intBitsToFloat(rounded & 0xffff0000);
  }

  /** e^v. */
  public static double exp(double v) {
    return Math.exp(v);
  }

  /**
   * erf(v), absolute and relative error below 1e-14.
   *
   * <p>Near 0 the series of Abramowitz and Stegun 7.1.6, whose terms are all positive: 2/sqrt(pi)
   * e^(-v^2) sum of 2^n v^(2n+1) / (1 3 5 ... (2n+1)). Beyond, 1 - erfc(v) by the continued
   * fraction 7.1.14, from its last term up.
   */
  public static double erf(double v) {
    double a = Math.abs(v);
    if (Double.isNaN(v)) {
      return v;
    }
    if (a >= ERF_MAX) {
      return Math.signum(v);
    }
    double square = a * a;
    if (a < ERF_SPLIT) {
      double term = v;
      double sum = v;
      for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
        term *= 2 * square / (2 * n + 1);
        sum += term;
      }
      return TWO_OVER_SQRT_PI * Math.exp(-square) * sum;
    }
    double fraction = a;
    for (int n = FRACTION_TERMS; n >= 1; n--) {
      fraction = a + 0.5 * n / fraction;
    }
    double erfc = Math.exp(-square) / (Math.sqrt(Math.PI) * fraction);
    return Math.copySign(1 - erfc, v);
  }

  /** GELU, v Phi(v) = 0.5 v (1 + erf(v / sqrt 2)). */
  public static double gelu(double v) {
    return 0.5 * v * (1 + erf(v * SQRT_HALF));
  }

  /** Derivative of {@link #gelu}: Phi(v) + v phi(v). */
  public static double geluDerivative(double v) {
    double density = INV_SQRT_2PI * Math.exp(-0.5 * v * v);
    return 0.5 * (1 + erf(v * SQRT_HALF)) + v * density;
  }
}
