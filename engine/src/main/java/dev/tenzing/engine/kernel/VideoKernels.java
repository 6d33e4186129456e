package dev.tenzing.engine.kernel;

/** From pixels to tokens, and to what is predicted of them. */
public interface VideoKernels {
  /** See {@link NormalizeVideo}. */
  void normalize(NormalizeVideo call);

  /** See {@link Patchify}. */
  void patchify(Patchify call);

  /**
   * A video[B,3,T,H,W] that is cut into cubes of t frames by p x p pixels. Tokens have the order
   * (slot, row, column).
   */
  record Cubes(int B, int T, int H, int W, int t, int p) {
    /** Tokens of a slot. */
    public int perSlot() {
      return H / p * (W / p);
    }

    /** Tokens of a sample. */
    public int tokens() {
      return T / t * perSlot();
    }

    /** Elements of one channel of a cube. */
    public int volume() {
      return t * p * p;
    }
  }

  /** {@code y[B,3,T,H,W] = x / 255 * scale[c] + shift[c]} from U8 x[B,T,H,W,3]. */
  record NormalizeVideo(
      Operand x, Operand y, int B, int T, int H, int W, float[] scale, float[] shift)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(3, B, T, H, W) + y.bytes(3, B, T, H, W));
    }
  }

  /**
   * {@code y[B,N,3*t*p*p]} from a video: elements in the order of a Conv3d weight (channel, frame,
   * y, x).
   */
  record Patchify(Operand video, Operand y, Cubes cubes) implements KernelCall {
    @Override
    public Cost cost() {
      long pixels = 3L * cubes.B * cubes.T * cubes.H * cubes.W;
      return Cost.moving(video.bytes(pixels) + y.bytes(pixels));
    }
  }
}
