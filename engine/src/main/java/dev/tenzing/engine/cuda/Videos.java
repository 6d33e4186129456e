package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.VideoKernels;

/** From decoded pixels to the input of the patch embedding. */
final class Videos implements VideoKernels {
  private static final int PIXELS = 1024; // of a block, as in video.cu
  private static final int MAX_GRID_Y = 65_535;
  private static final int WARPS = 4; // of a block of patchify

  private final KernelFunction normalize;
  private final KernelFunction patchify;

  Videos(Launcher launcher) {
    normalize = launcher.function("video", "normalize_video");
    patchify = launcher.function("video", "patchify");
  }

  @Override
  public void normalize(NormalizeVideo call) {
    int B = call.B();
    float[] scale = call.scale();
    float[] shift = call.shift();
    long plane = (long) call.T() * call.H() * call.W();
    normalize
        .grid(Math.ceilDiv(plane, PIXELS), Math.min(B, MAX_GRID_Y))
        .block(256)
        .arg(call.x())
        .arg(call.y())
        .arg(B)
        .arg(plane);
    for (float s : scale) {
      normalize.arg((float) (s / 255.0));
    }
    for (float s : shift) {
      normalize.arg(s);
    }
    normalize.launch();
  }

  @Override
  public void patchify(Patchify call) {
    int B = call.cubes().B();
    int T = call.cubes().T();
    int H = call.cubes().H();
    int W = call.cubes().W();
    int t = call.cubes().t();
    int p = call.cubes().p();
    long tokens = (long) B * (T / t) * (H / p) * (W / p);
    patchify
        .grid(Math.ceilDiv(tokens, WARPS))
        .block(32 * WARPS)
        .arg(call.video())
        .arg(call.y())
        .arg(B)
        .arg(T)
        .arg(H)
        .arg(W)
        .arg(t)
        .arg(p)
        .launch();
  }
}
