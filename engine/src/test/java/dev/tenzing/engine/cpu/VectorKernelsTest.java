package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.KernelRig.asInts;
import static dev.tenzing.engine.cpu.KernelRig.assertClose;
import static dev.tenzing.engine.cpu.KernelRig.indices;
import static dev.tenzing.engine.cpu.KernelRig.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bandwidth-bound kernels against plain double loops, at sizes that are no multiple of a
 * vector, and the same bits on 1, 2 and 3 threads.
 */
@Tag("kernels")
class VectorKernelsTest {
  private static final double TIGHT = 3e-7;
  private static final double SUM = 1e-6;

  @ParameterizedTest
  @CsvSource({"1,1", "3,7", "7,13", "13,16", "17,17", "156,470", "470,156", "1,2048"})
  void layerNorm(int M, int C) {
    float[] x = normal(1, M * C);
    for (int i = 0; i < x.length; i++) {
      x[i] = 2 * x[i] + 3;
    }
    float[] w = normal(2, C);
    float[] b = normal(3, C);
    float[] dy = normal(4, M * C);
    float[] old = normal(5, M * C);
    float eps = 1e-5f;
    double[] y = new double[M * C];
    double[] mean = new double[M];
    double[] rstd = new double[M];
    double[] dx = new double[M * C];
    double[] dw = new double[C];
    double[] db = new double[C];
    for (int m = 0; m < M; m++) {
      double sum = 0;
      double square = 0;
      for (int c = 0; c < C; c++) {
        sum += x[m * C + c];
      }
      mean[m] = sum / C;
      for (int c = 0; c < C; c++) {
        square += Math.pow(x[m * C + c] - mean[m], 2);
      }
      rstd[m] = 1 / Math.sqrt(square / C + eps);
      double g = 0;
      double gHat = 0;
      for (int c = 0; c < C; c++) {
        int i = m * C + c;
        double hat = (x[i] - mean[m]) * rstd[m];
        y[i] = hat * w[c] + b[c];
        g += (double) dy[i] * w[c] / C;
        gHat += dy[i] * w[c] * hat / C;
        dw[c] += dy[i] * hat;
        db[c] += dy[i];
      }
      for (int c = 0; c < C; c++) {
        int i = m * C + c;
        double hat = (x[i] - mean[m]) * rstd[m];
        dx[i] = rstd[m] * ((double) dy[i] * w[c] - g - hat * gHat);
      }
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long ws = rig.in(w);
          long means = rig.out(M);
          long rstds = rig.out(M);
          k.layerNorm(xs, ws, rig.in(b), rig.out(M * C), means, rstds, M, C, eps);
          long dys = rig.in(dy);
          long dws = rig.out(C);
          long dbs = rig.out(C);
          long dxs = rig.out(M * C);
          k.layerNormBackward(dys, xs, ws, means, rstds, dxs, dws, dbs, M, C, false, false);
          long more = rig.inOut(old);
          k.layerNormBackward(dys, xs, ws, means, rstds, more, dws, dbs, M, C, true, true);
        });
    assertClose(mean, results[0], TIGHT, "mean");
    assertClose(rstd, results[1], SUM, "rstd");
    // A mean rounded to F32 shifts a whole row by up to half an ulp of 3.
    assertClose(y, results[2], SUM, "y");
    for (int c = 0; c < C; c++) {
      dw[c] *= 2;
      db[c] *= 2;
    }
    assertClose(dw, results[3], SUM, "dw, twice");
    assertClose(db, results[4], SUM, "db, twice");
    assertClose(dx, results[5], SUM, "dx");
    for (int i = 0; i < dx.length; i++) {
      dx[i] += old[i];
    }
    assertClose(dx, results[6], SUM, "dx, accumulated");
  }

  @Test
  void layerNormRowsDoNotDependOnOtherRows() {
    int M = 470;
    int C = 156;
    float[] x = normal(1, M * C);
    float[] w = normal(2, C);
    float[] all = layerNormOf(x, w, M, C);
    float[] last = layerNormOf(Arrays.copyOfRange(x, (M - 1) * C, M * C), w, 1, C);
    assertArrayEquals(last, Arrays.copyOfRange(all, (M - 1) * C, M * C));
  }

  private static float[] layerNormOf(float[] x, float[] w, int M, int C) {
    return KernelRig.run((k, rig) ->
        k.layerNorm(
            rig.in(x), rig.in(w), rig.in(w), rig.out(M * C), rig.out(M), rig.out(M), M, C, 1e-6f))[
        0];
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 13, 16, 17, 156, 470, 70_001})
  void pointwise(int n) {
    float[] a = normal(1, n);
    float[] b = normal(2, n);
    double[] gelu = new double[n];
    double[] sum = new double[n];
    double[] scaled = new double[n];
    double[] scaledSum = new double[n];
    double[] fives = new double[n];
    for (int i = 0; i < n; i++) {
      double v = a[i];
      double slope = ScalarMath.geluDerivative(v);
      gelu[i] = slope * b[i];
      sum[i] = (double) a[i] + b[i];
      scaled[i] = 0.3f * v;
      scaledSum[i] = 0.3f * v + b[i];
      fives[i] = 5;
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long as = rig.in(a);
          long bs = rig.in(b);
          k.geluBackward(as, bs, rig.out(n), n);
          long inPlace = rig.inOut(b);
          k.geluBackward(as, inPlace, inPlace, n);
          k.add(as, bs, rig.out(n), n);
          long sums = rig.inOut(a);
          k.add(sums, bs, sums, n);
          k.scale(as, 0.3f, rig.out(n), n, false);
          k.scale(as, 0.3f, rig.inOut(b), n, true);
          k.fill(rig.out(n), 5, n);
          k.copy(as, rig.out(n), 4L * n);
        });
    assertClose(gelu, results[0], TIGHT, "gelu");
    assertClose(gelu, results[1], TIGHT, "gelu in place");
    assertClose(sum, results[2], TIGHT, "add");
    assertClose(sum, results[3], TIGHT, "add in place");
    assertClose(scaled, results[4], TIGHT, "scale");
    assertClose(scaledSum, results[5], TIGHT, "scale, accumulated");
    assertClose(fives, results[6], 0, "fill");
    assertArrayEquals(a, results[7], "copy");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,3,7", "3,7,13", "2,13,16", "1,17,17", "3,156,470", "4,470,156"})
  void residual(int B, int N, int C) {
    int n = B * N * C;
    float[] x = normal(1, n);
    float[] branch = normal(2, n);
    float[] gamma = normal(3, C);
    float[] scale = normal(4, B);
    scale[0] = 0;
    float[] dy = normal(5, n);
    double[] y = new double[n];
    double[] plain = new double[n];
    double[] dbranch = new double[n];
    double[] dbranchScaled = new double[n];
    double[] dgamma = new double[C];
    for (int i = 0; i < n; i++) {
      double s = scale[i / (N * C)];
      double g = gamma[i % C];
      y[i] = x[i] + s * g * branch[i];
      plain[i] = (double) x[i] + branch[i];
      dbranch[i] = s * g * dy[i];
      dbranchScaled[i] = s * dy[i];
      dgamma[i % C] += 2 * s * dy[i] * branch[i];
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long branches = rig.in(branch);
          long gammas = rig.in(gamma);
          long scales = rig.in(scale);
          long dys = rig.in(dy);
          k.residual(xs, branches, gammas, scales, rig.out(n), B, N, C);
          long inPlace = rig.inOut(x);
          k.residual(inPlace, branches, 0, 0, inPlace, B, N, C);
          long dbranches = rig.out(n);
          long dgammas = rig.out(C);
          k.residualBackward(dys, branches, gammas, scales, dbranches, dgammas, B, N, C, false);
          k.residualBackward(dys, branches, gammas, scales, dbranches, dgammas, B, N, C, true);
          k.residualBackward(dys, branches, 0, scales, rig.out(n), 0, B, N, C, false);
        });
    assertClose(y, results[0], TIGHT, "y");
    assertClose(plain, results[1], TIGHT, "plain sum in place");
    assertClose(dbranch, results[2], TIGHT, "dbranch");
    assertClose(dgamma, results[3], SUM, "dgamma, twice");
    assertClose(dbranchScaled, results[4], TIGHT, "dbranch without gamma");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,3,7", "3,7,13", "2,13,16", "1,17,17", "3,156,470", "2,4700,156"})
  void rowReductions(int B, int N, int C) {
    int n = B * N * C;
    float[] x = normal(1, n);
    float[] dy = normal(2, B * C);
    double[] sum = new double[C];
    double[] mean = new double[B * C];
    double[] dx = new double[n];
    double[] more = new double[n];
    for (int i = 0; i < n; i++) {
      int row = i / (N * C) * C + i % C;
      sum[i % C] += 2.0 * x[i];
      mean[row] += (double) x[i] / N;
      dx[i] = (double) dy[row] / N;
      more[i] = x[i] + dx[i];
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long dys = rig.in(dy);
          long sums = rig.out(C);
          k.sumRows(xs, sums, B * N, C, false);
          k.sumRows(xs, sums, B * N, C, true);
          k.meanTokens(xs, rig.out(B * C), B, N, C);
          k.meanTokensBackward(dys, rig.out(n), B, N, C, false);
          k.meanTokensBackward(dys, rig.inOut(x), B, N, C, true);
        });
    assertClose(sum, results[0], SUM, "sum, twice");
    assertClose(mean, results[1], SUM, "mean");
    assertClose(dx, results[2], TIGHT, "dx");
    assertClose(more, results[3], TIGHT, "dx, accumulated");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,7", "7,13", "13,16", "17,17", "156,470", "470,156"})
  void softmax(int M, int C) {
    float[] x = normal(1, M * C);
    double[] y = new double[M * C];
    for (int m = 0; m < M; m++) {
      x[m * C] -= 200; // far below the others
      double sum = 0;
      for (int c = 0; c < C; c++) {
        sum += Math.exp(x[m * C + c]);
      }
      for (int c = 0; c < C; c++) {
        y[m * C + c] = C == 1 ? 1 : Math.exp(x[m * C + c]) / sum;
      }
    }
    float[][] results = KernelRig.run((k, rig) -> k.softmax(rig.in(x), rig.out(M * C), M, C));
    assertClose(y, results[0], SUM, "softmax");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "2,7,3,13", "3,17,16,17", "2,470,156,156", "4,156,470,7"})
  void gather(int B, int N, int M, int C) {
    float[] x = normal(1, B * N * C);
    float[] dy = normal(2, B * M * C);
    float[] table = normal(3, N * C);
    int[] index = indices(4, B * M, N);
    double[] y = new double[B * M * C];
    double[] dx = new double[B * N * C];
    double[] dxMore = new double[B * N * C];
    double[] added = new double[B * M * C];
    double[] token = new double[B * M * C];
    for (int i = 0; i < dxMore.length; i++) {
      dxMore[i] = x[i];
    }
    for (int i = 0; i < y.length; i++) {
      int row = i / C;
      int c = i % C;
      int from = (row / M * N + index[row]) * C + c;
      y[i] = x[from];
      dx[from] += dy[i];
      dxMore[from] += dy[i];
      added[i] = (double) dy[i] + table[index[row] * C + c];
      token[i] = x[c] + (double) table[index[row] * C + c];
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long dys = rig.in(dy);
          long tables = rig.in(table);
          long indices = rig.in(index);
          k.gatherTokens(xs, indices, rig.out(B * M * C), B, N, M, C);
          k.gatherTokensBackward(dys, indices, rig.out(B * N * C), B, N, M, C, false);
          k.gatherTokensBackward(dys, indices, rig.inOut(x), B, N, M, C, true);
          k.addRows(dys, C, tables, indices, rig.out(B * M * C), B, M, C);
          k.addRows(xs, 0, tables, indices, rig.out(B * M * C), B, M, C);
          long inPlace = rig.inOut(x);
          k.addRows(inPlace, C, tables, 0, inPlace, B, N, C);
        });
    assertClose(y, results[0], 0, "gather");
    assertClose(dx, results[1], SUM, "scatter");
    assertClose(dxMore, results[2], SUM, "scatter, accumulated");
    assertClose(added, results[3], TIGHT, "added rows");
    assertClose(token, results[4], TIGHT, "one token and rows");
    double[] positions = new double[B * N * C];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = (double) x[i] + table[i % (N * C)];
    }
    assertClose(positions, results[5], TIGHT, "rows in order");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "7,16,17,13", "470,156,300,156", "3,70000,70001,69999"})
  void copyRows(int rows, int sourceStride, int targetStride, int width) {
    float[] x = normal(1, rows * sourceStride);
    float[] old = normal(2, rows * targetStride);
    float[] expected = old.clone();
    for (int r = 0; r < rows; r++) {
      System.arraycopy(x, r * sourceStride, expected, r * targetStride, width);
    }
    float[][] results =
        KernelRig.run((k, rig) ->
            k.copyRows(
                rig.in(x), 4L * sourceStride, rig.inOut(old), 4L * targetStride, rows, 4L * width));
    assertArrayEquals(expected, results[0]);
  }

  @ParameterizedTest
  @CsvSource({"1,2,3,3,1,3", "2,4,14,28,2,14", "2,3,32,16,1,16", "1,8,34,51,2,17", "3,2,4,6,1,2"})
  void video(int B, int T, int H, int W, int t, int p) {
    int n = B * 3 * T * H * W;
    byte[] pixels = new byte[n];
    new java.util.Random(1).nextBytes(pixels);
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
          k.normalizeVideo(rig.in(pixels), rig.out(n), B, T, H, W, scale, shift);
          long videos = rig.in(in);
          long indices = rig.in(index);
          k.patchify(videos, rig.out(n), B, T, H, W, t, p);
          k.patchTargets(
              videos, indices, rig.out(raw.length), B, T, H, W, t, p, M, mean, std, false);
          k.patchTargets(
              videos, indices, rig.out(raw.length), B, T, H, W, t, p, M, mean, std, true);
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
            k.patchTargets(
                rig.in(video),
                rig.in(new int[] {0}),
                rig.out(3 * p * p),
                1,
                1,
                p,
                p,
                1,
                p,
                1,
                mean,
                std,
                true));
    double jump = ((double) video[37] - video[0]) * std[0];
    int n = p * p;
    double[] expected = new double[3 * n];
    for (int i = 0; i < n; i++) {
      double deviation = jump / Math.sqrt(n) + 1e-6;
      expected[3 * i] = ((i == 37 ? jump : 0) - jump / n) / deviation;
    }
    assertClose(expected, results[0], SUM, "targets");
  }

  @ParameterizedTest
  @CsvSource({"1,1,3,7", "2,2,1,1", "3,3,7,13", "2,8,17,156", "2,8,49,470"})
  void motionImportance(int B, int T, int L, int C) {
    float[] x = normal(1, B * T * L * C);
    double[] expected = new double[B * T * L];
    for (int i = 0; i < expected.length; i++) {
      int slot = i / L % T;
      if (T > 1) {
        int now = slot == 0 ? i + L : i;
        double sum = 0;
        for (int c = 0; c < C; c++) {
          sum += Math.pow((double) x[now * C + c] - x[(now - L) * C + c], 2);
        }
        expected[i] = (float) Math.sqrt(sum);
      }
    }
    float[][] results =
        KernelRig.run((k, rig) -> k.motionImportance(rig.in(x), rig.out(B * T * L), B, T, L, C));
    assertClose(expected, results[0], 6e-8, "importance");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 13, 16, 17, 156, 470})
  void sorting(int N) {
    int M = 3;
    float[] keys = normal(1, M * N);
    for (int i = 0; i < keys.length; i++) {
      keys[i] = Math.round(4 * keys[i]) / 4f; // many equal ones, -0 among them
    }
    keys[N / 2] = Float.NaN;
    keys[N - 1] = -Float.NaN;
    keys[N / 3] = Float.NEGATIVE_INFINITY;
    int[][] order = new int[2][M * N];
    for (int m = 0; m < M; m++) {
      int row = m * N;
      Comparator<Integer> byKey =
          Comparator.comparing(i -> keys[row + i] == 0 ? 0f : keys[row + i]);
      for (int d = 0; d < 2; d++) {
        Integer[] sorted = IntStream.range(0, N).boxed().toArray(Integer[]::new);
        Arrays.sort(sorted, d == 0 ? byKey : byKey.reversed());
        for (int i = 0; i < N; i++) {
          order[d][row + i] = sorted[i];
        }
      }
    }
    int from = N / 4;
    int count = N / 2;
    int[] ids = indices(2, M * N, 1000);
    int[] taken = new int[M * count];
    for (int m = 0; m < M; m++) {
      for (int j = 0; j < count; j++) {
        taken[m * count + j] = ids[m * N + order[0][m * N + from + j]];
      }
      Arrays.sort(taken, m * count, (m + 1) * count);
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long keysIn = rig.in(keys);
          long ascending = rig.out(M * N);
          k.argsort(keysIn, ascending, M, N, false);
          k.argsort(keysIn, rig.out(M * N), M, N, true);
          k.takeSorted(rig.in(ids), N, ascending, N, rig.out(M * count), M, from, count);
        });
    assertArrayEquals(order[0], asInts(results[0]), "ascending");
    assertArrayEquals(order[1], asInts(results[1]), "descending");
    assertArrayEquals(taken, asInts(results[2]), "taken");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,7", "7,13", "13,16", "17,17", "156,470", "470,156"})
  void squaredError(int M, int C) {
    float[] x = normal(1, M * C);
    float[] target = normal(2, M * C);
    float[] weight = normal(3, M);
    float[] dloss = {0.7f};
    double scale = 1.0 / C;
    double[] loss = new double[1];
    double[] weighted = new double[1];
    double[] dx = new double[M * C];
    double[] more = new double[M * C];
    for (int i = 0; i < M * C; i++) {
      double d = (double) x[i] - target[i];
      loss[0] += scale * d * d;
      weighted[0] += scale * weight[i / C] * d * d;
      dx[i] = dloss[0] * 2 * scale * weight[i / C] * d;
      more[i] = x[i] + dloss[0] * 2 * scale * d;
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long targets = rig.in(target);
          long weights = rig.in(weight);
          long dlosses = rig.in(dloss);
          k.squaredError(xs, targets, 0, rig.out(1), M, C, scale);
          k.squaredError(xs, targets, weights, rig.out(1), M, C, scale);
          k.squaredErrorBackward(dlosses, xs, targets, weights, rig.out(M * C), M, C, scale, false);
          k.squaredErrorBackward(dlosses, xs, targets, 0, rig.inOut(x), M, C, scale, true);
        });
    assertClose(loss, results[0], 6e-8, "loss");
    assertEquals(weighted[0], results[1][0], 6e-8 * loss[0], "weighted loss");
    assertClose(dx, results[2], TIGHT, "dx");
    assertClose(more, results[3], TIGHT, "dx, accumulated");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,7", "7,13", "13,16", "17,17", "16,470", "13,156"})
  void softTargetCrossEntropy(int M, int C) {
    float[] logits = normal(1, M * C);
    float[] target = normal(2, M * C);
    float[] dloss = {0.7f};
    double[] loss = new double[1];
    double[] logP = new double[M * C];
    double[] dx = new double[M * C];
    double[] more = new double[M * C];
    for (int m = 0; m < M; m++) {
      double sum = 0;
      double mass = 0;
      for (int i = m * C; i < (m + 1) * C; i++) {
        target[i] = Math.abs(target[i]) / C;
        logits[i] *= 10;
        sum += Math.exp(logits[i]);
        mass += target[i];
      }
      for (int i = m * C; i < (m + 1) * C; i++) {
        logP[i] = logits[i] - Math.log(sum);
        loss[0] -= target[i] * logP[i] / M;
        dx[i] = dloss[0] * (Math.exp(logP[i]) * mass - target[i]) / M;
        more[i] = logits[i] + dx[i];
      }
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long targets = rig.in(target);
          long dlosses = rig.in(dloss);
          long logPs = rig.out(M * C);
          k.softTargetCrossEntropy(rig.in(logits), targets, logPs, rig.out(1), M, C);
          k.softTargetCrossEntropyBackward(dlosses, logPs, targets, rig.out(M * C), M, C, false);
          k.softTargetCrossEntropyBackward(dlosses, logPs, targets, rig.inOut(logits), M, C, true);
        });
    assertClose(logP, results[0], TIGHT, "log probability");
    assertClose(loss, results[1], TIGHT, "loss");
    assertClose(dx, results[2], SUM, "dlogits");
    assertClose(more, results[3], TIGHT, "dlogits, accumulated");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 1000})
  void optimizer(long step) {
    int[] sizes = {1, 3, 0, 7, 13, 16, 17, 156, 470, 70_001, 0};
    int arrays = sizes.length;
    long[] n = Arrays.stream(sizes).asLongStream().toArray();
    double[] lr = new double[arrays];
    double[] decay = new double[arrays];
    long[] steps = new long[arrays];
    double squares = 0;
    float[][][] values = new float[4][arrays][];
    for (int a = 0; a < arrays; a++) {
      lr[a] = 1e-3 * (a + 1);
      decay[a] = a % 2 * 0.05;
      steps[a] = step + a;
      for (int kind = 0; kind < 4; kind++) {
        values[kind][a] = normal(10L * a + kind, sizes[a]);
      }
      for (int i = 0; i < sizes[a]; i++) {
        values[3][a][i] = Math.abs(values[3][a][i]);
        squares += (double) values[1][a][i] * values[1][a][i];
      }
    }
    double norm = Math.sqrt(squares);
    float[][] results =
        KernelRig.run((k, rig) -> {
          long[] p = addresses(rig, values[0], true);
          long[] m = addresses(rig, values[2], true);
          long[] v = addresses(rig, values[3], true);
          long[] g = addresses(rig, values[1], false);
          long norms = rig.out(1);
          k.globalNorm(g, n, norms);
          k.adamW(p, g, m, v, n, lr, decay, steps, 0.9, 0.95, 1e-8, norms, 2.5);
        });
    double clip = 2.5 / (norm + 1e-6);
    for (int a = 0; a < arrays; a++) {
      double[][] expected = new double[3][sizes[a]];
      for (int i = 0; i < sizes[a]; i++) {
        double g = values[1][a][i] * clip;
        double m = 0.9 * values[2][a][i] + (1 - 0.9) * g;
        double v = 0.95 * values[3][a][i] + (1 - 0.95) * g * g;
        double mHat = m / (1 - Math.pow(0.9, steps[a]));
        double vHat = v / (1 - Math.pow(0.95, steps[a]));
        expected[0][i] =
            values[0][a][i] * (1 - lr[a] * decay[a]) - lr[a] * mHat / (Math.sqrt(vHat) + 1e-8);
        expected[1][i] = m;
        expected[2][i] = v;
      }
      for (int kind = 0; kind < 3; kind++) {
        assertClose(expected[kind], results[kind * arrays + a], TIGHT, "array " + a);
      }
    }
    assertEquals(norm, results[3 * arrays][0], 6e-8 * norm, "norm");
  }

  private static long[] addresses(KernelRig rig, float[][] values, boolean changes) {
    long[] addresses = new long[values.length];
    for (int a = 0; a < addresses.length; a++) {
      addresses[a] = changes ? rig.inOut(values[a]) : rig.in(values[a]);
    }
    return addresses;
  }

  @Test
  void withoutClippingTheNormIsNotRead() {
    float[][] results =
        KernelRig.run((k, rig) ->
            k.adamW(
                new long[] {rig.inOut(new float[] {1})},
                new long[] {rig.in(new float[] {1000})},
                new long[] {rig.inOut(new float[] {0})},
                new long[] {rig.inOut(new float[] {0})},
                new long[] {1},
                new double[] {0.1},
                new double[] {0},
                new long[] {1},
                0.9,
                0.999,
                1e-8,
                0,
                0));
    assertEquals(0.9, results[0][0], 1e-6);
    assertEquals(100, results[1][0], 1e-4);
  }
}
