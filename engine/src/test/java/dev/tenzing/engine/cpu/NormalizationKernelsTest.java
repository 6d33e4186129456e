package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.KernelRig.SUM;
import static dev.tenzing.engine.cpu.KernelRig.TIGHT;
import static dev.tenzing.engine.cpu.KernelRig.assertClose;
import static dev.tenzing.engine.cpu.KernelRig.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.tenzing.engine.kernel.LayerNormKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.SoftmaxKernels;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layer norm and softmax against plain double loops, at sizes that are no multiple of a vector. */
@Tag("kernels")
class NormalizationKernelsTest {
  @ParameterizedTest
  @CsvSource({"1,1", "3,7", "7,13", "13,16", "17,17", "156,470", "470,156", "1,2048"})
  void layerNorm(int M, int C) {
    float[] x = normal(1, M * C);
    for (int i = 0; i < x.length; i++) {
      x[i] = 2 * x[i] + 3;
    }
    float[] w = normal(2, C);
    float[] b = normal(3, C);
    float[] dy = normal(4, M * C);
    float[] old = normal(5, M * C);
    float eps = 1e-5f;
    double[] y = new double[M * C];
    double[] mean = new double[M];
    double[] rstd = new double[M];
    double[] dx = new double[M * C];
    double[] dw = new double[C];
    double[] db = new double[C];
    for (int m = 0; m < M; m++) {
      double sum = 0;
      double square = 0;
      for (int c = 0; c < C; c++) {
        sum += x[m * C + c];
      }
      mean[m] = sum / C;
      for (int c = 0; c < C; c++) {
        square += Math.pow(x[m * C + c] - mean[m], 2);
      }
      rstd[m] = 1 / Math.sqrt(square / C + eps);
      double g = 0;
      double gHat = 0;
      for (int c = 0; c < C; c++) {
        int i = m * C + c;
        double hat = (x[i] - mean[m]) * rstd[m];
        y[i] = hat * w[c] + b[c];
        g += (double) dy[i] * w[c] / C;
        gHat += dy[i] * w[c] * hat / C;
        dw[c] += dy[i] * hat;
        db[c] += dy[i];
      }
      for (int c = 0; c < C; c++) {
        int i = m * C + c;
        double hat = (x[i] - mean[m]) * rstd[m];
        dx[i] = rstd[m] * ((double) dy[i] * w[c] - g - hat * gHat);
      }
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long ws = rig.in(w);
          long means = rig.out(M);
          long rstds = rig.out(M);
          k.layerNorm()
              .forward(
                  new LayerNormKernels.LayerNorm(
                      Operand.f32(xs),
                      Operand.f32(ws),
                      Operand.f32(rig.in(b)),
                      Operand.f32(rig.out(M * C)),
                      Operand.f32(means),
                      Operand.f32(rstds),
                      M,
                      C,
                      eps));
          long dys = rig.in(dy);
          long dws = rig.out(C);
          long dbs = rig.out(C);
          long dxs = rig.out(M * C);
          k.layerNorm()
              .backward(
                  new LayerNormKernels.LayerNormBackward(
                      Operand.f32(dys),
                      Operand.f32(xs),
                      Operand.f32(ws),
                      Operand.f32(means),
                      Operand.f32(rstds),
                      Operand.f32(dxs),
                      Operand.f32(dws),
                      Operand.f32(dbs),
                      M,
                      C));
          long more = rig.inOut(old);
          k.layerNorm()
              .backward(
                  new LayerNormKernels.LayerNormBackward(
                      Operand.f32(dys),
                      Operand.f32(xs),
                      Operand.f32(ws),
                      Operand.f32(means),
                      Operand.f32(rstds),
                      Operand.f32(more).accumulating(true),
                      Operand.f32(dws).accumulating(true),
                      Operand.f32(dbs).accumulating(true),
                      M,
                      C));
        });
    assertClose(mean, results[0], TIGHT, "mean");
    assertClose(rstd, results[1], SUM, "rstd");
    // A mean rounded to F32 shifts a whole row by up to half an ulp of 3.
    assertClose(y, results[2], SUM, "y");
    for (int c = 0; c < C; c++) {
      dw[c] *= 2;
      db[c] *= 2;
    }
    assertClose(dw, results[3], SUM, "dw, twice");
    assertClose(db, results[4], SUM, "db, twice");
    assertClose(dx, results[5], SUM, "dx");
    for (int i = 0; i < dx.length; i++) {
      dx[i] += old[i];
    }
    assertClose(dx, results[6], SUM, "dx, accumulated");
  }

  @Test
  void layerNormRowsDoNotDependOnOtherRows() {
    int M = 470;
    int C = 156;
    float[] x = normal(1, M * C);
    float[] w = normal(2, C);
    float[] all = layerNormOf(x, w, M, C);
    float[] last = layerNormOf(Arrays.copyOfRange(x, (M - 1) * C, M * C), w, 1, C);
    assertArrayEquals(last, Arrays.copyOfRange(all, (M - 1) * C, M * C));
  }

  private static float[] layerNormOf(float[] x, float[] w, int M, int C) {
    return KernelRig.run((k, rig) ->
        k.layerNorm()
            .forward(
                new LayerNormKernels.LayerNorm(
                    Operand.f32(rig.in(x)),
                    Operand.f32(rig.in(w)),
                    Operand.f32(rig.in(w)),
                    Operand.f32(rig.out(M * C)),
                    Operand.f32(rig.out(M)),
                    Operand.f32(rig.out(M)),
                    M,
                    C,
                    1e-6f)))[0];
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,7", "7,13", "13,16", "17,17", "156,470", "470,156"})
  void softmax(int M, int C) {
    float[] x = normal(1, M * C);
    double[] y = new double[M * C];
    for (int m = 0; m < M; m++) {
      x[m * C] -= 200; // far below the others
      double sum = 0;
      for (int c = 0; c < C; c++) {
        sum += Math.exp(x[m * C + c]);
      }
      for (int c = 0; c < C; c++) {
        y[m * C + c] = C == 1 ? 1 : Math.exp(x[m * C + c]) / sum;
      }
    }
    float[][] results =
        KernelRig.run((k, rig) ->
            k.softmax()
                .forward(
                    new SoftmaxKernels.Softmax(
                        Operand.f32(rig.in(x)), Operand.f32(rig.out(M * C)), M, C)));
    assertClose(y, results[0], SUM, "softmax");
  }
}
