package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.KernelRig.asInts;
import static dev.tenzing.engine.cpu.KernelRig.assertClose;
import static dev.tenzing.engine.cpu.KernelRig.indices;
import static dev.tenzing.engine.cpu.KernelRig.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.RankingKernels;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Motion importance and sorting against plain double loops, at sizes that are no multiple of a
 * vector.
 */
@Tag("kernels")
class RankingKernelsTest {
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
        KernelRig.run((k, rig) ->
            k.ranking()
                .motionImportance(
                    new RankingKernels.MotionImportance(
                        Operand.f32(rig.in(x)), Operand.f32(rig.out(B * T * L)), B, T, L, C)));
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
          k.ranking()
              .argsort(
                  new RankingKernels.Argsort(
                      Operand.f32(keysIn), Operand.i32(ascending), M, N, false));
          k.ranking()
              .argsort(
                  new RankingKernels.Argsort(
                      Operand.f32(keysIn), Operand.i32(rig.out(M * N)), M, N, true));
          k.ranking()
              .takeSorted(
                  new RankingKernels.TakeSorted(
                      Operand.i32(rig.in(ids)),
                      N,
                      Operand.i32(ascending),
                      N,
                      Operand.i32(rig.out(M * count)),
                      M,
                      from,
                      count));
        });
    assertArrayEquals(order[0], asInts(results[0]), "ascending");
    assertArrayEquals(order[1], asInts(results[1]), "descending");
    assertArrayEquals(taken, asInts(results[2]), "taken");
  }
}
