package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.gemm.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.gemm.Tile.COLUMNS;
import static dev.tenzing.engine.cpu.gemm.Tile.ROWS;

import dev.tenzing.engine.cpu.vector.WorkerPool;

/**
 * One product {@code c[M,N] = add[M,N] + bias[N] + a[M,K] b[K,N]} cut into tasks, after Goto and
 * van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).
 *
 * <p>K is cut into equal blocks, as long as the {@link Packing} of the operands allows. The blocks
 * of b are packed once, by all workers, into panels as wide as a tile; then each task runs a strip
 * of a's rows, packed too, against a range of those panels. Tiles follow each other along rows of
 * c: a's rows stay in L1 and panels of b come from L2, which costs nothing with twelve rows to a
 * tile, while c is written in long pieces (20 % faster than down the columns when K is 192).
 *
 * <p>An element of c is the sum of its blocks, in order, and a block is one chain of fused
 * multiply-adds. Both depend on K and the packing alone: not on the element's place, on M or N, on
 * the number of threads or on the vector width. So a row computed alone equals the same row among
 * others, bit for bit.
 */
final class Product {
  /**
   * An F32 matrix; row r starts {@code stride} elements after row r - 1, or, when it is stored
   * transposed, column c starts {@code stride} elements after column c - 1.
   */
  record Matrix(long address, long stride, boolean transposed) {
    long at(long row, long column) {
      return address + 4 * (transposed ? column * stride + row : row * stride + column);
    }
  }

  /** Most rows of a strip, 150 KB when packed: a fraction of L2. */
  static final int STRIP_ROWS = 96;

  // Packed panels of b are read again for every strip, so they should stay in L3.
  private static final long PACKED_BYTES = 8L << 20;

  // And a group of panels for every row of tiles, so it should stay in L2.
  private static final long GROUP_BYTES = 384L << 10;

  // Fewer strips than these are split, so that several workers end together.
  private static final int TASKS = 16;

  // Multiply-adds worth handing to another worker: some microseconds.
  private static final long TASK_WORK = 1L << 19;

  // Panels packed by one task, for the same reason.
  private static final int PACK_PANELS = 4;

  // A row of a tile and of a panel of b.
  private static final long ROW_BYTES = COLUMNS * 4L;

  private final WorkerPool pool;
  private final Packing packing;
  private final Matrix a;
  private final Matrix b;
  private final long bias;
  private final long add;
  private final long c;
  private final int M;
  private final int N;
  private final int K;

  private final int blocks;
  private final int depth;
  private final int panels;
  private final int blocksAtOnce;
  private final int stripRows;
  private final int strips;
  private final int splits;
  private final int group;

  // Whether a is packed beforehand as well, because a strip has several tasks.
  private final boolean shareA;
  private final long packedA;
  private final long packedB;

  /**
   * @param bias N values, or 0 for none
   * @param add M x N values, 0 for none; may be c
   * @param c M x N values, rows contiguous
   */
  Product(
      WorkerPool pool,
      Packing packing,
      Matrix a,
      Matrix b,
      long bias,
      long add,
      long c,
      int M,
      int N,
      int K) {
    this.pool = pool;
    this.packing = packing;
    this.a = a;
    this.b = b;
    this.bias = bias;
    this.add = add;
    this.c = c;
    this.M = M;
    this.N = N;
    this.K = K;
    blocks = ceilDiv(K, packing.most());
    depth = ceilDiv(K, blocks);
    panels = ceilDiv(N, COLUMNS);
    stripRows = ceilDiv(ceilDiv(M, ceilDiv(M, STRIP_ROWS)), ROWS) * ROWS;
    strips = ceilDiv(M, stripRows);
    long work = (long) strips * stripRows * panels * COLUMNS * K;
    long tasks = Math.clamp(work / TASK_WORK, 1, Math.max(TASKS, strips));
    splits = Math.clamp(tasks / strips, 1, panels);
    group = (int) Math.max(1, GROUP_BYTES / panelBytes());
    shareA = splits > 1;
    long bytesA = shareA ? strips * stripBytes() : 0;
    long bytesB = panels * panelBytes();
    blocksAtOnce = Math.clamp(PACKED_BYTES / (bytesA + bytesB), 1, blocks);
    packedB = pool.sharedScratch(blocksAtOnce * (bytesA + bytesB));
    packedA = packedB + blocksAtOnce * bytesB;
  }

  private static int ceilDiv(int x, int y) {
    return Math.ceilDiv(x, y);
  }

  private long panelBytes() {
    return (packing.elements(depth) + 1L) * COLUMNS * 4;
  }

  private long stripBytes() {
    return (long) stripRows * A_STRIDE * 4;
  }

  /** What a task does besides multiplying; called with blocks that are in cache. */
  interface Visitor {
    /** A strip's rows of a and K block have just been packed; once for each strip and block. */
    default void packed(int row, int rows, int k, int depth) {}

    /** Rows and columns of c are complete. */
    default void finished(int row, int rows, int column, int columns) {}
  }

