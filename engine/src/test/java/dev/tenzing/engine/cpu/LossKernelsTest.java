package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.KernelRig.SUM;
import static dev.tenzing.engine.cpu.KernelRig.TIGHT;
import static dev.tenzing.engine.cpu.KernelRig.assertClose;
import static dev.tenzing.engine.cpu.KernelRig.normal;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.kernel.LossKernels;
import dev.tenzing.engine.kernel.Operand;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses against plain double loops, at sizes that are no multiple of a vector. */
@Tag("kernels")
class LossKernelsTest {
  @ParameterizedTest
  @CsvSource({"1,1", "3,7", "7,13", "13,16", "17,17", "156,470", "470,156"})
  void squaredError(int M, int C) {
    float[] x = normal(1, M * C);
    float[] target = normal(2, M * C);
    float[] weight = normal(3, M);
    float[] dloss = {0.7f};
    double scale = 1.0 / C;
    double[] loss = new double[1];
    double[] weighted = new double[1];
    double[] dx = new double[M * C];
    double[] more = new double[M * C];
    for (int i = 0; i < M * C; i++) {
      double d = (double) x[i] - target[i];
      loss[0] += scale * d * d;
      weighted[0] += scale * weight[i / C] * d * d;
      dx[i] = dloss[0] * 2 * scale * weight[i / C] * d;
      more[i] = x[i] + dloss[0] * 2 * scale * d;
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long targets = rig.in(target);
          long weights = rig.in(weight);
          long dlosses = rig.in(dloss);
          k.losses()
              .squaredError(
                  new LossKernels.SquaredError(
                      Operand.f32(xs),
                      Operand.f32(targets),
                      Operand.NONE,
                      Operand.f32(rig.out(1)),
                      M,
                      C,
                      scale));
          k.losses()
              .squaredError(
                  new LossKernels.SquaredError(
                      Operand.f32(xs),
                      Operand.f32(targets),
                      Operand.f32(weights),
                      Operand.f32(rig.out(1)),
                      M,
                      C,
                      scale));
          k.losses()
              .squaredErrorBackward(
                  new LossKernels.SquaredErrorBackward(
                      Operand.f32(dlosses),
                      Operand.f32(xs),
                      Operand.f32(targets),
                      Operand.f32(weights),
                      Operand.f32(rig.out(M * C)),
                      M,
                      C,
                      scale));
          k.losses()
              .squaredErrorBackward(
                  new LossKernels.SquaredErrorBackward(
                      Operand.f32(dlosses),
                      Operand.f32(xs),
                      Operand.f32(targets),
                      Operand.NONE,
                      Operand.f32(rig.inOut(x)).accumulating(true),
                      M,
                      C,
                      scale));
        });
    assertClose(loss, results[0], 6e-8, "loss");
    assertEquals(weighted[0], results[1][0], 6e-8 * loss[0], "weighted loss");
    assertClose(dx, results[2], TIGHT, "dx");
    assertClose(more, results[3], TIGHT, "dx, accumulated");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,7", "7,13", "13,16", "17,17", "16,470", "13,156"})
  void softTargetCrossEntropy(int M, int C) {
    float[] logits = normal(1, M * C);
    float[] target = normal(2, M * C);
    float[] dloss = {0.7f};
    double[] loss = new double[1];
    double[] logP = new double[M * C];
    double[] dx = new double[M * C];
    double[] more = new double[M * C];
    for (int m = 0; m < M; m++) {
      double sum = 0;
      double mass = 0;
      for (int i = m * C; i < (m + 1) * C; i++) {
        target[i] = Math.abs(target[i]) / C;
        logits[i] *= 10;
        sum += Math.exp(logits[i]);
        mass += target[i];
      }
      for (int i = m * C; i < (m + 1) * C; i++) {
        logP[i] = logits[i] - Math.log(sum);
        loss[0] -= target[i] * logP[i] / M;
        dx[i] = dloss[0] * (Math.exp(logP[i]) * mass - target[i]) / M;
        more[i] = logits[i] + dx[i];
      }
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long targets = rig.in(target);
          long dlosses = rig.in(dloss);
          long logPs = rig.out(M * C);
          k.losses()
              .crossEntropy(
                  new LossKernels.SoftTargetCrossEntropy(
                      Operand.f32(rig.in(logits)),
                      Operand.f32(targets),
                      Operand.f32(logPs),
                      Operand.f32(rig.out(1)),
                      M,
                      C));
          k.losses()
              .crossEntropyBackward(
                  new LossKernels.SoftTargetCrossEntropyBackward(
                      Operand.f32(dlosses),
                      Operand.f32(logPs),
                      Operand.f32(targets),
                      Operand.f32(rig.out(M * C)),
                      M,
                      C));
          k.losses()
              .crossEntropyBackward(
                  new LossKernels.SoftTargetCrossEntropyBackward(
                      Operand.f32(dlosses),
                      Operand.f32(logPs),
                      Operand.f32(targets),
                      Operand.f32(rig.inOut(logits)).accumulating(true),
                      M,
                      C));
        });
    assertClose(logP, results[0], TIGHT, "log probability");
    assertClose(loss, results[1], TIGHT, "loss");
    assertClose(dx, results[2], SUM, "dlogits");
    assertClose(more, results[3], TIGHT, "dlogits, accumulated");
  }
}
