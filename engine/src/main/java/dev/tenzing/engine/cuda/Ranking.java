package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.RankingKernels;

/** Which tokens matter: motion importance, sorting, taking the first few. */
final class Ranking implements RankingKernels {
  private static final int CHUNK =
      4096; // keys that a block sorts in shared memory, as in ranking.cu
  private static final int KEY_BYTES = 8;
  private static final int SORT_THREADS = 1024;
  private static final int THREADS = 256;
  private static final int MAX_GRID_Y = 65_535;
  // Rows too long for shared memory are sorted as many at a time as fit in this.
  private static final long SCRATCH_BYTES = 256L << 20;

  private final Launcher launcher;
  private final long scratchBytes;
  private final KernelFunction motionImportance;
  private final KernelFunction argsortRows;
  private final KernelFunction argsortLoad;
  private final KernelFunction argsortStore;
  private final KernelFunction takeSortedRows;
  private final KernelFunction takeSortedLoad;
  private final KernelFunction takeSortedStore;
  private final KernelFunction sortChunks;
  private final KernelFunction sortStep;

  Ranking(Launcher launcher) {
    this(launcher, SCRATCH_BYTES);
  }

  /**
   * Takes its kernels.
   *
   * @param scratchBytes for rows too long for shared memory; one row is always sorted
   */
  Ranking(Launcher launcher, long scratchBytes) {
    this.launcher = launcher;
    this.scratchBytes = scratchBytes;
    motionImportance = launcher.function("ranking", "motion_importance");
    argsortRows = launcher.function("ranking", "argsort_rows");
    argsortLoad = launcher.function("ranking", "argsort_load");
    argsortStore = launcher.function("ranking", "argsort_store");
    takeSortedRows = launcher.function("ranking", "take_sorted_rows");
    takeSortedLoad = launcher.function("ranking", "take_sorted_load");
    takeSortedStore = launcher.function("ranking", "take_sorted_store");
    sortChunks = launcher.function("ranking", "sort_chunks");
    sortStep = launcher.function("ranking", "sort_step");
  }

  @Override
  public void motionImportance(MotionImportance call) {
    int B = call.B();
    int T = call.T();
    int L = call.L();
    long distances = (long) B * Math.max(T - 1, 1) * L;
    motionImportance
        .grid(Math.ceilDiv(distances, THREADS / 32))
        .block(THREADS)
        .arg(call.tokens())
        .arg(call.importance())
        .arg(B)
        .arg(T)
        .arg(L)
        .arg(call.C())
        .launch();
  }

  @Override
  public void argsort(Argsort call) {
    long keys = call.keys().address();
    long order = call.order().address();
    int M = call.M();
    int N = call.N();
    boolean descending = call.descending();
    long padded = powerOfTwo(N);
    if (padded <= CHUNK) {
      inSharedMemory(argsortRows, M, padded)
          .arg(keys)
          .arg(order)
          .arg(N)
          .arg((int) padded)
          .arg(descending)
          .launch();
      return;
    }
    inScratch(
        M,
        padded,
        (scratch, row, rows) ->
            argsortLoad
                .grid(padded / THREADS, rows)
                .block(THREADS)
                .arg(keys + 4L * row * N)
                .arg(scratch)
                .arg(N)
                .arg(padded)
                .arg(descending)
                .launch(),
        (scratch, row, rows) ->
            argsortStore
                .grid(Math.ceilDiv(N, THREADS), rows)
                .block(THREADS)
                .arg(scratch)
                .arg(order + 4L * row * N)
                .arg(N)
                .arg(padded)
                .launch());
  }

  /** A place that is not in 0..N-1 gives -1. */
  @Override
  public void takeSorted(TakeSorted call) {
    long ids = call.ids().address();
    int N = call.N();
    long perm = call.perm().address();
    int K = call.K();
    long y = call.y().address();
    int M = call.M();
    int count = call.count();
    long padded = powerOfTwo(count);
    if (padded <= CHUNK) {
      inSharedMemory(takeSortedRows, M, padded)
          .arg(ids)
          .arg(N)
          .arg(perm)
          .arg(K)
          .arg(y)
          .arg(call.from())
          .arg(count)
          .arg((int) padded)
          .launch();
      return;
    }
    inScratch(
        M,
        padded,
        (scratch, row, rows) ->
            takeSortedLoad
                .grid(padded / THREADS, rows)
                .block(THREADS)
                .arg(ids + 4L * row * N)
                .arg(N)
                .arg(perm + 4L * row * K)
                .arg(K)
                .arg(scratch)
                .arg(call.from())
                .arg(count)
                .arg(padded)
                .launch(),
        (scratch, row, rows) ->
            takeSortedStore
                .grid(Math.ceilDiv(count, THREADS), rows)
                .block(THREADS)
                .arg(scratch)
                .arg(y + 4L * row * count)
                .arg(count)
                .arg(padded)
                .launch());
  }

  private static long powerOfTwo(int n) {
    return n <= 1 ? 1 : 2L * Integer.highestOneBit(n - 1);
  }

  private static KernelFunction inSharedMemory(KernelFunction rows, int M, long padded) {
    int threads = Math.clamp(padded / 2, 32, SORT_THREADS);
    return rows.grid(M).block(threads).shared((int) padded * KEY_BYTES);
  }

  /** Moves some rows between tensors and scratch. */
  @FunctionalInterface
  private interface Move {
    void launch(long scratch, int row, int rows);
  }

  private void inScratch(int M, long padded, Move load, Move store) {
    long fitting = Math.max(1, scratchBytes / (padded * KEY_BYTES));
    long atOnce = Math.min(fitting, Math.min(M, MAX_GRID_Y));
    long scratch = launcher.scratch(atOnce * padded * KEY_BYTES);
    for (int row = 0; row < M; row += (int) atOnce) {
      int rows = (int) Math.min(atOnce, M - row);
      load.launch(scratch, row, rows);
      sort(scratch, rows, padded);
      store.launch(scratch, row, rows);
    }
  }

  /** Chunks first, then ever larger bitonic sequences. */
  private void sort(long scratch, int rows, long padded) {
    sortChunks(scratch, rows, padded, CHUNK);
    for (long size = 2L * CHUNK; size <= padded; size *= 2) {
      for (long stride = size / 2; stride >= CHUNK; stride /= 2) {
        sortStep
            .grid(rows * padded / 2 / THREADS)
            .block(THREADS)
            .arg(scratch)
            .arg(padded)
            .arg(size)
            .arg(stride)
            .launch();
      }
      sortChunks(scratch, rows, padded, size);
    }
  }

  private void sortChunks(long scratch, int rows, long padded, long size) {
    sortChunks
        .grid(rows * padded / CHUNK)
        .block(SORT_THREADS)
        .shared(CHUNK * KEY_BYTES)
        .arg(scratch)
        .arg(padded)
        .arg(size)
        .launch();
  }
}