  /** Computes c. */
  void run(Visitor visitor) {
    for (int first = 0; first < blocks; first += blocksAtOnce) {
      int from = first;
      int to = Math.min(first + blocksAtOnce, blocks);
      int packStrips = shareA ? strips : 0;
      int packPanels = ceilDiv((to - from) * panels, PACK_PANELS);
      pool.run(
          packStrips + packPanels,
          (task, worker) -> {
            if (task < packStrips) {
              packStrip(task, from, to, worker, visitor);
            } else {
              packPanels(task - packStrips, from, to, worker);
            }
          });
      // Strips run fastest, so that a split's panels of b stay in L2 meanwhile.
      pool.run(
          strips * splits,
          (task, worker) -> multiply(task % strips, task / strips, from, to, worker, visitor));
    }
  }

  private void packStrip(int strip, int from, int to, int worker, Visitor visitor) {
    long scratch = pool.scratch(worker, packing.scratchBytes());
    for (int block = from; block < to; block++) {
      long target = packedA + ((block - from) * (long) strips + strip) * stripBytes();
      packA(strip, block, target, scratch, visitor);
    }
  }

  private void packPanels(int task, int from, int to, int worker) {
    long scratch = pool.scratch(worker, packing.scratchBytes());
    int end = Math.min((task + 1) * PACK_PANELS, (to - from) * panels);
    for (int i = task * PACK_PANELS; i < end; i++) {
      packB(from + i / panels, i % panels, packedB + i * panelBytes(), scratch);
    }
  }

  private void packB(int block, int panel, long target, long scratch) {
    int k = block * depth;
    int n = panel * COLUMNS;
    int columns = Math.min(COLUMNS, N - n);
    if (block == 0 && bias != 0) {
      Panels.copyColumns(bias + n * 4L, 0, target, 1, columns, COLUMNS);
    } else {
      Panels.zero(target, COLUMNS);
    }
    packing.packB(b, k, n, target + ROW_BYTES, columns, Math.min(depth, K - k), scratch);
  }

  private void packA(int strip, int block, long target, long scratch, Visitor visitor) {
    int row = strip * stripRows;
    int rows = Math.min(stripRows, M - row);
    int k = block * depth;
    int count = Math.min(depth, K - k);
    int rest = ceilDiv(rows, ROWS) * ROWS - rows;
    Panels.zero(target + (long) rows * A_STRIDE * 4, (long) rest * A_STRIDE);
    packing.packA(a, row, k, target, rows, count, scratch);
    visitor.packed(row, rows, k, count);
  }

  private void multiply(int strip, int split, int from, int to, int worker, Visitor visitor) {
    int row = strip * stripRows;
    int rows = Math.min(stripRows, M - row);
    int firstPanel = (int) ((long) panels * split / splits);
    int endPanel = (int) ((long) panels * (split + 1) / splits);
    long packBytes = shareA ? 0 : packing.scratchBytes() + stripBytes();
    long tile = pool.scratch(worker, Tile.BYTES + packBytes);
    for (int block = from; block < to; block++) {
      long left;
      if (shareA) {
        left = packedA + ((block - from) * (long) strips + strip) * stripBytes();
      } else {
        left = tile + Tile.BYTES;
        packA(strip, block, left, left + stripBytes(), visitor);
      }
      for (int panel = firstPanel; panel < endPanel; panel += group) {
        int end = Math.min(panel + group, endPanel);
        for (int r = 0; r < rows; r += ROWS) {
          long panelA = left + (long) r * A_STRIDE * 4;
          multiplyRows(panelA, block, from, row + r, Math.min(ROWS, rows - r), panel, end, tile);
          if (block == blocks - 1) {
            int column = panel * COLUMNS;
            int columns = Math.min(end * COLUMNS, N) - column;
            visitor.finished(row + r, Math.min(ROWS, rows - r), column, columns);
          }
        }
      }
    }
  }

  /** Runs a tile's rows along panels of b, so that c is written in long pieces. */
  private void multiplyRows(
      long left, int block, int from, int row, int rows, int firstPanel, int endPanel, long tile) {
    int count = packing.elements(Math.min(depth, K - block * depth));
    long source = block == 0 ? add : c;
    long right = packedB + ((block - from) * (long) panels + firstPanel) * panelBytes();
    long at = ((long) row * N + firstPanel * COLUMNS) * 4;
    int whole = rows < ROWS ? 0 : Math.min(endPanel, N / COLUMNS) - firstPanel;
    if (whole > 0) {
      long plus = source == 0 ? 0 : source + at;
      long stride = N * 4L;
      packing.multiply(
          left, right, panelBytes(), count, plus, c + at, ROW_BYTES, stride, whole, tile);
    }
    for (int panel = firstPanel + whole; panel < endPanel; panel++) {
      right = packedB + ((block - from) * (long) panels + panel) * panelBytes();
      int column = panel * COLUMNS;
      int columns = Math.min(COLUMNS, N - column);
      at = ((long) row * N + column) * 4;
      packing.multiply(left, right, 0, count, 0, tile, 0, ROW_BYTES, 1, tile);
      Panels.store(tile, COLUMNS, source == 0 ? 0 : source + at, c + at, N, rows, columns);
    }
  }
}
