package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;
import static dev.tenzing.engine.host.Native.i32;

import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.PatchTargetKernels;
import dev.tenzing.engine.kernel.VideoKernels;

/** From pixels to tokens and to what is predicted of them, in plain loops. */
final class ReferenceVideo implements PatchTargetKernels, VideoKernels {
  @Override
  public void normalize(NormalizeVideo call) {
    long x = call.x().address();
    long y = call.y().address();
    int B = call.B();
    int T = call.T();
    int H = call.H();
    int W = call.W();
    float[] scale = call.scale();
    float[] shift = call.shift();
    for (int b = 0; b < B; b++) {
      for (int c = 0; c < 3; c++) {
        for (int i = 0; i < T * H * W; i++) {
          int level = Native.u8(x + ((long) b * T * H * W + i) * 3 + c);
          float value = (float) (level / 255.0 * scale[c] + shift[c]);
          f32(y + 4 * (((long) b * 3 + c) * T * H * W + i), value);
        }
      }
    }
  }

  @Override
  public void patchify(Patchify call) {
    long video = call.video().address();
    long y = call.y().address();
    int B = call.cubes().B();
    int T = call.cubes().T();
    int H = call.cubes().H();
    int W = call.cubes().W();
    int t = call.cubes().t();
    int p = call.cubes().p();
    int tokens = T / t * (H / p) * (W / p);
    long to = y;
    for (int b = 0; b < B; b++) {
      for (int token = 0; token < tokens; token++) {
        for (int c = 0; c < 3; c++) {
          for (int frame = 0; frame < t; frame++) {
            for (int row = 0; row < p; row++) {
              for (int column = 0; column < p; column++) {
                f32(to, pixel(video, b, c, token, frame, row, column, T, H, W, t, p));
                to += 4;
              }
            }
          }
        }
      }
    }
  }

  @Override
  public void forward(PatchTargets call) {
    long video = call.video().address();
    long index = call.index().address();
    long y = call.y().address();
    int B = call.cubes().B();
    int T = call.cubes().T();
    int H = call.cubes().H();
    int W = call.cubes().W();
    int t = call.cubes().t();
    int p = call.cubes().p();
    int M = call.M();
    float[] mean = call.mean();
    float[] std = call.std();
    boolean normalize = call.normalize();
    int n = t * p * p;
    double[] pixels = new double[n];
    for (int b = 0; b < B; b++) {
      for (int m = 0; m < M; m++) {
        int token = i32(index + 4 * ((long) b * M + m));
        for (int c = 0; c < 3; c++) {
          for (int i = 0; i < n; i++) {
            float value = pixel(video, b, c, token, i / (p * p), i / p % p, i % p, T, H, W, t, p);
            pixels[i] = (double) value * std[c] + mean[c];
          }
          if (normalize) {
            normalizePatch(pixels);
          }
          for (int i = 0; i < n; i++) {
            f32(y + 4 * ((((long) b * M + m) * n + i) * 3 + c), (float) pixels[i]);
          }
        }
      }
    }
  }

  private static void normalizePatch(double[] pixels) {
    double sum = 0;
    for (double pixel : pixels) {
      sum += pixel;
    }
    double mean = sum / pixels.length;
    double squares = 0;
    for (double pixel : pixels) {
      squares += (pixel - mean) * (pixel - mean);
    }
    double deviation = Math.sqrt(squares / (pixels.length - 1)) + 1e-6;
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (pixels[i] - mean) / deviation;
    }
  }

  /** A pixel of a token's cube in video[B,3,T,H,W]. */
  private static float pixel(
      long video,
      int b,
      int c,
      int token,
      int frame,
      int row,
      int column,
      int T,
      int H,
      int W,
      int t,
      int p) {
    int across = W / p;
    int perSlot = H / p * across;
    int time = token / perSlot * t + frame;
    int y = token % perSlot / across * p + row;
    int x = token % across * p + column;
    return f32(video + 4 * (((((long) b * 3 + c) * T + time) * H + y) * W + x));
  }
}
