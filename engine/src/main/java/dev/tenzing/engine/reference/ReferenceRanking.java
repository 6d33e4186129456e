package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;
import static dev.tenzing.engine.host.Native.i32;

import dev.tenzing.engine.kernel.RankingKernels;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Ranking of tokens in plain loops. */
final class ReferenceRanking implements RankingKernels {
  @Override
  public void motionImportance(MotionImportance call) {
    long tokens = call.tokens().address();
    long importance = call.importance().address();
    int B = call.B();
    int T = call.T();
    int L = call.L();
    int C = call.C();
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

  /** Adding 0 makes -0 equal to 0; NaN counts as larger than every number. */
  @Override
  public void argsort(Argsort call) {
    long keys = call.keys().address();
    long order = call.order().address();
    int M = call.M();
    int N = call.N();
    boolean descending = call.descending();
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

  @Override
  public void takeSorted(TakeSorted call) {
    long ids = call.ids().address();
    int N = call.N();
    long perm = call.perm().address();
    int K = call.K();
    long y = call.y().address();
    int M = call.M();
    int from = call.from();
    int count = call.count();
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
