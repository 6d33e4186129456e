package dev.tenzing.engine.cpu.vector;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The transcendental functions of the kernels on {@link VectorSpec#F} vectors: short, free of
 * branches, so that they inline into loops.
 *
 * <p>The polynomials are our own: weighted least squares on Chebyshev nodes, reweighted by Lawson's
 * iteration until the error is minimax, against mpmath values of 40 digits, then rounded to F32.
 * The errors named below are the largest seen with the rounded coefficients and F32 arithmetic over
 * millions of arguments of the whole range. {@link ScalarMath} has the same functions in double
 * precision.
 *
 * <p>The constants are vectors, and static final. In a method of more than 18,000 nodes C2 inlines
 * no further, and a vector that lives across a call is boxed, at 5 times the time of the loop. A
 * Vector API call makes some 270 nodes, broadcasting a constant as well; a constant vector makes
 * few and stays in a register all the same.
 */
public final class VectorMath {
  private static final FloatVector ONE = constant(1);
  private static final FloatVector LOG2_E = constant(1.442695f);
  // ln 2 in two parts; the first has 9 trailing zero bits, so a multiple of it is exact.
  private static final FloatVector MINUS_LN2_HIGH = constant(-0x1.62e4p-1f);
  private static final FloatVector MINUS_LN2_LOW = constant(-0x1.7f7d1cp-20f);
  // Adding this rounds to an integer k and leaves k + 126 in the low bits of the sum.
  private static final FloatVector ROUND = constant(0x1.8p23f + 126);
  private static final FloatVector EXP_MIN = constant(-87.3f);
  private static final FloatVector EXP_MAX = constant(89);
  private static final FloatVector EXP_6 = constant(0.001381454f);
  private static final FloatVector EXP_5 = constant(0.008368745f);
  private static final FloatVector EXP_4 = constant(0.04166839f);
  private static final FloatVector EXP_3 = constant(0.16666521f);
  private static final FloatVector EXP_2 = constant(0.49999994f);

  private static final FloatVector ERF_SPLIT = ONE;
  private static final FloatVector ERF_MAX = constant(4);
  private static final FloatVector ERF_SMALL_6 = constant(7.8538724e-05f);
  private static final FloatVector ERF_SMALL_5 = constant(-0.0008010197f);
  private static final FloatVector ERF_SMALL_4 = constant(0.005188328f);
  private static final FloatVector ERF_SMALL_3 = constant(-0.026853813f);
  private static final FloatVector ERF_SMALL_2 = constant(0.112835854f);
  private static final FloatVector ERF_SMALL_1 = constant(-0.37612626f);
  private static final FloatVector ERF_SMALL_0 = constant(0.12837917f);
  private static final FloatVector ERF_LARGE_6 = constant(0.000185574f);
  private static final FloatVector ERF_LARGE_5 = constant(-0.0029396072f);
  private static final FloatVector ERF_LARGE_4 = constant(0.021805318f);
  private static final FloatVector ERF_LARGE_3 = constant(-0.103037365f);
  private static final FloatVector ERF_LARGE_2 = constant(-0.6382257f);
  private static final FloatVector ERF_LARGE_1 = constant(-1.12704f);
  private static final FloatVector ERF_LARGE_0 = constant(-0.0003537197f);
  private static final int SIGN = 0x8000_0000;

  private static final FloatVector HALF = constant(0.5f);
  private static final FloatVector SQRT_HALF = constant(0.70710678f);

  private static final FloatVector SLOPE_MAX = constant(6);
  private static final FloatVector SLOPE_11 = constant(-3.1554316e-07f);
  private static final FloatVector SLOPE_10 = constant(7.708782e-06f);
  private static final FloatVector SLOPE_9 = constant(-8.477102e-05f);
  private static final FloatVector SLOPE_8 = constant(0.00056365284f);
  private static final FloatVector SLOPE_7 = constant(-0.0025900907f);
  private static final FloatVector SLOPE_6 = constant(0.009003848f);
  private static final FloatVector SLOPE_5 = constant(-0.025471818f);
  private static final FloatVector SLOPE_4 = constant(0.061923932f);
  private static final FloatVector SLOPE_3 = constant(-0.13280578f);
  private static final FloatVector SLOPE_2 = constant(0.24997257f);
  private static final FloatVector SLOPE_1 = constant(-0.79788285f);
  private static final FloatVector SLOPE_0 = constant(0.49999997f);
  private static final FloatVector ZERO = constant(0);
  private static final FloatVector MINUS_HALF = constant(-0.5f);
  // -1 / sqrt(2 pi)
  private static final FloatVector MINUS_PHI_0 = constant(-0.3989423f);

  private VectorMath() {}

  /**
   * e^v within 0.9 ulp. Results below 2^-125.5 are 0, NaN stays NaN, and overflow gives infinity.
   *
   * <p>e^v = 2^k e^r with |r| at most ln(2)/2, and e^r = 1 + r + r^2 q(r) with q of degree 4
   * (relative error 3e-9).
   */
  public static FloatVector exp(FloatVector v) {
    return expUpTo88(v.blend(EXP_MAX, v.compare(GT, EXP_MAX)));
  }

  /**
   * {@link #exp} of at most 88, such as of a logit less the largest: two instructions fewer, and
   * fewer nodes for C2.
   */
  public static FloatVector expUpTo88(FloatVector v) {
    // A blend and not max: it lets NaN pass, and max costs six instructions on x86.
    FloatVector x = v.blend(EXP_MIN, v.compare(LT, EXP_MIN));
    FloatVector t = x.fma(LOG2_E, ROUND);
    FloatVector k = t.sub(ROUND);
    FloatVector r = k.fma(MINUS_LN2_LOW, k.fma(MINUS_LN2_HIGH, x));
    FloatVector p = r.fma(EXP_6, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2);
    p = p.fma(r, ONE).fma(r, ONE);
    // The exponent field k + 126 holds 2^(k-1), and 0 when k = -126; 2p makes up for the half, so
    // that k = 128 (results just below the largest float) needs no case of its own.
    IntVector scale = t.reinterpretAsInts().lanewise(LSHL, 23);
    return p.add(p).mul(scale.reinterpretAsFloats());
  }

  /**
   * erf(v) within 1.1 ulp; odd, NaN stays NaN.
   *
   * <p>Below 1: v + v p(v^2) with p of degree 6 (relative error 1.2e-9). From 1 on: 1 - e^g(|v|),
   * where g of degree 6 fits ln erfc weighted with erfc (error 1e-9 of the result).
   */
  public static FloatVector erf(FloatVector v) {
    FloatVector u = v.mul(v);
    FloatVector p = u.fma(ERF_SMALL_6, ERF_SMALL_5).fma(u, ERF_SMALL_4).fma(u, ERF_SMALL_3);
    p = p.fma(u, ERF_SMALL_2).fma(u, ERF_SMALL_1).fma(u, ERF_SMALL_0);
    FloatVector small = p.fma(v, v);

    FloatVector magnitude = v.abs();
    FloatVector a = magnitude.blend(ERF_MAX, magnitude.compare(GT, ERF_MAX));
    FloatVector g = a.fma(ERF_LARGE_6, ERF_LARGE_5).fma(a, ERF_LARGE_4).fma(a, ERF_LARGE_3);
    g = g.fma(a, ERF_LARGE_2).fma(a, ERF_LARGE_1).fma(a, ERF_LARGE_0);
    IntVector large = ONE.sub(expUpTo88(g)).reinterpretAsInts();
    FloatVector signed = large.or(v.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
    return signed.blend(small, magnitude.compare(LT, ERF_SPLIT));
  }

  /**
   * GELU, v Phi(v) = 0.5 v (1 + erf(v / sqrt 2)) (Hendrycks and Gimpel 2016), not its tanh form.
   */
  public static FloatVector gelu(FloatVector v) {
    FloatVector half = v.mul(HALF);
    return half.fma(erf(v.mul(SQRT_HALF)), half);
  }

  /** e^(-v^2 / 2), of which GELU's derivative is made. */
  public static FloatVector bell(FloatVector v) {
    return expUpTo88(v.mul(v).mul(MINUS_HALF));
  }

  /**
   * Derivative of {@link #gelu}, Phi(v) + v phi(v), within 1.2e-7.
   *
   * <p>For a = |v| it is h(a) at -a and 1 - h(a) at a, where h(a) = Phi(-a) - a phi(a) = e^(-a^2/2)
   * p(a). p of degree 11 fits h(a) e^(a^2/2) on [0, 6], weighted with e^(-a^2/2) (error 1.7e-8 of
   * h).
   *
   * @param bell {@link #bell} of v
   */
  public static FloatVector geluDerivative(FloatVector v, FloatVector bell) {
    FloatVector magnitude = v.abs();
    FloatVector a = magnitude.blend(SLOPE_MAX, magnitude.compare(GT, SLOPE_MAX));
    FloatVector p = a.fma(SLOPE_11, SLOPE_10).fma(a, SLOPE_9).fma(a, SLOPE_8).fma(a, SLOPE_7);
    p = p.fma(a, SLOPE_6).fma(a, SLOPE_5).fma(a, SLOPE_4).fma(a, SLOPE_3);
    p = p.fma(a, SLOPE_2).fma(a, SLOPE_1).fma(a, SLOPE_0);
    FloatVector h = p.mul(bell);
    return h.blend(ONE.sub(h), v.compare(GT, ZERO));
  }

  /** {@link #gelu} of a finite v within 1.9e-7 |v|, as v (derivative - v phi(v)). */
  public static FloatVector geluOfDerivative(
      FloatVector v, FloatVector bell, FloatVector derivative) {
    return v.mul(v.mul(bell).fma(MINUS_PHI_0, derivative));
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(VectorSpec.F, value);
  }
}
