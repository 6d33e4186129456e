package dev.tenzing.engine.cuda;

import static dev.tenzing.engine.cuda.Side.normal;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cpu.CpuBackend;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The kernels of activations in F32 and in BF16 against the reference, at sizes where they take
 * other ways than in the conformance suite: long rows, sums that are cut into chunks, wrong
 * indices.
 */
@Tag("cuda")
class ActivationKernelsTest {
  /** A few roundings. */
  private static final double TIGHT = 5e-7;

  /** Sums over rows or columns. */
  private static final double SUM = 2e-6;

  private static final DType[] TYPES = {DType.F32, DType.BF16};

  private static CudaBackend gpu;
  private static Launcher launcher;
  private static Backend reference;
  private static RowReductions reductions;

  @BeforeAll
  static void start() {
    assumeTrue(StandIns.problem().isEmpty(), StandIns::problem);
    gpu = StandIns.backend(Precision.FP32);
    launcher = gpu.launcher();
    reference = CpuBackend.reference();
    reductions = new RowReductions(launcher, DType.F32);
  }

  @AfterAll
  static void stop() {
    if (gpu != null) {
      gpu.close();
      reference.close();
    }
  }

  private static void compare(DType type, double tolerance, Side.Calls calls) {
    Side.compare(reference.kernels(), reference.memory(), gpu.memory(), type, tolerance, calls);
  }

