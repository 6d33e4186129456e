package dev.tenzing.engine.cpu;

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
 */
final class VectorMath {
  private static final float LOG2_E = 1.442695f;
  // ln 2 in two parts; the first has 9 trailing zero bits, so a multiple of it is exact.
  private static final float LN2_HIGH = 0x1.62e4p-1f;
  private static final float LN2_LOW = 0x1.7f7d1cp-20f;
  // Adding this rounds to an integer k and leaves k + 126 in the low bits of the sum.
  private static final float ROUND = 0x1.8p23f + 126;
  private static final float EXP_MIN = -87.3f;
  private static final float EXP_MAX = 89f;
  private static final float ERF_SPLIT = 1f;
  private static final float ERF_MAX = 4f;
  private static final float SQRT_HALF = 0.70710678f;
  private static final float INV_SQRT_2PI = 0.3989423f;
  private static final int SIGN = 0x8000_0000;

  private VectorMath() {}

  /**
   * e^v within 0.9 ulp. Results below 2^-125.5 are 0, NaN stays NaN, and overflow gives infinity.
   *
   * <p>e^v = 2^k e^r with |r| at most ln(2)/2, and e^r = 1 + r + r^2 q(r) with q of degree 4
   * (relative error 3e-9).
   */
  static FloatVector exp(FloatVector v) {
    // Blends and not min/max: they let NaN pass, and min/max cost six instructions on x86.
    FloatVector x = v.blend(EXP_MIN, v.compare(LT, EXP_MIN)).blend(EXP_MAX, v.compare(GT, EXP_MAX));
    FloatVector t = x.fma(broadcast(LOG2_E), broadcast(ROUND));
    FloatVector k = t.sub(ROUND);
    FloatVector r = k.fma(broadcast(-LN2_LOW), k.fma(broadcast(-LN2_HIGH), x));
    FloatVector p = r.fma(broadcast(0.001381454f), broadcast(0.008368745f));
    p = p.fma(r, broadcast(0.04166839f));
    p = p.fma(r, broadcast(0.16666521f));
    p = p.fma(r, broadcast(0.49999994f));
    p = p.fma(r, broadcast(1f));
    p = p.fma(r, broadcast(1f));
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
  static FloatVector erf(FloatVector v) {
    FloatVector u = v.mul(v);
    FloatVector p = u.fma(broadcast(7.8538724e-05f), broadcast(-0.0008010197f));
    p = p.fma(u, broadcast(0.005188328f));
    p = p.fma(u, broadcast(-0.026853813f));
    p = p.fma(u, broadcast(0.112835854f));
    p = p.fma(u, broadcast(-0.37612626f));
    p = p.fma(u, broadcast(0.12837917f));
    FloatVector small = p.fma(v, v);

    FloatVector magnitude = v.abs();
    FloatVector a = magnitude.blend(ERF_MAX, magnitude.compare(GT, ERF_MAX));
    FloatVector g = a.fma(broadcast(0.000185574f), broadcast(-0.0029396072f));
    g = g.fma(a, broadcast(0.021805318f));
    g = g.fma(a, broadcast(-0.103037365f));
    g = g.fma(a, broadcast(-0.6382257f));
    g = g.fma(a, broadcast(-1.12704f));
    g = g.fma(a, broadcast(-0.0003537197f));
    IntVector large = broadcast(1f).sub(exp(g)).reinterpretAsInts();
    FloatVector signed = large.or(v.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
    return signed.blend(small, magnitude.compare(LT, ERF_SPLIT));
  }

  /**
   * GELU, v Phi(v) = 0.5 v (1 + erf(v / sqrt 2)) (Hendrycks and Gimpel 2016), not its tanh form.
   */
  static FloatVector gelu(FloatVector v) {
    FloatVector half = v.mul(0.5f);
    return half.fma(erf(v.mul(SQRT_HALF)), half);
  }

  /** Derivative of {@link #gelu}: Phi(v) + v phi(v), with phi the standard normal density. */
  static FloatVector geluDerivative(FloatVector v) {
    FloatVector cumulative = erf(v.mul(SQRT_HALF)).fma(broadcast(0.5f), broadcast(0.5f));
    FloatVector density = exp(v.mul(v).mul(-0.5f)).mul(INV_SQRT_2PI);
    return v.fma(density, cumulative);
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(VectorSpec.F, value);
  }
}
