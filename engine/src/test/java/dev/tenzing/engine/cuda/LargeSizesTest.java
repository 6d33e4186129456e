package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.OptimizerKernels;
import dev.tenzing.engine.kernel.OptimizerKernels.AdamW;
import dev.tenzing.engine.kernel.OptimizerKernels.GlobalNorm;
import dev.tenzing.engine.kernel.OptimizerKernels.Parameter;
import dev.tenzing.engine.op.Argsort;
import dev.tenzing.engine.op.MeanSquaredError;
import dev.tenzing.engine.op.PatchTargets;
import dev.tenzing.engine.op.TakeSorted;
import dev.tenzing.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where kernels take other ways than at the sizes of the conformance suite: rows that do not fit in
 * shared memory or are cut into pieces, more arrays than a block has threads, and indices that are
 * wrong. Against the reference back end.
 */
@Tag("cuda")
class LargeSizesTest {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  private static Device gpu;
  private static Device reference;

  @BeforeAll
  static void open() {
    assumeTrue(StandIns.problem().isEmpty(), StandIns::problem);
    gpu = new Device(StandIns.backend(Precision.FP32));
    reference = new Device(new ReferenceBackend());
  }

  @AfterAll
  static void close() {
    if (gpu != null) {
      gpu.close();
      reference.close();
    }
  }

  private static <T> T on(Device device, Function<Device, T> work) {
    try (Scope scope = device.scope()) {
      return work.apply(device);
    }
  }

  private static float[] normal(long seed, int n) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** A block sorts 4096 keys in shared memory. */
  @ParameterizedTest
  @ValueSource(ints = {2048, 2049, 4096, 4097, 9001, 16385})
  void longRowsAreSorted(int N) {
    int M = 3;
    float[] keys = normal(N, M * N);
    for (int i = 0; i < keys.length; i++) {
      keys[i] = Math.round(64 * keys[i]) / 64f; // many equal ones, zeros of both signs among them
    }
    keys[N / 2] = Float.NaN;
    keys[N + 1] = Float.intBitsToFloat(0xffc0_0001); // a NaN with a sign
    for (boolean descending : new boolean[] {false, true}) {
      Function<Device, int[]> sort =
          device -> Argsort.apply(device.tensor(Shape.of(M, N), keys), descending).toInts();
      assertArrayEquals(on(reference, sort), on(gpu, sort), "descending: " + descending);
    }
  }

  @Test
  void longRowsAreTaken() {
    int M = 2;
    int N = 6000;
    int[] ids = new Random(1).ints((long) M * N).toArray();
    ids[0] = Integer.MAX_VALUE;
    ids[1] = Integer.MIN_VALUE;
    int[] permutation = new Random(2).ints((long) M * 9000, 0, N).toArray();
    Function<Device, int[]> take =
        device ->
            TakeSorted.apply(
                    device.tensor(Shape.of(M, N), ids),
                    device.tensor(Shape.of(M, 9000), permutation),
                    500,
                    8400)
                .toInts();
    assertArrayEquals(on(reference, take), on(gpu, take));
  }

