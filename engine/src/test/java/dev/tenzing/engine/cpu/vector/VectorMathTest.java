package dev.tenzing.engine.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.reference.ScalarMath;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernels")
class VectorMathTest {
  // x, erf(x), gelu(x), gelu(-x), gelu'(x); computed with mpmath at 30 digits.
  private static final double[][] TABLE = {
    {
      1.0e-8,
      1.1283791670955126e-8,
      5.0000000398942281e-9,
      -4.9999999601057721e-9,
      0.5000000079788456
    },
    {
      0.01, 0.011283415555849617, 0.0050398935631463161, -0.0049601064368536841, 0.50797857965249243
    },
    {0.25, 0.27632639016823693, 0.14967658142073093, -0.10032341857926907, 0.69537335488363603},
    {0.5, 0.52049987781304654, 0.34573123063700655, -0.15426876936299345, 0.86749512465616284},
    {0.84375, 0.76722566123234163, 0.67550240210227923, -0.16824759789772077, 1.0363899430071606},
    {1.0, 0.84270079294971487, 0.84134474606854295, -0.15865525393145705, 1.0833154705876863},
    {1.25, 0.92290012825645823, 1.1179377829164309, -0.13206221708356907, 1.1226615830694221},
    {1.75, 0.98667167121918244, 1.6798964754883201, -0.070103524511679908, 1.1109261510825781},
    {2.0, 0.99532226501895273, 1.9544997361036416, -0.045500263896358414, 1.0852318010781969},
    {2.375, 0.99921706178210888, 2.3541606216476214, -0.020839378352378609, 1.0476837893753069},
    {2.5, 0.99959304798255504, 2.4844758366855597, -0.015524163314440338, 1.0376110859081452},
    {2.75, 0.99989937807788036, 2.7418056511036, -0.0081943488964000311, 1.0220275336443208},
    {3.0, 0.99997790950300141, 2.9959503059051097, -0.0040496940948902836, 1.0119456472041839},
    {3.5, 0.99999925690162766, 3.4991857982233757, -0.00081420177662433763, 1.0028217603536246},
    {4.0, 0.9999999845827421, 3.9998733150326675, -0.00012668496733247969, 1.0005036496612264},
    {5.0, 0.99999999999846254, 4.9999985667421406, -1.4332578593959696e-6, 1.0000071469460018},
    {5.75, 0.99999999999999958, 5.7499999743425084, -2.5657491609934268e-8, 1.0000001472943118},
  };

  @Test
  void scalarFunctionsAgreeWithTheTable() {
    for (double[] row : TABLE) {
      double x = row[0];
      assertEquals(row[1], ScalarMath.erf(x), 1e-14 * row[1]);
      assertEquals(-row[1], ScalarMath.erf(-x), 1e-14 * row[1]);
      assertEquals(row[2], ScalarMath.gelu(x), 1e-14 * row[2]);
      assertEquals(row[3], ScalarMath.gelu(-x), 1e-14);
      assertEquals(row[4], ScalarMath.geluDerivative(x), 1e-14);
      assertEquals(1 - row[4], ScalarMath.geluDerivative(-x), 1e-14);
    }
    assertEquals(1, ScalarMath.erf(Double.POSITIVE_INFINITY));
    assertEquals(-1, ScalarMath.erf(-40));
    assertTrue(Double.isNaN(ScalarMath.erf(Double.NaN)));
  }

  @Test
  void expIsWithinAnUlp() {
    assertUlps(VectorMath::exp, Math::exp, -86.5f, 88.72f, 1.0);
  }

