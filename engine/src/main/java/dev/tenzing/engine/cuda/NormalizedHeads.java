package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.CosineHeadKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.ReductionKernels.SumRows;

/** Queries and keys of cosine attention. x, y and their gradients have the type of activations. */
final class NormalizedHeads implements CosineHeadKernels {
  private static final int WARP = 32;
  private static final int COLUMNS = 4;

  private final Launcher launcher;
  private final RowReductions reductions;
  private final Typed<KernelFunction> forward;
  private final Typed<KernelFunction> backward;

  NormalizedHeads(Launcher launcher, RowReductions reductions) {
    this.launcher = launcher;
    this.reductions = reductions;
    forward = Typed.function(launcher, "cosine_heads", "cosine_heads_forward");
    backward = Typed.function(launcher, "cosine_heads", "cosine_heads_backward");
  }

  @Override
  public void forward(CosineHeads call) {
    int H = call.H();
    int D = call.D();
    long rows = 3L * call.M() * H;
    int group = group(D);
    Packs.threads(forward.of(call.y()), rows * group)
        .arg(call.x())
        .arg(call.scale())
        .arg(call.y())
        .arg(rows)
        .arg(H)
        .arg(D)
        .arg(call.maxScale())
        .arg(group)
        .launch();
  }

  @Override
  public void backward(CosineHeadsBackward call) {
    int M = call.M();
    int H = call.H();
    int D = call.D();
    long rows = 3L * M * H;
    int group = group(D);
    long bytes = 4L * M * H;
    boolean wanted = call.dscale().present();
    long shares = wanted ? launcher.scratch(bytes + RowReductions.partialBytes(1, M, H)) : 0;
    Packs.threads(backward.of(call.dx()), rows * group)
        .arg(call.x())
        .arg(call.scale())
        .arg(call.dy())
        .arg(call.dx())
        .arg(shares)
        .arg(rows)
        .arg(H)
        .arg(D)
        .arg(call.maxScale())
        .arg(group)
        .launch();
    if (wanted) {
      reductions.sumRows(new SumRows(Operand.f32(shares), call.dscale(), M, H), shares + bytes);
    }
  }

  /** Lanes that share a row of D: a power of 2 that its packs keep busy, at most a warp. */
  private static int group(int D) {
    int group = 1;
    while (group < WARP && group * COLUMNS < D) {
      group *= 2;
    }
    return group;
  }
}
