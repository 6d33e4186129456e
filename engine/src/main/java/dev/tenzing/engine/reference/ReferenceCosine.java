package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.kernel.CosineHeadKernels;

/**
 * Queries and keys of cosine attention in plain loops and double accumulators: what {@link
 * CosineHeads} is to compute.
 */
final class ReferenceCosine implements CosineHeadKernels {
  @Override
  public void forward(CosineHeads call) {
    long x = call.x().address();
    long scale = call.scale().address();
    long y = call.y().address();
    int M = call.M();
    int H = call.H();
    int D = call.D();
    float maxScale = call.maxScale();
    for (long row = 0; row < 3L * M * H; row++) {
      int part = (int) (row / H % 3);
      long at = 4 * row * D;
      double factor = factor(scale, part, (int) (row % H), maxScale);
      double divisor =
          part == 2 ? 1 : Math.max(CosineHeads.MIN_NORM, Math.sqrt(dot(x + at, x + at, D)));
      for (int d = 0; d < D; d++) {
        f32(y + at + 4L * d, (float) (factor / divisor * f32(x + at + 4L * d)));
      }
    }
  }

  /** With u = x / |x| and y = f u: dx = f / |x| (dy - u (u . dy)), and dscale = f u . dy. */
  @Override
  public void backward(CosineHeadsBackward call) {
    long x = call.x().address();
    long scale = call.scale().address();
    long dy = call.dy().address();
    long dx = call.dx().address();
    long dscale = call.dscale().address();
    int M = call.M();
    int H = call.H();
    int D = call.D();
    float maxScale = call.maxScale();
    boolean accumulateScale = call.dscale().accumulate();
    double[] sums = new double[H];
    for (long row = 0; row < 3L * M * H; row++) {
      int part = (int) (row / H % 3);
      int h = (int) (row % H);
      long at = 4 * row * D;
      double factor = factor(scale, part, h, maxScale);
      double norm = Math.sqrt(dot(x + at, x + at, D));
      double divisor = part == 2 ? 1 : Math.max(CosineHeads.MIN_NORM, norm);
      double along = part == 2 ? 0 : dot(x + at, dy + at, D) / divisor;
      double project = part == 2 || norm < CosineHeads.MIN_NORM ? 0 : along / divisor;
      for (int d = 0; d < D; d++) {
        double g = f32(dy + at + 4L * d) - project * f32(x + at + 4L * d);
        f32(dx + at + 4L * d, (float) (factor / divisor * g));
      }
      sums[h] += part == 0 ? factor * along : 0;
    }
    for (int h = 0; dscale != 0 && h < H; h++) {
      double sum = f32(scale + 4L * h) > maxScale ? 0 : sums[h];
      f32(dscale + 4L * h, (float) (accumulateScale ? f32(dscale + 4L * h) + sum : sum));
    }
  }

  private static double factor(long scale, int part, int h, float maxScale) {
    return part == 0 ? Math.exp(Math.min(f32(scale + 4L * h), maxScale)) : 1;
  }

  private static double dot(long x, long y, int D) {
    double sum = 0;
    for (int d = 0; d < D; d++) {
      sum += (double) f32(x + 4L * d) * f32(y + 4L * d);
    }
    return sum;
  }
}
