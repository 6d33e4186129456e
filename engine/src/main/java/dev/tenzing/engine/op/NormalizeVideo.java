package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.VideoKernels;

/**
 * {@code (k / 255 - mean) / std} of decoded pixels, and from frame-by-frame RGB to planes. It has
 * no backward: pixels are inputs.
 */
public final class NormalizeVideo {
  private NormalizeVideo() {}

  /**
   * Normalises a batch of clips.
   *
   * @param pixels U8 [B, T, H, W, 3]
   * @param mean of red, green, blue, on the scale 0 to 1
   * @param std of red, green, blue
   * @return [B, 3, T, H, W]
   */
  public static Tensor apply(Tensor pixels, float[] mean, float[] std) {
    Device device = pixels.device();
    Expect.dtype("normalizeVideo", "pixels", pixels, DType.U8);
    Expect.shape("normalizeVideo", "pixels", pixels, -1, -1, -1, -1, 3);
    Expect.that(
        mean.length == 3 && std.length == 3,
        "normalizeVideo: mean and std need one value for each of 3 channels, have %s and %s",
        mean.length,
        std.length);
    int b = Expect.size("normalizeVideo", pixels.dim(0));
    int t = Expect.size("normalizeVideo", pixels.dim(1));
    int h = Expect.size("normalizeVideo", pixels.dim(2));
    int w = Expect.size("normalizeVideo", pixels.dim(3));
    Tensor y = device.empty(DType.F32, Shape.of(b, 3, t, h, w));
    float[] scale = new float[3];
    float[] shift = new float[3];
    for (int c = 0; c < 3; c++) {
      scale[c] = 1 / std[c];
      shift[c] = -mean[c] / std[c];
    }
    device
        .kernels()
        .video()
        .normalize(new VideoKernels.NormalizeVideo(of(pixels), of(y), b, t, h, w, scale, shift));
    return y;
  }
}
