package dev.tenzing.engine.cuda;

import static dev.tenzing.engine.cuda.Side.normal;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.CosineHeadKernels;
import dev.tenzing.engine.kernel.DropoutKernels;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.LayerNormKernels;
import dev.tenzing.engine.kernel.LinearKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.PointwiseKernels;
import dev.tenzing.engine.kernel.ReductionKernels;
import dev.tenzing.engine.kernel.ResidualKernels;
import dev.tenzing.engine.kernel.SoftmaxKernels;
import dev.tenzing.engine.kernel.TokenKernels;
import dev.tenzing.engine.reference.ReferenceBackend;
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
  private static Backend reference;

  @BeforeAll
  static void start() {
    assumeTrue(StandIns.problem().isEmpty(), StandIns::problem);
    gpu = StandIns.backend(Precision.FP32);
    reference = new ReferenceBackend();
  }

  @AfterAll
  static void stop() {
    if (gpu != null) {
      gpu.close();
      reference.close();
    }
  }

  private static void compare(DType type, double tolerance, Side.Calls calls) {
    Side.compare(reference, gpu, type, tolerance, calls);
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
      compare(
          type,
          SUM,
          side -> {
            Operand xs = side.floats(x);
            Operand w = side.floats(normal(4, C));
            Operand b = side.floats(normal(5, C));
            Operand y = side.activationsOut(M * C);
            Operand mean = side.floatsOut(M);
            Operand rstd = side.floatsOut(M);
            Operand dy = side.activations(normal(6, M * C));
            Operand[] once = {side.floatsOut(M * C), side.floatsOut(C), side.floatsOut(C)};
            Operand[] more = {side.floatsOut(dx), side.floatsOut(dw), side.floatsOut(dw)};
            Kernels k = side.kernels();
            k.layerNorm()
                .forward(new LayerNormKernels.LayerNorm(xs, w, b, y, mean, rstd, M, C, 1e-2f));
            k.layerNorm()
                .backward(
                    new LayerNormKernels.LayerNormBackward(
                        dy, xs, w, mean, rstd, once[0], once[1], once[2], M, C));
            k.layerNorm()
                .backward(
                    new LayerNormKernels.LayerNormBackward(
                        dy,
                        xs,
                        w,
                        mean,
                        rstd,
                        more[0].accumulating(true),
                        more[1].accumulating(true),
                        more[2].accumulating(true),
                        M,
                        C));
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 3, 7", "3, 100, 130", "5, 41, 12", "2, 500, 9"})
  void residual(int B, int N, int C) {
    int n = B * N * C;
    for (DType type : TYPES) {
      for (int options = 0; options < 4; options++) {
        boolean withGamma = (options & 1) != 0;
        boolean withScale = (options & 2) != 0;
        compare(
            type,
            SUM,
            side -> {
              Operand x = side.floats(normal(1, n));
              Operand branch = side.activations(normal(2, n));
              Operand gamma = withGamma ? side.floats(normal(3, C)) : Operand.NONE;
              Operand scale = withScale ? side.floats(normal(4, B)) : Operand.NONE;
              Operand y = side.floatsOut(n);
              Operand same = side.floatsOut(normal(1, n));
              Operand plain = side.activationsOut(n);
              Operand dbranch = side.activationsOut(n);
              Operand dgamma = side.floatsOut(normal(5, C));
              Kernels k = side.kernels();
              k.residual()
                  .forward(new ResidualKernels.Residual(x, branch, gamma, scale, y, B, N, C));
              k.residual()
                  .forward(new ResidualKernels.Residual(same, branch, gamma, scale, same, B, N, C));
              k.residual()
                  .backward(
                      new ResidualKernels.ResidualBackward(
                          x, branch, gamma, scale, plain, Operand.NONE, B, N, C));
              k.residual()
                  .backward(
                      new ResidualKernels.ResidualBackward(
                          x, branch, gamma, scale, dbranch, dgamma.accumulating(true), B, N, C));
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
    compare(
        type,
        TIGHT,
        side -> {
          Operand xs = side.activations(x);
          Operand dx = side.activationsOut(n);
          Operand same = side.activationsOut(dy);
          Operand dys = side.activations(dy);
          Operand y = side.activationsOut(n);
          Operand both = side.activationsOut(x);
          side.kernels()
              .pointwise()
              .geluBackward(new PointwiseKernels.GeluBackward(xs, dys, dx, y, n));
          side.kernels()
              .pointwise()
              .geluBackward(new PointwiseKernels.GeluBackward(xs, same, same, y, n));
          side.kernels()
              .pointwise()
              .geluBackward(new PointwiseKernels.GeluBackward(both, dys, dx, both, n));
        });
  }

  /** What follows a product, by the reference's linear layer with the identity as weight. */
  @ParameterizedTest
  @CsvSource({"1, 1", "5, 7", "3, 64", "70, 33"})
  void biasThenGelu(int M, int C) {
    float[] identity = new float[C * C];
    for (int c = 0; c < C; c++) {
      identity[c * C + c] = 1;
    }
    // Few bits, so that BF16 holds the sum.
    float[] x = quarters(1, M * C);
    float[] bias = quarters(2, C);
    Pointwise pointwise = new Pointwise(gpu.launcher(), null);
    for (DType type : TYPES) {
      compare(
          type,
          TIGHT,
          side -> {
            Operand xs = side.activations(x);
            Operand b = side.floats(bias);
            Operand pre = side.activationsOut(M * C);
            Operand y = side.activationsOut(M * C);
            Operand alone = side.activationsOut(x);
            if (side.onGpu()) {
              pointwise.biasGelu(xs, b, pre, y, M, C);
              pointwise.biasGelu(alone, Operand.NONE, Operand.NONE, alone, M, C);
            } else {
              LinearKernels k = side.kernels().linear();
              Operand w = side.floats(identity);
              k.gelu(new LinearKernels.LinearGelu(xs, w, b, pre, y, M, C, C));
              k.gelu(
                  new LinearKernels.LinearGelu(xs, w, Operand.NONE, Operand.NONE, alone, M, C, C));
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
      for (float rate : new float[] {0, 0.1f, 0.75f}) {
        compare(
            type,
            TIGHT,
            side -> {
              Operand x = side.activations(normal(1, B * n));
              Operand y = side.activationsOut(B * n);
              Operand same = side.activationsOut(normal(1, B * n));
              side.kernels()
                  .dropout()
                  .forward(new DropoutKernels.Dropout(x, y, B, n, rate, key, step, first));
              side.kernels()
                  .dropout()
                  .forward(new DropoutKernels.Dropout(same, same, B, n, rate, key, step, first));
            });
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 65, 130", "3, 64, 7", "1, 2300, 131", "2, 3000, 3"})
  void sumsOfRows(int B, int N, int C) {
    for (DType type : TYPES) {
      compare(
          type,
          SUM,
          side -> {
            Operand x = side.activations(normal(1, B * N * C));
            Operand once = side.floatsOut(C);
            Operand more = side.floatsOut(normal(2, C));
            Operand mean = side.floatsOut(B * C);
            Operand dy = side.floats(normal(3, B * C));
            Operand dx = side.floatsOut(normal(4, B * N * C));
            Kernels k = side.kernels();
            k.reductions().sumRows(new ReductionKernels.SumRows(x, once, B * N, C));
            k.reductions()
                .sumRows(new ReductionKernels.SumRows(x, more.accumulating(true), B * N, C));
            k.reductions().meanTokens(new ReductionKernels.MeanTokens(x, mean, B, N, C));
            k.reductions()
                .meanTokensBackward(
                    new ReductionKernels.MeanTokensBackward(dy, dx.accumulating(true), B, N, C));
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
    compare(
        DType.F32,
        TIGHT,
        side -> {
          Operand xs = side.floats(x);
          Operand y = side.floatsOut(M * C);
          side.kernels().softmax().forward(new SoftmaxKernels.Softmax(xs, y, M, C));
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
      compare(
          type,
          SUM,
          side -> {
            Operand xs = side.activations(x);
            Operand s = side.floats(scale);
            Operand y = side.activationsOut(n);
            // What is divided by 1e-12 would hide all else.
            float[] gradient = normal(3, n);
            Arrays.fill(gradient, 0, D, 0);
            Operand dy = side.activations(gradient);
            Operand dx = side.activationsOut(n);
            Operand same = side.activationsOut(gradient);
            Operand once = side.floatsOut(H);
            Operand more = side.floatsOut(normal(4, H));
            Kernels k = side.kernels();
            k.cosineHeads().forward(new CosineHeadKernels.CosineHeads(xs, s, y, M, H, D, 1.5f));
            k.cosineHeads()
                .backward(
                    new CosineHeadKernels.CosineHeadsBackward(xs, s, dy, dx, once, M, H, D, 1.5f));
            k.cosineHeads()
                .backward(
                    new CosineHeadKernels.CosineHeadsBackward(
                        xs, s, dy, dx, more.accumulating(true), M, H, D, 1.5f));
            k.cosineHeads()
                .backward(
                    new CosineHeadKernels.CosineHeadsBackward(
                        xs, s, same, same, Operand.NONE, M, H, D, 1.5f));
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
      compare(
          type,
          TIGHT,
          side -> {
            Operand x = side.activations(normal(2, B * N * C));
            Operand at = side.ints(index);
            Operand y = side.activationsOut(B * M * C);
            Operand dy = side.activations(normal(3, B * M * C));
            Operand once = side.activationsOut(B * N * C);
            Operand more = side.activationsOut(normal(4, B * N * C));
            Kernels k = side.kernels();
            k.tokens().gather(new TokenKernels.GatherTokens(x, at, y, B, N, M, C));
            k.tokens()
                .gatherBackward(new TokenKernels.GatherTokensBackward(dy, at, once, B, N, M, C));
            k.tokens()
                .gatherBackward(
                    new TokenKernels.GatherTokensBackward(
                        dy, at, more.accumulating(true), B, N, M, C));
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
            Operand xs = side.activations(x);
            Operand y = side.activationsOut(2 * M * C);
            Operand dys = side.activations(dy);
            Operand dx = side.activationsOut(2 * N * C);
            Operand at = side.ints(side.onGpu() ? broken : index);
            side.kernels().tokens().gather(new TokenKernels.GatherTokens(xs, at, y, 2, N, M, C));
            side.kernels()
                .tokens()
                .gatherBackward(new TokenKernels.GatherTokensBackward(dys, at, dx, 2, N, M, C));
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
    compare(
        DType.F32,
        0,
        side -> {
          float[] table = normal(1, N * C);
          if (!side.onGpu()) {
            Arrays.fill(table, C, 2 * C, Float.NaN);
          }
          Operand tables = side.floats(table);
          Operand xs = side.floats(normal(2, 2 * M * C));
          Operand all = side.floatsOut(2 * M * C);
          Operand token = side.floatsOut(2 * M * C);
          Operand at = side.ints(side.onGpu() ? broken : index);
          side.kernels()
              .tokens()
              .addRows(new TokenKernels.AddRows(xs, C, tables, at, all, 2, N, M, C));
          side.kernels()
              .tokens()
              .addRows(new TokenKernels.AddRows(xs, 0, tables, at, token, 2, N, M, C));
        });
  }

  /** Rows of whole packs, of whole words, and of bytes. */
  @ParameterizedTest
  @CsvSource({"1, 4, 4, 4", "3, 12, 8, 8", "7, 5, 6, 3", "2, 1000, 1200, 1000"})
  void copiesOfRows(int rows, int source, int target, int width) {
    for (int bytes : new int[] {4 * width, 4 * width - 1}) {
      compare(
          DType.F32,
          0,
          side -> {
            Operand from = side.floats(normal(1, rows * source));
            Operand to = side.floatsOut(normal(2, rows * target));
            side.kernels()
                .tokens()
                .copyRows(
                    new TokenKernels.CopyRows(
                        from.address(), 4L * source, to.address(), 4L * target, rows, bytes));
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
    compare(
        DType.BF16,
        0,
        side -> {
          Operand xs = side.floats(x);
          Operand back = side.floatsOut(n);
          Operand rounded = side.activationsOut(n);
          PointwiseKernels k = side.kernels().pointwise();
          if (side.onGpu()) {
            k.cast(new PointwiseKernels.Cast(xs, rounded, n));
            k.cast(new PointwiseKernels.Cast(rounded, back, n));
          } else {
            float[] expected = new float[n];
            for (int i = 0; i < n; i++) {
              expected[i] = Float.isNaN(x[i]) ? x[i] : Side.round(x[i]);
            }
            k.cast(new PointwiseKernels.Cast(side.floats(expected), rounded, n));
            k.cast(new PointwiseKernels.Cast(side.floats(expected), back, n));
          }
        });
  }
}