  @ParameterizedTest
  @CsvSource({
    // One, two and more warps a row; the edges of what registers hold; rows that they do not.
    "1, 1",
    "3, 7",
    "40, 130",
    "9, 384",
    "37, 388",
    "5, 513",
    "21, 768",
    "7, 1030",
    "11, 1408",
    "600, 20",
    "5, 1536",
    "3, 1540",
    "4, 3072",
    "6, 3080"
  })
  void layerNorm(int M, int C) {
    float[] x = normal(1, M * C);
    for (int i = 0; i < x.length; i++) {
      x[i] += 3; // A mean that is not lost in the variance.
    }
    float[] dx = normal(2, M * C);
    float[] dw = normal(3, C);
    for (DType type : TYPES) {
      LayerNorms norms = new LayerNorms(launcher, type, reductions);
      compare(
          type,
          SUM,
          side -> {
            long xs = side.floats(x);
            long w = side.floats(normal(4, C));
            long b = side.floats(normal(5, C));
            long y = side.activationsOut(M * C);
            long mean = side.floatsOut(M);
            long rstd = side.floatsOut(M);
            long dy = side.activations(normal(6, M * C));
            long[] once = {side.floatsOut(M * C), side.floatsOut(C), side.floatsOut(C)};
            long[] more = {side.floatsOut(dx), side.floatsOut(dw), side.floatsOut(dw)};
            if (side.onGpu()) {
              norms.forward(xs, w, b, y, mean, rstd, M, C, 1e-2f);
              norms.backward(dy, xs, w, mean, rstd, once[0], once[1], once[2], M, C, false, false);
              norms.backward(dy, xs, w, mean, rstd, more[0], more[1], more[2], M, C, true, true);
            } else {
              Kernels k = side.reference();
              k.layerNorm(xs, w, b, y, DType.F32, mean, rstd, M, C, 1e-2f);
              k.layerNormBackward(
                  dy, DType.F32, xs, w, mean, rstd, once[0], once[1], once[2], M, C, false, false);
              k.layerNormBackward(
                  dy, DType.F32, xs, w, mean, rstd, more[0], more[1], more[2], M, C, true, true);
            }
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 3, 7", "3, 100, 130", "5, 41, 12", "2, 500, 9"})
  void residual(int B, int N, int C) {
    int n = B * N * C;
    for (DType type : TYPES) {
      Residuals residuals = new Residuals(launcher, type, reductions);
      for (int options = 0; options < 4; options++) {
        boolean withGamma = (options & 1) != 0;
        boolean withScale = (options & 2) != 0;
        compare(
            type,
            SUM,
            side -> {
              long x = side.floats(normal(1, n));
              long branch = side.activations(normal(2, n));
              long gamma = withGamma ? side.floats(normal(3, C)) : 0;
              long scale = withScale ? side.floats(normal(4, B)) : 0;
              long y = side.floatsOut(n);
              long same = side.floatsOut(normal(1, n));
              long plain = side.activationsOut(n);
              long dbranch = side.activationsOut(n);
              long dgamma = side.floatsOut(normal(5, C));
              if (side.onGpu()) {
                residuals.forward(x, branch, gamma, scale, y, B, N, C);
                residuals.forward(same, branch, gamma, scale, same, B, N, C);
                residuals.backward(x, branch, gamma, scale, plain, 0, B, N, C, false);
                residuals.backward(x, branch, gamma, scale, dbranch, dgamma, B, N, C, true);
              } else {
                Kernels k = side.reference();
                k.residual(x, branch, gamma, scale, y, B, N, C);
                k.residual(same, branch, gamma, scale, same, B, N, C);
                k.residualBackward(x, branch, gamma, scale, plain, 0, B, N, C, false);
                k.residualBackward(x, branch, gamma, scale, dbranch, dgamma, B, N, C, true);
              }
            });
      }
    }
  }

  /** From where GELU is 0 to where it is x. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void geluBackward(DType type) {
    int n = 5003;
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = Side.round((i - n / 2) * 0.004f);
    }
    x[1] = -200;
    x[2] = Side.round(1e15f);
    x[3] = Float.NaN;
    float[] dy = normal(1, n);
    Pointwise pointwise = new Pointwise(launcher, type);
    compare(
        type,
        TIGHT,
        side -> {
          long xs = side.activations(x);
          long dx = side.activationsOut(n);
          long same = side.activationsOut(dy);
          long dys = side.activations(dy);
          long y = side.activationsOut(n);
          long both = side.activationsOut(x);
          if (side.onGpu()) {
            pointwise.geluBackward(xs, dys, dx, y, n);
            pointwise.geluBackward(xs, same, same, y, n);
            pointwise.geluBackward(both, dys, dx, both, n);
          } else {
            side.reference().geluBackward(xs, dys, dx, y, DType.F32, n);
            side.reference().geluBackward(xs, same, same, y, DType.F32, n);
            side.reference().geluBackward(both, dys, dx, both, DType.F32, n);
          }
        });
  }

  /** What follows a product, by the reference's linear layer with the identity as weight. */
  @ParameterizedTest
  @CsvSource({"1, 1", "5, 7", "3, 64", "70, 33"})
  void biasThenGeluOrResidual(int M, int C) {
    float[] identity = new float[C * C];
    for (int c = 0; c < C; c++) {
      identity[c * C + c] = 1;
    }
    // Few bits, so that BF16 holds the sum.
    float[] x = quarters(1, M * C);
    float[] bias = quarters(2, C);
    float[] residual = normal(3, M * C);
    for (DType type : TYPES) {
      Pointwise pointwise = new Pointwise(launcher, type);
      compare(
          type,
          TIGHT,
          side -> {
            long xs = side.activations(x);
            long b = side.floats(bias);
            long r = side.floats(residual);
            long pre = side.activationsOut(M * C);
            long y = side.activationsOut(M * C);
            long alone = side.activationsOut(x);
            long sum = side.floatsOut(M * C);
            long onto = side.floatsOut(residual);
            if (side.onGpu()) {
              pointwise.biasGelu(xs, b, pre, y, M, C);
              pointwise.biasGelu(alone, 0, 0, alone, M, C);
              pointwise.biasResidual(xs, b, r, sum, M, C);
              pointwise.biasResidual(xs, 0, onto, onto, M, C);
            } else {
              Kernels k = side.reference();
              long w = side.floats(identity);
              k.linearGelu(xs, DType.F32, w, b, pre, y, DType.F32, M, C, C);
              k.linearGelu(xs, DType.F32, w, 0, 0, alone, DType.F32, M, C, C);
              k.linear(xs, DType.F32, w, b, r, sum, DType.F32, M, C, C);
              k.linear(xs, DType.F32, w, 0, onto, onto, DType.F32, M, C, C);
            }
          });
    }
  }

  private static float[] quarters(long seed, int n) {
    float[] x = normal(seed, n);
    for (int i = 0; i < n; i++) {
      x[i] = Math.round(4 * x[i]) / 4f;
    }
    return x;
  }

  /** The same draws as the reference's, or elements would be 0 on one side only. */
  @ParameterizedTest
  @CsvSource({"1, 1, 0", "3, 7, -2", "2, 1026, 7", "2, 2000, 2147483647"})
  void dropout(int B, int n, int first) {
    long key = 0x9e3779b97f4a7c15L;
    long step = 0x1_0000_0003L;
    for (DType type : TYPES) {
      Dropouts dropouts = new Dropouts(launcher, type);
      for (float rate : new float[] {0, 0.1f, 0.75f}) {
        compare(
            type,
            TIGHT,
            side -> {
              long x = side.activations(normal(1, B * n));
              long y = side.activationsOut(B * n);
              long same = side.activationsOut(normal(1, B * n));
              if (side.onGpu()) {
                dropouts.run(x, y, B, n, rate, key, step, first);
                dropouts.run(same, same, B, n, rate, key, step, first);
              } else {
                side.reference().dropout(x, y, B, n, rate, key, step, first);
                side.reference().dropout(same, same, B, n, rate, key, step, first);
              }
            });
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 65, 130", "3, 64, 7", "1, 2300, 131", "2, 3000, 3"})
  void sumsOfRows(int B, int N, int C) {
    for (DType type : TYPES) {
      RowReductions sums = new RowReductions(launcher, type);
      compare(
          type,
          SUM,
          side -> {
            long x = side.activations(normal(1, B * N * C));
            long once = side.floatsOut(C);
            long more = side.floatsOut(normal(2, C));
            long mean = side.floatsOut(B * C);
            long dy = side.floats(normal(3, B * C));
            long dx = side.floatsOut(normal(4, B * N * C));
            if (side.onGpu()) {
              sums.sumRows(x, once, B * N, C, false);
              sums.sumRows(x, more, B * N, C, true);
              sums.meanTokens(x, mean, B, N, C);
              sums.meanTokensBackward(dy, dx, B, N, C, true);
            } else {
              Kernels k = side.reference();
              k.sumRows(x, DType.F32, once, B * N, C, false);
              k.sumRows(x, DType.F32, more, B * N, C, true);
              k.meanTokens(x, mean, B, N, C);
              k.meanTokensBackward(dy, dx, B, N, C, true);
            }
          });
    }
  }

  @Test
  void softmaxOfExtremes() {
    int M = 5;
    int C = 400;
    float[] x = normal(1, M * C);
    for (int i = 0; i < C; i++) {
      x[i] *= 1e4f;
      x[C + i] = -1e6f;
      x[2 * C + i] = i % 3 == 0 ? x[2 * C + i] : Float.NEGATIVE_INFINITY;
    }
    x[3 * C + 5] = Float.NaN;
    Softmaxes softmaxes = new Softmaxes(launcher);
    compare(
        DType.F32,
        TIGHT,
        side -> {
          long xs = side.floats(x);
          long y = side.floatsOut(M * C);
          if (side.onGpu()) {
            softmaxes.softmax(xs, y, M, C);
          } else {
            side.reference().softmax(xs, y, M, C);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "5, 3, 7", "3, 2, 40", "150, 3, 16", "4, 12, 64", "3, 2, 88", "2, 1, 131"})
  void cosineHeads(int M, int H, int D) {
    int n = 3 * M * H * D;
    float[] x = normal(1, n);
    Arrays.fill(x, 0, D, 0); // A query without a direction.
    float[] scale = normal(2, H);
    scale[H - 1] = 2; // Above the maximum.
    for (DType type : TYPES) {
      CosineHeads heads = new CosineHeads(launcher, type, reductions);
      compare(
          type,
          SUM,
          side -> {
            long xs = side.activations(x);
            long s = side.floats(scale);
            long y = side.activationsOut(n);
            // What is divided by 1e-12 would hide all else.
            float[] gradient = normal(3, n);
            Arrays.fill(gradient, 0, D, 0);
            long dy = side.activations(gradient);
            long dx = side.activationsOut(n);
            long same = side.activationsOut(gradient);
            long once = side.floatsOut(H);
            long more = side.floatsOut(normal(4, H));
            if (side.onGpu()) {
              heads.forward(xs, s, y, M, H, D, 1.5f);
              heads.backward(xs, s, dy, dx, once, M, H, D, 1.5f, false);
              heads.backward(xs, s, dy, dx, more, M, H, D, 1.5f, true);
              heads.backward(xs, s, same, same, 0, M, H, D, 1.5f, false);
            } else {
              Kernels k = side.reference();
              k.cosineHeads(xs, s, y, DType.F32, M, H, D, 1.5f);
              k.cosineHeadsBackward(xs, s, dy, dx, once, DType.F32, M, H, D, 1.5f, false);
              k.cosineHeadsBackward(xs, s, dy, dx, more, DType.F32, M, H, D, 1.5f, true);
              k.cosineHeadsBackward(xs, s, same, same, 0, DType.F32, M, H, D, 1.5f, false);
            }
          });
    }
  }

  /** Distinct indices, few repeated ones, and one token that is picked always. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "2, 7, 5, 9", "3, 40, 40, 12", "2, 9, 100, 130", "1, 1, 70, 260"})
  void gather(int B, int N, int M, int C) {
    int[] index = new Random(1).ints((long) B * M, 0, N).toArray();
    for (int m = 0; m < Math.min(M, N); m++) {
      index[m] = N - 1 - m; // The first sample's, distinct.
    }
    for (DType type : TYPES) {
      Tokens tokens = new Tokens(launcher, type);
      compare(
          type,
          TIGHT,
          side -> {
            long x = side.activations(normal(2, B * N * C));
            long at = side.ints(index);
            long y = side.activationsOut(B * M * C);
            long dy = side.activations(normal(3, B * M * C));
            long once = side.activationsOut(B * N * C);
            long more = side.activationsOut(normal(4, B * N * C));
            if (side.onGpu()) {
              tokens.gather(x, at, y, B, N, M, C);
              tokens.gatherBackward(dy, at, once, B, N, M, C, false);
              tokens.gatherBackward(dy, at, more, B, N, M, C, true);
            } else {
              Kernels k = side.reference();
              k.gatherTokens(x, at, y, B, N, M, C);
              k.gatherTokensBackward(dy, at, once, B, N, M, C, false);
              k.gatherTokensBackward(dy, at, more, B, N, M, C, true);
            }
          });
    }
  }

  /** What a wrong index was to pick is NaN, and the others' results are as without it. */
  @ParameterizedTest
  @CsvSource({"-1", "5", "2147483647", "-2147483648"})
  void wrongIndicesTouchNothing(int wrong) {
    int N = 5;
    int M = 4;
    int C = 6;
    int[] index = {3, 0, 4, 3, 2, 2, 1, 0};
    int[] broken = index.clone();
    broken[6] = wrong;
    for (DType type : TYPES) {
      Tokens tokens = new Tokens(launcher, type);
      compare(
          type,
          TIGHT,
          side -> {
            float[] x = normal(1, 2 * N * C);
            float[] dy = normal(2, 2 * M * C);
            if (!side.onGpu()) {
              Arrays.fill(x, (N + 1) * C, (N + 2) * C, Float.NaN);
              Arrays.fill(dy, 6 * C, 7 * C, 0);
            }
            long xs = side.activations(x);
            long y = side.activationsOut(2 * M * C);
            long dys = side.activations(dy);
            long dx = side.activationsOut(2 * N * C);
            if (side.onGpu()) {
              long at = side.ints(broken);
              tokens.gather(xs, at, y, 2, N, M, C);
              tokens.gatherBackward(dys, at, dx, 2, N, M, C, false);
            } else {
              long at = side.ints(index);
              side.reference().gatherTokens(xs, at, y, 2, N, M, C);
              side.reference().gatherTokensBackward(dys, at, dx, 2, N, M, C, false);
            }
          });
    }
  }

  /** A row of positions that the table does not have is NaN, and the others are as without it. */
  @ParameterizedTest
  @CsvSource({"-1, 6", "5, 8", "2147483647, 8", "-2147483648, 6"})
  void wrongPlacesAddNaN(int wrong, int C) {
    int N = 5;
    int M = 4;
    int[] index = {3, 0, 4, 3, 2, 2, 1, 0};
    int[] broken = index.clone();
    broken[6] = wrong;
    Tokens tokens = new Tokens(launcher, DType.F32);
    compare(
        DType.F32,
        0,
        side -> {
          float[] table = normal(1, N * C);
          if (!side.onGpu()) {
            Arrays.fill(table, C, 2 * C, Float.NaN);
          }
          long tables = side.floats(table);
          long xs = side.floats(normal(2, 2 * M * C));
          long all = side.floatsOut(2 * M * C);
          long token = side.floatsOut(2 * M * C);
          if (side.onGpu()) {
            long at = side.ints(broken);
            tokens.addRows(xs, C, tables, at, all, 2, N, M, C);
            tokens.addRows(xs, 0, tables, at, token, 2, N, M, C);
          } else {
            long at = side.ints(index);
            side.reference().addRows(xs, C, tables, at, all, 2, N, M, C);
            side.reference().addRows(xs, 0, tables, at, token, 2, N, M, C);
          }
        });
  }

  /** Rows of whole packs, of whole words, and of bytes. */
  @ParameterizedTest
  @CsvSource({"1, 4, 4, 4", "3, 12, 8, 8", "7, 5, 6, 3", "2, 1000, 1200, 1000"})
  void copiesOfRows(int rows, int source, int target, int width) {
    Tokens tokens = new Tokens(launcher, DType.F32);
    for (int bytes : new int[] {4 * width, 4 * width - 1}) {
      compare(
          DType.F32,
          0,
          side -> {
            long from = side.floats(normal(1, rows * source));
            long to = side.floatsOut(normal(2, rows * target));
            if (side.onGpu()) {
              tokens.copyRows(from, 4L * source, to, 4L * target, rows, bytes);
            } else {
              side.reference().copyRows(from, 4L * source, to, 4L * target, rows, bytes);
            }
          });
    }
  }

  /** To the nearest, ties to even; infinities and NaN stay what they are. */
  @Test
  void casts() {
    int n = 4001;
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = Float.intBitsToFloat(0x3f800000 + 0x2000 * i);
    }
    x[0] = Float.NEGATIVE_INFINITY;
    x[1] = Float.NaN;
    x[2] = Float.MAX_VALUE;
    x[3] = -0f;
    x[4] = Float.MIN_VALUE;
    Pointwise pointwise = new Pointwise(launcher, DType.BF16);
    compare(
        DType.BF16,
        0,
        side -> {
          long xs = side.floats(x);
          long back = side.floatsOut(n);
          if (side.onGpu()) {
            long half = side.activationsOut(n);
            pointwise.toBf16(xs, half, n);
            pointwise.fromBf16(half, back, n);
          } else {
            float[] rounded = new float[n];
            for (int i = 0; i < n; i++) {
              rounded[i] = Float.isNaN(x[i]) ? x[i] : Side.round(x[i]);
            }
            side.reference().copy(side.floats(rounded), back, 4L * n);
            side.reference().copy(side.floats(rounded), side.activationsOut(n), 4L * n);
          }
        });
  }
}
