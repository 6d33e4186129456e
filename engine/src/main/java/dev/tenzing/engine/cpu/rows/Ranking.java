package dev.tenzing.engine.cpu.rows;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.Rows;
import dev.tenzing.engine.cpu.vector.Sums;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.RankingKernels;
import java.util.Arrays;

/** Which tokens matter: motion importance, sorting, taking the first few. */
public final class Ranking implements RankingKernels {
  private final WorkerPool pool;
  // Sorting space of each worker, grown on demand.
  private final long[][] keysOf;
  private final int[][] idsOf;

  public Ranking(WorkerPool pool) {
    this.pool = pool;
    keysOf = new long[pool.workers()][0];
    idsOf = new int[pool.workers()][0];
  }

  /** A task follows a few places through all slots, so that every token is read once. */
  @Override
  public void motionImportance(MotionImportance call) {
    long tokens = call.tokens().address();
    long importance = call.importance().address();
    int B = call.B();
    int T = call.T();
    int L = call.L();
    int C = call.C();
    if (T == 1) {
      Rows.fill(importance, 0, B * L);
      return;
    }
    int places = Cut.rows((long) T * C);
    int groups = Cut.tasks(L, places);
    pool.run(
        B * groups,
        (task, worker) -> {
          long first = (long) (task / groups) * T * L;
          int from = task % groups * places;
          int end = (int) Math.min(L, (long) from + places);
          for (int slot = 1; slot < T; slot++) {
            for (int place = from; place < end; place++) {
              long token = first + (long) slot * L + place;
              long now = tokens + 4 * token * C;
              double distance = Math.sqrt(Sums.squaredDistance(now, now - 4L * L * C, C));
              Native.f32(importance + 4 * token, (float) distance);
              if (slot == 1) {
                Native.f32(importance + 4 * (token - L), (float) distance);
              }
            }
          }
        });
  }

  /**
   * Keys and indices are sorted together as integers, key in the upper half: with all of them
   * different any sort is stable. NaN counts as larger than every number, and -0 equals 0.
   */
  @Override
  public void argsort(Argsort call) {
    long keys = call.keys().address();
    long order = call.order().address();
    int M = call.M();
    int N = call.N();
    boolean descending = call.descending();
    pool.run(
        M,
        (row, worker) -> {
          long[] sorted = keysOf[worker];
          if (sorted.length < N) {
            sorted = new long[N];
            keysOf[worker] = sorted;
          }
          long at = 4L * row * N;
          for (int i = 0; i < N; i++) {
            int rank = rank(Native.f32(keys + at + 4L * i));
            sorted[i] = (long) (descending ? ~rank : rank) << 32 | i;
          }
          Arrays.sort(sorted, 0, N);
          for (int i = 0; i < N; i++) {
            Native.i32(order + at + 4L * i, (int) sorted[i]);
          }
        });
  }

  /** An integer that is ordered as the key is. */
  private static int rank(float key) {
    int bits = Float.floatToIntBits(key + 0f);
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
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
    pool.run(
        M,
        (row, worker) -> {
          int[] taken = idsOf[worker];
          if (taken.length < count) {
            taken = new int[count];
            idsOf[worker] = taken;
          }
          for (int j = 0; j < count; j++) {
            int place = Native.i32(perm + 4 * ((long) row * K + from + j));
            taken[j] = Native.i32(ids + 4 * ((long) row * N + place));
          }
          Arrays.sort(taken, 0, count);
          for (int j = 0; j < count; j++) {
            Native.i32(y + 4 * ((long) row * count + j), taken[j]);
          }
        });
  }
}
