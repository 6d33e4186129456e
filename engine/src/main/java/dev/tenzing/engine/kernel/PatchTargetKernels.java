package dev.tenzing.engine.kernel;

import dev.tenzing.engine.kernel.VideoKernels.Cubes;

/** The pixels that a masked autoencoder predicts. */
public interface PatchTargetKernels {
  /** See {@link PatchTargets}. */
  void forward(PatchTargets call);

  /**
   * Pixel targets y[B,M,t*p*p*3] of the tokens in I32 index[B,M], elements in the order (frame, y,
   * x, channel): video * std + mean, and with normalize, for each token and channel, (x - mean) /
   * (sqrt(unbiased variance) + 1e-6).
   */
  record PatchTargets(
      Operand video,
      Operand index,
      Operand y,
      Cubes cubes,
      int M,
      float[] mean,
      float[] std,
      boolean normalize)
      implements KernelCall {
    @Override
    public Cost cost() {
      long values = 3L * cubes.B() * M * cubes.volume();
      return Cost.moving(video.bytes(values) + index.bytes(cubes.B(), M) + y.bytes(values));
    }
  }
}
