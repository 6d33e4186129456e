package dev.tenzing.engine.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerPoolTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyTaskOfEveryRegionRunsOnceBeforeRunReturns(int workers) {
    try (WorkerPool pool = new WorkerPool(workers)) {
      for (int region = 0; region < 2000; region++) {
        int tasks = region % 5;
        AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
        pool.run(
            tasks,
            (task, worker) -> {
              assertTrue(worker >= 0 && worker < workers);
              runs.incrementAndGet(task);
            });
        int[] counts = new int[tasks];
        Arrays.setAll(counts, runs::get);
        int[] once = new int[tasks];
        Arrays.fill(once, 1);
        assertArrayEquals(once, counts);
      }
    }
  }

  @Test
  void theExceptionOfATaskIsThrownAndThePoolGoesOn() {
    try (WorkerPool pool = new WorkerPool(3)) {
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  pool.run(
                      50,
                      (task, worker) -> {
                        if (task == 7) {
                          throw new IllegalStateException("task 7");
                        }
                      }));
      assertEquals("task 7", thrown.getMessage());
      int[] sum = new int[1];
      pool.run(1, (task, worker) -> sum[0]++);
      assertEquals(1, sum[0]);
    }
  }

  @Test
  void scratchIsAlignedGrowsAndBelongsToAWorker() {
    try (WorkerPool pool = new WorkerPool(2)) {
      long small = pool.scratch(0, 100);
      assertEquals(0, small % 64);
      assertEquals(small, pool.scratch(0, 50));
      assertTrue(pool.scratch(1, 100) != small);
      assertTrue(pool.sharedScratch(100) != small);
      assertEquals(0, pool.scratch(0, 1 << 20) % 64);
    }
  }

  @Test
  void noWorkersIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
  }
}
