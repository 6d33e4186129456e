package dev.tenzing.engine.cuda;

/** The pixels that a masked autoencoder predicts, normalised per patch and channel. */
final class PatchTargets {
  private static final int THREADS = 96; // as in patch_targets.cu

  private final KernelFunction targets;

  PatchTargets(Launcher launcher) {
    targets = launcher.function("patch_targets", "patch_targets");
  }

  /** An index that names no token gives NaN. */
  void forward(
      long video,
      long index,
      long y,
      int B,
      int T,
      int H,
      int W,
      int t,
      int p,
      int M,
      float[] mean,
      float[] std,
      boolean normalize) {
    targets
        .grid((long) B * M)
        .block(THREADS)
        .arg(video)
        .arg(index)
        .arg(y)
        .arg(T)
        .arg(H)
        .arg(W)
        .arg(t)
        .arg(p)
        .arg(M);
    for (float m : mean) {
      targets.arg(m);
    }
    for (float s : std) {
      targets.arg(s);
    }
    targets.arg(normalize ? 1 : 0).launch();
  }
}
