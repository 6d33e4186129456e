package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.KernelRig.SUM;
import static dev.tenzing.engine.cpu.KernelRig.TIGHT;
import static dev.tenzing.engine.cpu.KernelRig.assertClose;
import static dev.tenzing.engine.cpu.KernelRig.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.PointwiseKernels;
import dev.tenzing.engine.kernel.ResidualKernels;
import dev.tenzing.engine.reference.ScalarMath;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Elementwise kernels and residual branches against plain double loops, at sizes that are no
 * multiple of a vector.
 */
@Tag("kernels")
class PointwiseKernelsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 13, 16, 17, 156, 470, 70_001})
  void pointwise(int n) {
    float[] a = normal(1, n);
    float[] b = normal(2, n);
    double[] value = new double[n];
    double[] gelu = new double[n];
    double[] sum = new double[n];
    double[] scaled = new double[n];
    double[] scaledSum = new double[n];
    double[] fives = new double[n];
    for (int i = 0; i < n; i++) {
      double v = a[i];
      double slope = ScalarMath.geluDerivative(v);
      value[i] = ScalarMath.gelu(v);
      gelu[i] = slope * b[i];
      sum[i] = (double) a[i] + b[i];
      scaled[i] = 0.3f * v;
      scaledSum[i] = 0.3f * v + b[i];
      fives[i] = 5;
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long as = rig.in(a);
          long bs = rig.in(b);
          k.pointwise()
              .geluBackward(
                  new PointwiseKernels.GeluBackward(
                      Operand.f32(as),
                      Operand.f32(bs),
                      Operand.f32(rig.out(n)),
                      Operand.f32(rig.out(n)),
                      n));
          long inPlace = rig.inOut(b);
          k.pointwise()
              .geluBackward(
                  new PointwiseKernels.GeluBackward(
                      Operand.f32(as),
                      Operand.f32(inPlace),
                      Operand.f32(inPlace),
                      Operand.f32(rig.out(n)),
                      n));
          long values = rig.inOut(a);
          long slopes = rig.inOut(b);
          k.pointwise()
              .geluBackward(
                  new PointwiseKernels.GeluBackward(
                      Operand.f32(values),
                      Operand.f32(slopes),
                      Operand.f32(slopes),
                      Operand.f32(values),
                      n));
          k.pointwise()
              .add(
                  new PointwiseKernels.Add(
                      Operand.f32(as), Operand.f32(bs), Operand.f32(rig.out(n)), n));
          long sums = rig.inOut(a);
          k.pointwise()
              .add(
                  new PointwiseKernels.Add(
                      Operand.f32(sums), Operand.f32(bs), Operand.f32(sums), n));
          k.pointwise()
              .scale(new PointwiseKernels.Scale(Operand.f32(as), 0.3f, Operand.f32(rig.out(n)), n));
          k.pointwise()
              .scale(
                  new PointwiseKernels.Scale(
                      Operand.f32(as), 0.3f, Operand.f32(rig.inOut(b)).accumulating(true), n));
          k.pointwise().fill(new PointwiseKernels.Fill(Operand.f32(rig.out(n)), 5, n));
          k.pointwise().copy(new PointwiseKernels.Copy(as, rig.out(n), 4L * n));
        });
    assertClose(gelu, results[0], TIGHT, "gradient of gelu");
    assertClose(value, results[1], TIGHT, "gelu");
    assertClose(gelu, results[2], TIGHT, "gradient in place");
    assertClose(value, results[3], TIGHT, "gelu beside it");
    assertClose(value, results[4], TIGHT, "gelu, both in place");
    assertClose(gelu, results[5], TIGHT, "its gradient, both in place");
    assertClose(sum, results[6], TIGHT, "add");
    assertClose(sum, results[7], TIGHT, "add in place");
    assertClose(scaled, results[8], TIGHT, "scale");
    assertClose(scaledSum, results[9], TIGHT, "scale, accumulated");
    assertClose(fives, results[10], 0, "fill");
    assertArrayEquals(a, results[11], "copy");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,3,7", "3,7,13", "2,13,16", "1,17,17", "3,156,470", "4,470,156"})
  void residual(int B, int N, int C) {
    int n = B * N * C;
    float[] x = normal(1, n);
    float[] branch = normal(2, n);
    float[] gamma = normal(3, C);
    float[] scale = normal(4, B);
    scale[0] = 0;
    float[] dy = normal(5, n);
    double[] y = new double[n];
    double[] plain = new double[n];
    double[] dbranch = new double[n];
    double[] dbranchScaled = new double[n];
    double[] dgamma = new double[C];
    for (int i = 0; i < n; i++) {
      double s = scale[i / (N * C)];
      double g = gamma[i % C];
      y[i] = x[i] + s * g * branch[i];
      plain[i] = (double) x[i] + branch[i];
      dbranch[i] = s * g * dy[i];
      dbranchScaled[i] = s * dy[i];
      dgamma[i % C] += 2 * s * dy[i] * branch[i];
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long branches = rig.in(branch);
          long gammas = rig.in(gamma);
          long scales = rig.in(scale);
          long dys = rig.in(dy);
          k.residual()
              .forward(
                  new ResidualKernels.Residual(
                      Operand.f32(xs),
                      Operand.f32(branches),
                      Operand.f32(gammas),
                      Operand.f32(scales),
                      Operand.f32(rig.out(n)),
                      B,
                      N,
                      C));
          long inPlace = rig.inOut(x);
          k.residual()
              .forward(
                  new ResidualKernels.Residual(
                      Operand.f32(inPlace),
                      Operand.f32(branches),
                      Operand.NONE,
                      Operand.NONE,
                      Operand.f32(inPlace),
                      B,
                      N,
                      C));
          long dbranches = rig.out(n);
          long dgammas = rig.out(C);
          k.residual()
              .backward(
                  new ResidualKernels.ResidualBackward(
                      Operand.f32(dys),
                      Operand.f32(branches),
                      Operand.f32(gammas),
                      Operand.f32(scales),
                      Operand.f32(dbranches),
                      Operand.f32(dgammas),
                      B,
                      N,
                      C));
          k.residual()
              .backward(
                  new ResidualKernels.ResidualBackward(
                      Operand.f32(dys),
                      Operand.f32(branches),
                      Operand.f32(gammas),
                      Operand.f32(scales),
                      Operand.f32(dbranches),
                      Operand.f32(dgammas).accumulating(true),
                      B,
                      N,
                      C));
          k.residual()
              .backward(
                  new ResidualKernels.ResidualBackward(
                      Operand.f32(dys),
                      Operand.f32(branches),
                      Operand.NONE,
                      Operand.f32(scales),
                      Operand.f32(rig.out(n)),
                      Operand.NONE,
                      B,
                      N,
                      C));
        });
    assertClose(y, results[0], TIGHT, "y");
    assertClose(plain, results[1], TIGHT, "plain sum in place");
    assertClose(dbranch, results[2], TIGHT, "dbranch");
    assertClose(dgamma, results[3], SUM, "dgamma, twice");
    assertClose(dbranchScaled, results[4], TIGHT, "dbranch without gamma");
  }
}
