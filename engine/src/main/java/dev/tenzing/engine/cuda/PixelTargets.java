package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.PatchTargetKernels;

/** The pixels that a masked autoencoder predicts, normalised per patch and channel. */
final class PixelTargets implements PatchTargetKernels {
  private static final int THREADS = 96; // as in patch_targets.cu

  private final KernelFunction targets;

  PixelTargets(Launcher launcher) {
    targets = launcher.function("patch_targets", "patch_targets");
  }

  /** An index that names no token gives NaN. */
  @Override
  public void forward(PatchTargets call) {
    int M = call.M();
    float[] mean = call.mean();
    float[] std = call.std();
    targets
        .grid((long) call.cubes().B() * M)
        .block(THREADS)
        .arg(call.video())
        .arg(call.index())
        .arg(call.y())
        .arg(call.cubes().T())
        .arg(call.cubes().H())
        .arg(call.cubes().W())
        .arg(call.cubes().t())
        .arg(call.cubes().p())
        .arg(M);
    for (float m : mean) {
      targets.arg(m);
    }
    for (float s : std) {
      targets.arg(s);
    }
    targets.arg(call.normalize()).launch();
  }
}
