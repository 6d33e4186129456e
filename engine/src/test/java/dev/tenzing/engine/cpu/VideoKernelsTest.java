package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.KernelRig.SUM;
import static dev.tenzing.engine.cpu.KernelRig.TIGHT;
import static dev.tenzing.engine.cpu.KernelRig.assertClose;
import static dev.tenzing.engine.cpu.KernelRig.indices;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.PatchTargetKernels;
import dev.tenzing.engine.kernel.VideoKernels;
import dev.tenzing.engine.kernel.VideoKernels.Cubes;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Pixels to patches and to targets against plain double loops, at sizes that are no multiple of a
 * vector.
 */
@Tag("kernels")
class VideoKernelsTest {
  @ParameterizedTest
  @CsvSource({"1,2,3,3,1,3", "2,4,14,28,2,14", "2,3,32,16,1,16", "1,8,34,51,2,17", "3,2,4,6,1,2"})
  void video(int B, int T, int H, int W, int t, int p) {
    int n = B * 3 * T * H * W;
    byte[] pixels = new byte[n];
    new Random(1).nextBytes(pixels);
    float[] scale = {4.4f, 4.5f, 4.6f};
    float[] shift = {-2.1f, -2.0f, -1.8f};
    float[] mean = {0.485f, 0.456f, 0.406f};
    float[] std = {0.229f, 0.224f, 0.225f};
    double[] video = new double[n];
    for (int i = 0; i < n; i++) {
      int c = i / (T * H * W) % 3;
      int b = i / (3 * T * H * W);
      int source = (b * T * H * W + i % (T * H * W)) * 3 + c;
      video[i] = (pixels[source] & 0xff) / 255.0 * scale[c] + shift[c];
    }
    float[] in = new float[n];
    for (int i = 0; i < n; i++) {
      in[i] = (float) video[i];
    }
    int down = H / p;
    int across = W / p;
    int N = T / t * down * across;
    int cube = t * p * p;
    int M = Math.min(N, 17);
    int[] index = indices(2, B * M, N);
    double[] patches = new double[n];
    double[] raw = new double[B * M * cube * 3];
    double[] normal = new double[B * M * cube * 3];
    for (int b = 0; b < B; b++) {
      for (int token = 0; token < N; token++) {
        for (int e = 0; e < cube * 3; e++) {
          patches[(b * N + token) * cube * 3 + e] =
              in[at(b, e / cube, token, e % cube, T, H, W, t, p)];
        }
      }
      for (int m = 0; m < M; m++) {
        int row = b * M + m;
        for (int c = 0; c < 3; c++) {
          double[] v = new double[cube];
          for (int e = 0; e < cube; e++) {
            v[e] = (double) in[at(b, c, index[row], e, T, H, W, t, p)] * std[c] + mean[c];
          }
          double center = Arrays.stream(v).sum() / cube;
          double variance =
              Arrays.stream(v).map(a -> (a - center) * (a - center)).sum() / (cube - 1);
          for (int e = 0; e < cube; e++) {
            raw[(row * cube + e) * 3 + c] = v[e];
            normal[(row * cube + e) * 3 + c] = (v[e] - center) / (Math.sqrt(variance) + 1e-6);
          }
        }
      }
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          k.video()
              .normalize(
                  new VideoKernels.NormalizeVideo(
                      new Operand(rig.in(pixels), DType.U8),
                      Operand.f32(rig.out(n)),
                      B,
                      T,
                      H,
                      W,
                      scale,
                      shift));
          long videos = rig.in(in);
          long indices = rig.in(index);
          k.video()
              .patchify(
                  new VideoKernels.Patchify(
                      Operand.f32(videos), Operand.f32(rig.out(n)), new Cubes(B, T, H, W, t, p)));
          k.patchTargets()
              .forward(
                  new PatchTargetKernels.PatchTargets(
                      Operand.f32(videos),
                      Operand.i32(indices),
                      Operand.f32(rig.out(raw.length)),
                      new Cubes(B, T, H, W, t, p),
                      M,
                      mean,
                      std,
                      false));
          k.patchTargets()
              .forward(
                  new PatchTargetKernels.PatchTargets(
                      Operand.f32(videos),
                      Operand.i32(indices),
                      Operand.f32(rig.out(raw.length)),
                      new Cubes(B, T, H, W, t, p),
                      M,
                      mean,
                      std,
                      true));
        });
    assertClose(video, results[0], TIGHT, "normalised video");
    assertClose(patches, results[1], 0, "patches");
    assertClose(raw, results[2], TIGHT, "targets");
    assertClose(normal, results[3], SUM, "normalised targets");
  }

  /** Where element e (frame, y, x) of a channel of a token is in the video. */
  private static int at(int b, int c, int token, int e, int T, int H, int W, int t, int p) {
    int perSlot = H / p * (W / p);
    int frame = token / perSlot * t + e / (p * p);
    int y = token % perSlot / (W / p) * p + e / p % p;
    int x = token % (W / p) * p + e % p;
    return (((b * 3 + c) * T + frame) * H + y) * W + x;
  }

  @Test
  void targetsOfNearlyFlatPatchesKeepTheirPrecision() {
    int p = 16;
    float[] video = new float[3 * p * p];
    Arrays.fill(video, 1.2345678f);
    video[37] += 1e-3f; // one pixel of the first channel
    float[] mean = {0.485f, 0.456f, 0.406f};
    float[] std = {0.229f, 0.224f, 0.225f};
    float[][] results =
        KernelRig.run((k, rig) ->
            k.patchTargets()
                .forward(
                    new PatchTargetKernels.PatchTargets(
                        Operand.f32(rig.in(video)),
                        Operand.i32(rig.in(new int[] {0})),
                        Operand.f32(rig.out(3 * p * p)),
                        new Cubes(1, 1, p, p, 1, p),
                        1,
                        mean,
                        std,
                        true)));
    double jump = ((double) video[37] - video[0]) * std[0];
    int n = p * p;
    double[] expected = new double[3 * n];
    for (int i = 0; i < n; i++) {
      double deviation = jump / Math.sqrt(n) + 1e-6;
      expected[3 * i] = ((i == 37 ? jump : 0) - jump / n) / deviation;
    }
    assertClose(expected, results[0], SUM, "targets");
  }
}
