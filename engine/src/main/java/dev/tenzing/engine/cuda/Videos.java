package dev.tenzing.engine.cuda;

/** From decoded pixels to the input of the patch embedding. */
final class Videos {
  private static final int PIXELS = 1024; // of a block, as in video.cu
  private static final int MAX_GRID_Y = 65_535;
  private static final int WARPS = 4; // of a block of patchify

  private final KernelFunction normalize;
  private final KernelFunction patchify;

  Videos(Launcher launcher) {
    normalize = launcher.function("video", "normalize_video");
    patchify = launcher.function("video", "patchify");
  }

  void normalize(long x, long y, int B, int T, int H, int W, float[] scale, float[] shift) {
    long plane = (long) T * H * W;
    normalize
        .grid(Math.ceilDiv(plane, PIXELS), Math.min(B, MAX_GRID_Y))
        .block(256)
        .arg(x)
        .arg(y)
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

  void patchify(long video, long y, int B, int T, int H, int W, int t, int p) {
    long tokens = (long) B * (T / t) * (H / p) * (W / p);
    patchify
        .grid(Math.ceilDiv(tokens, WARPS))
        .block(32 * WARPS)
        .arg(video)
        .arg(y)
        .arg(B)
        .arg(T)
        .arg(H)
        .arg(W)
        .arg(t)
        .arg(p)
        .launch();
  }
}
