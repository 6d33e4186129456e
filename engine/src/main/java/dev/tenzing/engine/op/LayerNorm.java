package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.LayerNormKernels;

/**
 * Layer normalisation over the last dimension (Ba, Kiros & Hinton, 2016): {@code y = (x - mean) /
 * sqrt(var + eps) * w + b}, biased variance. The result may be {@linkplain Tensor#forget()
 * forgotten}: the backward makes it again.
 */
public final class LayerNorm {
  private LayerNorm() {}

  /**
   * Normalises each row.
   *
   * @param x [..., C]
   * @param weight [C]
   * @param bias [C]
   * @return [..., C], of the type of {@linkplain Device#activations() activations}
   */
  public static Tensor apply(Tensor x, Tensor weight, Tensor bias, float eps) {
    Device device = Expect.sameDevice("layerNorm", x, weight, bias);
    int c = Expect.size("layerNorm", x.dim(-1));
    int rows = Expect.size("layerNorm", x.shape().rows());
    Expect.dtype("layerNorm", "x", x, DType.F32);
    Expect.dtype("layerNorm", "weight", weight, DType.F32);
    Expect.dtype("layerNorm", "bias", bias, DType.F32);
    Expect.shape("layerNorm", "weight", weight, c);
    Expect.shape("layerNorm", "bias", bias, c);
    Tensor y = device.empty(device.activations(), x.shape());
    Tensor mean = device.empty(DType.F32, Shape.of(rows));
    Tensor rstd = device.empty(DType.F32, Shape.of(rows));
    compute(x, weight, bias, y, mean, rstd, rows, c, eps);
    y.remadeBy(() -> compute(x, weight, bias, y, mean, rstd, rows, c, eps));
    device.record(
        "layerNorm",
        y,
        new Tensor[] {mean, rstd},
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slotOrScratch(x);
          Tensor dw = device.empty(DType.F32, weight.shape());
          Tensor db = device.empty(DType.F32, bias.shape());
          device
              .kernels()
              .layerNorm()
              .backward(
                  new LayerNormKernels.LayerNormBackward(
                      of(dy),
                      of(x),
                      of(weight),
                      of(mean),
                      of(rstd),
                      of(dx),
                      of(dw),
                      of(db),
                      rows,
                      c));
          gradients.pass(weight, dw);
          gradients.pass(bias, db);
        },
        x,
        weight,
        bias);
    return y;
  }

  private static void compute(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor y,
      Tensor mean,
      Tensor rstd,
      int rows,
      int c,
      float eps) {
    y.device()
        .kernels()
        .layerNorm()
        .forward(
            new LayerNormKernels.LayerNorm(
                of(x), of(weight), of(bias), of(y), of(mean), of(rstd), rows, c, eps));
  }
}
