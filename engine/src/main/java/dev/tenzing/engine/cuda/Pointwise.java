package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.PointwiseKernels;

/** Functions of single elements. Activations have one type, all else is F32. */
final class Pointwise implements PointwiseKernels {
  private static final int ACCESS = 16;

  private final CudaMemory memory;
  private final Typed<KernelFunction> geluBackward;
  private final Typed<KernelFunction> biasGelu;
  private final Typed<KernelFunction> add;
  private final KernelFunction scale;
  private final KernelFunction fill;
  private final KernelFunction toBf16;
  private final KernelFunction fromBf16;

  Pointwise(Launcher launcher, CudaMemory memory) {
    this.memory = memory;
    String file = "pointwise";
    geluBackward = Typed.function(launcher, file, "gelu_backward");
    biasGelu = Typed.function(launcher, file, "bias_gelu");
    add = Typed.function(launcher, file, "add");
    scale = launcher.function(file, "scale_f32");
    fill = launcher.function(file, "fill_f32");
    toBf16 = launcher.function(file, "cast_f32_to_bf16");
    fromBf16 = launcher.function(file, "cast_bf16_to_f32");
  }

  private static KernelFunction elements(Typed<KernelFunction> kernel, Operand y, long n) {
    return Packs.elements(kernel.of(y), n, ACCESS / y.type().bytes());
  }

  @Override
  public void geluBackward(GeluBackward call) {
    elements(geluBackward, call.y(), call.n())
        .arg(call.x())
        .arg(call.dy())
        .arg(call.dx())
        .arg(call.y())
        .arg(call.n())
        .launch();
  }

  /**
   * {@code pre[M,C] = x + bias[C]; y = gelu(pre)} with F32 bias, and the erf form of GELU; bias and
   * pre are optional, pre and y may be x. All but the bias have one type.
   */
  void biasGelu(Operand x, Operand bias, Operand pre, Operand y, long M, int C) {
    Packs.rows(biasGelu.of(y), M, C).arg(x).arg(bias).arg(pre).arg(y).arg(M).arg(C).launch();
  }

  @Override
  public void cast(Cast call) {
    Operand x = call.x();
    Operand y = call.y();
    if (x.type() == y.type()) {
      memory.copy(x.address(), y.address(), call.n() * x.type().bytes());
    } else if (y.type() == DType.BF16) {
      toBf16(x.address(), y.address(), call.n());
    } else {
      Packs.elements(fromBf16, call.n(), 8).arg(x).arg(y).arg(call.n()).launch();
    }
  }

  /** n BF16 from n F32 elements, rounded to the nearest. */
  void toBf16(long x, long y, long n) {
    Packs.elements(toBf16, n, 8).arg(x).arg(y).arg(n).launch();
  }

  @Override
  public void add(Add call) {
    elements(add, call.y(), call.n())
        .arg(call.a())
        .arg(call.b())
        .arg(call.y())
        .arg(call.n())
        .launch();
  }

  @Override
  public void scale(Scale call) {
    Packs.elements(scale, call.n(), 4)
        .arg(call.x())
        .arg(call.alpha())
        .arg(call.y())
        .arg(call.n())
        .arg(call.y().accumulate())
        .launch();
  }

  @Override
  public void fill(Fill call) {
    Packs.elements(fill, call.n(), 4).arg(call.y()).arg(call.value()).arg(call.n()).launch();
  }

  @Override
  public void copy(Copy call) {
    memory.copy(call.source(), call.target(), call.bytes());
  }
}