  @Test
  void placesOutsideTheRowAreMinusOne() {
    Function<Device, int[]> take =
        device ->
            TakeSorted.apply(
                    device.tensor(Shape.of(1, 3), new int[] {7, 8, 9}),
                    device.tensor(
                        Shape.of(1, 5), new int[] {2, 3, Integer.MAX_VALUE, Integer.MIN_VALUE, 0}),
                    0,
                    5)
                .toInts();
    assertArrayEquals(new int[] {-1, -1, -1, 7, 9}, on(gpu, take));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tokensOutsideTheVideoHaveNoTargets(boolean normalize) {
    Function<Device, float[]> targets =
        device ->
            PatchTargets.apply(
                    device.tensor(Shape.of(1, 3, 2, 4, 4), normal(3, 96)),
                    device.tensor(Shape.of(1, 4), new int[] {3, 4, -1, Integer.MAX_VALUE}),
                    2,
                    2,
                    MEAN,
                    STD,
                    normalize)
                .toFloats();
    float[] y = on(gpu, targets);
    for (int i = 0; i < y.length; i++) {
      assertEquals(i >= 24, Float.isNaN(y[i]), "element " + i);
    }
  }

  /** The mean of equal pixels must be that pixel: what is left is divided by 1e-6. */
  @Test
  void flatPatchesAreZero() {
    float[] video = new float[3 * 2 * 16 * 16];
    Arrays.fill(video, 1.234567f);
    Function<Device, float[]> targets =
        device ->
            PatchTargets.apply(
                    device.tensor(Shape.of(1, 3, 2, 16, 16), video),
                    device.tensor(Shape.of(1, 1), new int[] {0}),
                    2,
                    16,
                    MEAN,
                    STD,
                    true)
                .toFloats();
    for (float y : on(gpu, targets)) {
      assertEquals(0, y, 1e-6);
    }
  }

  /** A warp adds up 4096 elements of a row. */
  @ParameterizedTest
  @ValueSource(ints = {4096, 4097, 12_290})
  void squaredErrorOfLongRows(int C) {
    int M = 5;
    float[] weights = {1, 0, 0.5f, 2, 3};
    for (Device device : new Device[] {reference, gpu}) {
      try (var step = device.step()) {
        Tensor x = device.tensor(Shape.of(M, C), normal(1, M * C)).requiresGrad();
        Tensor target = device.tensor(Shape.of(M, C), normal(2, M * C));
        Tensor loss = MeanSquaredError.apply(x, target, device.tensor(Shape.of(M), weights), 2.5);
        step.backward(loss, device.tensor(loss.shape(), 1));
        double sum = 0;
        float[] a = normal(1, M * C);
        float[] b = normal(2, M * C);
        float[] grad = x.grad().toFloats();
        for (int i = 0; i < M * C; i++) {
          double w = weights[i / C] / 2.5 / C;
          sum += w * Math.pow((double) a[i] - b[i], 2);
          assertEquals(2 * w * ((double) a[i] - b[i]), grad[i], 2e-6 / C, "gradient at " + i);
        }
        assertEquals(sum, loss.item(), 1e-7 * sum, device.name());
      }
    }
  }

  /** A block takes 8192 elements of one array and has 256 threads to find which. */
  @Test
  void manyArraysAreUpdated() {
    int arrays = 600;
    long[] n = new long[arrays];
    double[] rate = new double[arrays];
    double[] decay = new double[arrays];
    long[] step = new long[arrays];
    for (int i = 0; i < arrays; i++) {
      n[i] = i % 7 == 0 ? 0 : i % 50 == 1 ? 8191 + i / 50 : i % 23 + 1;
      rate[i] = 1e-2 * (1 + i % 5);
      decay[i] = i % 2 * 0.05;
      step[i] = 1 + i % 9;
    }
    Function<Device, float[][]> update =
        device -> {
          long[][] addresses = new long[4][arrays];
          Tensor[][] tensors = new Tensor[4][arrays];
          for (int kind = 0; kind < 4; kind++) {
            for (int i = 0; i < arrays; i++) {
              // One element more in front of some arrays, so that they are aligned to 4 bytes.
              int offset = i % 3 == kind % 2 ? 1 : 0;
              float[] values = normal(4L * i + kind, (int) n[i] + offset);
              if (kind == 3) {
                for (int j = 0; j < values.length; j++) {
                  values[j] = Math.abs(values[j]);
                }
              }
              tensors[kind][i] = device.tensor(Shape.of(values.length), values);
              addresses[kind][i] = tensors[kind][i].address() + 4L * offset;
            }
          }
          Tensor norm = device.empty(1);
          List<Parameter> updated = new ArrayList<>();
          for (int i = 0; i < arrays; i++) {
            updated.add(
                new Parameter(
                    addresses[0][i],
                    addresses[1][i],
                    addresses[2][i],
                    addresses[3][i],
                    n[i],
                    rate[i],
                    decay[i],
                    step[i]));
          }
          OptimizerKernels kernels = device.kernels().optimizer();
          kernels.globalNorm(new GlobalNorm(updated, Operand.of(norm)));
          kernels.adamW(new AdamW(updated, 0.9, 0.95, 1e-8, Operand.of(norm), 100));
          float[][] results = new float[3 * arrays + 1][];
          for (int i = 0; i < arrays; i++) {
            results[i] = tensors[0][i].toFloats();
            results[arrays + i] = tensors[2][i].toFloats();
            results[2 * arrays + i] = tensors[3][i].toFloats();
          }
          results[3 * arrays] = norm.toFloats();
          return results;
        };
    float[][] expected = on(reference, update);
    float[][] actual = on(gpu, update);
    assertTrue(expected[3 * arrays][0] > 100, "the gradients are clipped");
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i].length, actual[i].length);
      float largest = 0;
      for (float e : expected[i]) {
        largest = Math.max(largest, Math.abs(e));
      }
      assertArrayEquals(expected[i], actual[i], 4e-7f * largest, "array " + i);
    }
  }

  /** A norm that is no number must not be taken for one that needs no clipping. */
  @Test
  void notANumberSpreads() {
    Function<Device, float[]> update =
        device -> {
          Tensor p = device.tensor(Shape.of(2), 1, 2);
          Tensor g = device.tensor(Shape.of(2), 1, Float.NaN);
          Tensor m = device.tensor(Shape.of(2), 0, 0);
          Tensor v = device.tensor(Shape.of(2), 0, 0);
          Tensor norm = device.empty(1);
          Parameter parameter =
              new Parameter(p.address(), g.address(), m.address(), v.address(), 2, 0.1, 0, 1);
          OptimizerKernels kernels = device.kernels().optimizer();
          kernels.globalNorm(new GlobalNorm(List.of(parameter), Operand.of(norm)));
          kernels.adamW(new AdamW(List.of(parameter), 0.9, 0.95, 1e-8, Operand.of(norm), 1));
          return p.toFloats();
        };
    assertArrayEquals(on(reference, update), on(gpu, update));
    assertTrue(Float.isNaN(on(gpu, update)[0]));
  }
}
