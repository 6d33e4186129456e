package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.PatchTargetKernels;
import dev.tenzing.engine.kernel.VideoKernels.Cubes;

/**
 * The pixels that a masked autoencoder is to predict for some tokens: un-normalised to the scale 0
 * to 1, and if asked normalised per patch and channel (He et al., MAE, 2022): {@code (x - mean) /
 * (sqrt(unbiased variance) + 1e-6)}. It has no backward: pixels are inputs.
 */
public final class PatchTargets {
  private PatchTargets() {}

  /**
   * Collects targets.
   *
   * @param video [B, 3, T, H, W], normalised with mean and std
   * @param index I32 [B, M] tokens
   * @return [B, M, tubelet * patch * patch * 3], elements (frame, y, x, channel)
   */
  public static Tensor apply(
      Tensor video,
      Tensor index,
      int tubelet,
      int patch,
      float[] mean,
      float[] std,
      boolean normalize) {
    Device device = Expect.sameDevice("patchTargets", video, index);
    VideoSizes s = VideoSizes.of("patchTargets", video, tubelet, patch);
    Expect.dtype("patchTargets", "index", index, DType.I32);
    Expect.shape("patchTargets", "index", index, s.b(), -1);
    Expect.that(
        mean.length == 3 && std.length == 3,
        "patchTargets: mean and std need one value for each of 3 channels, have %s and %s",
        mean.length,
        std.length);
    Expect.that(
        !normalize || tubelet * patch * patch > 1,
        "patchTargets: patches of one pixel have no variance to normalise by");
    Expect.indices("patchTargets", "index", index, s.tokens());
    int m = Expect.size("patchTargets", index.dim(1));
    Tensor y = device.empty(DType.F32, Shape.of(s.b(), m, 3L * tubelet * patch * patch));
    device
        .kernels()
        .patchTargets()
        .forward(
            new PatchTargetKernels.PatchTargets(
                of(video),
                of(index),
                of(y),
                new Cubes(s.b(), s.frames(), s.height(), s.width(), tubelet, patch),
                m,
                mean,
                std,
                normalize));
    device.record("patchTargets", y, null, video);
    return y;
  }
}
