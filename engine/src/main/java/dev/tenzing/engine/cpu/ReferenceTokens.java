package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Native.f32;
import static dev.tenzing.engine.cpu.Native.i32;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Gathering, averaging and ranking of tokens in plain loops. */
final class ReferenceTokens {
  private ReferenceTokens() {}

  /** See {@link dev.tenzing.engine.kernel.Kernels#firstOutOfRange}. */
  static long firstOutOfRange(long index, long count, int limit) {
    for (long i = 0; i < count; i++) {
      int value = i32(index + 4 * i);
      if (value < 0 || value >= limit) {
        return i;
      }
    }
    return -1;
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#gatherTokens}. */
  static void gather(long x, long index, long y, int B, int N, int M, int C) {
    for (int b = 0; b < B; b++) {
      for (int m = 0; m < M; m++) {
        int n = i32(index + 4 * ((long) b * M + m));
        long from = x + 4 * ((long) b * N + n) * C;
        ReferencePointwise.copy(from, y + 4 * ((long) b * M + m) * C, 4L * C);
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#gatherTokensBackward}. */
  static void gatherBackward(
      long dy, long index, long dx, int B, int N, int M, int C, boolean accumulate) {
    for (int b = 0; b < B; b++) {
      double[] sum = new double[N * C];
      for (int m = 0; m < M; m++) {
        int n = i32(index + 4 * ((long) b * M + m));
        for (int c = 0; c < C; c++) {
          sum[n * C + c] += f32(dy + 4 * (((long) b * M + m) * C + c));
        }
      }
      for (int i = 0; i < N * C; i++) {
        long at = dx + 4 * ((long) b * N * C + i);
        f32(at, (float) (accumulate ? f32(at) + sum[i] : sum[i]));
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#addRows}. */
  static void addRows(long x, int xStride, long table, long index, long y, int B, int M, int C) {
    for (long r = 0; r < (long) B * M; r++) {
      long place = index == 0 ? r % M : i32(index + 4 * r);
      for (int c = 0; c < C; c++) {
        float sum = f32(x + 4 * (r * xStride + c)) + f32(table + 4 * (place * C + c));
        f32(y + 4 * (r * C + c), sum);
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#meanTokens}. */
  static void mean(long x, long y, int B, int N, int C) {
    for (int b = 0; b < B; b++) {
      for (int c = 0; c < C; c++) {
        double sum = 0;
        for (int n = 0; n < N; n++) {
          sum += f32(x + 4 * (((long) b * N + n) * C + c));
        }
        f32(y + 4 * ((long) b * C + c), (float) (sum / N));
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#meanTokensBackward}. */
  static void meanBackward(long dy, long dx, int B, int N, int C, boolean accumulate) {
    for (int b = 0; b < B; b++) {
      for (int n = 0; n < N; n++) {
        for (int c = 0; c < C; c++) {
          long at = dx + 4 * (((long) b * N + n) * C + c);
          double share = (double) f32(dy + 4 * ((long) b * C + c)) / N;
          f32(at, (float) (accumulate ? f32(at) + share : share));
        }
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#motionImportance}. */
  static void motionImportance(long tokens, long importance, int B, int T, int L, int C) {
    for (int b = 0; b < B; b++) {
      for (int slot = 0; slot < T; slot++) {
        // Slot 0 takes the distance from itself to slot 1; alone it has none.
        int later = T == 1 ? 0 : Math.max(slot, 1);
        int earlier = T == 1 ? 0 : later - 1;
        for (int place = 0; place < L; place++) {
          double squares = 0;
          for (int c = 0; c < C; c++) {
            double difference =
                (double) f32(tokens + 4 * ((((long) b * T + later) * L + place) * C + c))
                    - f32(tokens + 4 * ((((long) b * T + earlier) * L + place) * C + c));
            squares += difference * difference;
          }
          f32(importance + 4 * (((long) b * T + slot) * L + place), (float) Math.sqrt(squares));
        }
      }
    }
  }

  /**
   * See {@link dev.tenzing.engine.kernel.Kernels#argsort}. Adding 0 makes -0 equal to 0; NaN counts
   * as larger than every number.
   */
  static void argsort(long keys, long order, int M, int N, boolean descending) {
    for (int m = 0; m < M; m++) {
      long row = 4L * m * N;
      Comparator<Integer> byKey =
          (i, j) -> Float.compare(f32(keys + row + 4L * i) + 0f, f32(keys + row + 4L * j) + 0f);
      int[] sorted =
          IntStream.range(0, N)
              .boxed()
              .sorted(descending ? byKey.reversed() : byKey)
              .mapToInt(Integer::intValue)
              .toArray();
      for (int j = 0; j < N; j++) {
        i32(order + row + 4L * j, sorted[j]);
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#takeSorted}. */
  static void takeSorted(long ids, int N, long perm, int K, long y, int M, int from, int count) {
    for (int m = 0; m < M; m++) {
      int[] taken = new int[count];
      for (int j = 0; j < count; j++) {
        int place = i32(perm + 4 * ((long) m * K + from + j));
        taken[j] = i32(ids + 4 * ((long) m * N + place));
      }
      Arrays.sort(taken);
      for (int j = 0; j < count; j++) {
        i32(y + 4 * ((long) m * count + j), taken[j]);
      }
    }
  }
}