  @Test
  void expAtItsEnds() {
    assertEquals(0f, at(VectorMath::exp, Float.NEGATIVE_INFINITY));
    assertEquals(0f, at(VectorMath::exp, -Float.MAX_VALUE));
    assertEquals(0f, at(VectorMath::exp, -100f));
    assertEquals(0f, at(VectorMath::exp, -88f), 1e-37f);
    assertEquals(1f, at(VectorMath::exp, 0f));
    assertEquals(1f, at(VectorMath::exp, -0f));
    assertEquals(1f, at(VectorMath::exp, Float.MIN_VALUE));
    assertEquals(Float.POSITIVE_INFINITY, at(VectorMath::exp, 88.8f));
    assertEquals(Float.POSITIVE_INFINITY, at(VectorMath::exp, Float.MAX_VALUE));
    assertEquals(Float.POSITIVE_INFINITY, at(VectorMath::exp, Float.POSITIVE_INFINITY));
    assertTrue(Float.isNaN(at(VectorMath::exp, Float.NaN)));
  }

  @Test
  void erfIsWithinAnUlpAndAnEighth() {
    assertUlps(VectorMath::erf, ScalarMath::erf, -4.5f, 4.5f, 1.125);
    assertUlps(VectorMath::erf, ScalarMath::erf, -1e-3f, 1e-3f, 1.125);
  }

  @Test
  void erfAtItsEnds() {
    assertEquals(1f, at(VectorMath::erf, Float.POSITIVE_INFINITY));
    assertEquals(-1f, at(VectorMath::erf, Float.NEGATIVE_INFINITY));
    assertEquals(1f, at(VectorMath::erf, 1e30f));
    assertEquals(0f, at(VectorMath::erf, 0f));
    assertTrue(Float.isNaN(at(VectorMath::erf, Float.NaN)));
  }

  @Test
  void geluAndItsDerivative() {
    for (float x = -12; x <= 12; x += 0.00137f) {
      double scale = Math.max(1e-3, Math.abs(x));
      assertEquals(ScalarMath.gelu(x), at(VectorMath::gelu, x), 1.2e-7 * scale, "gelu at " + x);
      assertEquals(
          ScalarMath.geluDerivative(x),
          at(VectorMathTest::derivative, x),
          1.2e-7,
          "derivative at " + x);
      assertEquals(
          ScalarMath.gelu(x),
          at(VectorMathTest::geluOfDerivative, x),
          1.9e-7 * scale,
          "gelu of the derivative at " + x);
    }
    assertEquals(1e15f, at(VectorMathTest::geluOfDerivative, 1e15f));
    assertEquals(0f, at(VectorMathTest::geluOfDerivative, -1e15f), Float.MIN_VALUE);
    assertEquals(1e30f, at(VectorMath::gelu, 1e30f));
    assertEquals(0f, at(VectorMath::gelu, -1e30f));
    assertEquals(1f, at(VectorMathTest::derivative, 1e30f));
    assertEquals(0f, at(VectorMathTest::derivative, -1e30f), Float.MIN_VALUE);
    assertTrue(Float.isNaN(at(VectorMath::gelu, Float.NaN)));
  }

  private static FloatVector derivative(FloatVector v) {
    return VectorMath.geluDerivative(v, VectorMath.bell(v));
  }

  private static FloatVector geluOfDerivative(FloatVector v) {
    return VectorMath.geluOfDerivative(v, VectorMath.bell(v), derivative(v));
  }

  private static void assertUlps(
      UnaryOperator<FloatVector> actual,
      DoubleUnaryOperator expected,
      float from,
      float to,
      double ulps) {
    int lanes = VectorSpec.F.length();
    float[] x = new float[lanes];
    int steps = 20_000;
    for (int i = 0; i + lanes <= steps; i += lanes) {
      for (int lane = 0; lane < lanes; lane++) {
        x[lane] = from + (to - from) * (i + lane) / steps;
      }
      FloatVector y = actual.apply(FloatVector.fromArray(VectorSpec.F, x, 0));
      for (int lane = 0; lane < lanes; lane++) {
        double e = expected.applyAsDouble(x[lane]);
        assertEquals(e, y.lane(lane), ulps * Math.ulp((float) e), "at " + x[lane]);
      }
    }
  }

  private static float at(UnaryOperator<FloatVector> function, float x) {
    return function.apply(FloatVector.broadcast(VectorSpec.F, x)).lane(0);
  }
}
