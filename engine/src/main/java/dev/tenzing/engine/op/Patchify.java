package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.VideoKernels;
import dev.tenzing.engine.kernel.VideoKernels.Cubes;

/**
 * Cuts a video into cubes, one row a token, with elements in the order of a Conv3d weight: a
 * convolution whose kernel is its stride is this reorder and one {@link Linear}. It has no
 * backward: pixels are inputs.
 */
public final class Patchify {
  private Patchify() {}

  /**
   * Cuts a video.
   *
   * @param video [B, 3, T, H, W]
   * @param tubelet frames of a cube
   * @param patch side of a cube in pixels
   * @return [B, N, 3 * tubelet * patch * patch], elements (channel, frame, y, x), tokens (slot,
   *     row, column)
   */
  public static Tensor apply(Tensor video, int tubelet, int patch) {
    Device device = video.device();
    VideoSizes s = VideoSizes.of("patchify", video, tubelet, patch);
    Tensor y = device.empty(DType.F32, Shape.of(s.b(), s.tokens(), 3L * tubelet * patch * patch));
    device
        .kernels()
        .video()
        .patchify(
            new VideoKernels.Patchify(
                of(video),
                of(y),
                new Cubes(s.b(), s.frames(), s.height(), s.width(), tubelet, patch)));
    device.record("patchify", y, null, video);
    return y;
  }
}
