package dev.tenzing.engine.conformance;

import static dev.tenzing.engine.conformance.PointwiseCases.map;

import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.engine.op.PatchTargets;
import dev.tenzing.engine.op.Patchify;
import java.util.List;

/** Pixels; sizes B, T, H, W, and t, p where a video is cut into cubes. */
final class VideoCases {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  private VideoCases() {}

  static Problem normalize(Draw draw, int... s) {
    int plane = s[1] * s[2] * s[3];
    return new Problem(
        1,
        List.of(draw.bytes(s[0], s[1], s[2], s[3], 3)),
        t -> NormalizeVideo.apply(t[0], MEAN, STD),
        in ->
            map(
                in[0].length,
                i -> {
                  int c = i / plane % 3;
                  double pixel = in[0][(i / (3 * plane) * plane + i % plane) * 3 + c];
                  return (pixel / 255 - MEAN[c]) / STD[c];
                }));
  }

  static Problem patchify(Draw draw, int... s) {
    return new Problem(
        0,
        List.of(draw.constant(s[0], 3, s[1], s[2], s[3])),
        t -> Patchify.apply(t[0], s[4], s[5]),
        in -> {
          int volume = s[4] * s[5] * s[5];
          int tokens = s[1] * s[2] * s[3] / volume;
          return map(
              in[0].length,
              i -> {
                int token = i / (3 * volume);
                int c = i / volume % 3;
                return pixel(in[0], token / tokens, c, token % tokens, i % volume, s);
              });
        });
  }

  static Problem targets(Draw draw, int... s) {
    return targets(draw, false, s);
  }

  static Problem normalizedTargets(Draw draw, int... s) {
    return targets(draw, true, s);
  }

  /** Three tokens of each video. */
  private static Problem targets(Draw draw, boolean normalize, int... s) {
    int volume = s[4] * s[5] * s[5];
    int tokens = s[1] * s[2] * s[3] / volume;
    return new Problem(
        volume,
        List.of(draw.constant(s[0], 3, s[1], s[2], s[3]), draw.index(tokens, s[0], 3)),
        t -> PatchTargets.apply(t[0], t[1], s[4], s[5], MEAN, STD, normalize),
        in -> {
          double[] y = new double[s[0] * 3 * volume * 3];
          for (int m = 0; m < s[0] * 3; m++) {
            for (int c = 0; c < 3; c++) {
              double[] patch = new double[volume];
              for (int i = 0; i < volume; i++) {
                patch[i] = pixel(in[0], m / 3, c, (int) in[1][m], i, s) * STD[c] + MEAN[c];
              }
              double[] target = normalize ? normalized(patch) : patch;
              for (int i = 0; i < volume; i++) {
                y[(m * volume + i) * 3 + c] = target[i];
              }
            }
          }
          return y;
        });
  }

  /** Element {@code i}, in the order (frame, y, x), of a token's cube of one channel. */
  private static double pixel(double[] video, int b, int c, int token, int i, int... s) {
    int p = s[5];
    int columns = s[3] / p;
    int rows = s[2] / p;
    int frame = token / (rows * columns) * s[4] + i / (p * p);
    int y = token / columns % rows * p + i / p % p;
    int x = token % columns * p + i % p;
    return video[(((b * 3 + c) * s[1] + frame) * s[2] + y) * s[3] + x];
  }

  private static double[] normalized(double[] patch) {
    double mean = 0;
    for (double x : patch) {
      mean += x / patch.length;
    }
    double variance = 0;
    for (double x : patch) {
      variance += Math.pow(x - mean, 2) / (patch.length - 1);
    }
    double centre = mean;
    double deviation = Math.sqrt(variance) + 1e-6;
    return map(patch.length, i -> (patch[i] - centre) / deviation);
  }
}
