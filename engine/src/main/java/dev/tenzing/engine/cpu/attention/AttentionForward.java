package dev.tenzing.engine.cpu.attention;

import static dev.tenzing.engine.cpu.gemm.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.gemm.Tile.COLUMNS;
import static dev.tenzing.engine.cpu.gemm.Tile.ROWS;
import static dev.tenzing.engine.cpu.vector.VectorSpec.F;
import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.cpu.gemm.Panels;
import dev.tenzing.engine.cpu.gemm.Tile;
import dev.tenzing.engine.cpu.vector.Lanes;
import dev.tenzing.engine.cpu.vector.VectorMath;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One call of the attention forward.
 *
 * <p>A task takes a head, or a part of its queries when there are few heads. It packs k transposed
 * and v into panels, then for each block of queries walks over the blocks of keys: logits S = q k^T
 * of the block, softmax of its rows against the running maximum m and sum l, o = o e^(m_old - m) +
 * P v. A row's result depends on neither its place in a block nor the cut into tasks.
 */
final class AttentionForward {
  private static final int LANES = F.length();

  // Rows of logits at a time: with 256 keys 24 KB, which stay in L1 while panels of v pass.
  private static final int QUERIES = 24;
  // A panel of v is then 32 KB, so that it stays in L1 while the rows pass.
  private static final int KEYS = 256;
  // Heads are cut into parts until there are this many tasks.
  private static final int TASKS = 16;

  private final WorkerPool pool;
  private final long qkv;
  private final long out;
  private final long lse;
  private final TiledAttention.Layout layout;
  private final float scale;
  private final int N;
  private final int D;

  private final int keyBlock;
  private final int widePanels;
  private final int parts;
  private final int partQueries;

  private final long keyPanelBytes;
  private final long valuePanelBytes;
  private final long values;
  private final long queries;
  private final long logits;
  private final long sums;
  private final long maxima;
  private final long changes;
  private final long totals;
  private final long tile;
  private final long scratchBytes;

  AttentionForward(
      WorkerPool pool, long qkv, long out, long lse, TiledAttention.Layout layout, float scale) {
    this.pool = pool;
    this.qkv = qkv;
    this.out = out;
    this.lse = lse;
    this.layout = layout;
    this.scale = scale;
    N = layout.N();
    D = layout.D();
    keyBlock = HeadTiles.blockSize(N, KEYS, COLUMNS);
    widePanels = Math.ceilDiv(D, COLUMNS);
    parts = Math.clamp(Math.ceilDiv(TASKS, layout.heads()), 1, Math.ceilDiv(N, QUERIES));
    partQueries = HeadTiles.roundUp(Math.ceilDiv(N, parts), ROWS);
    keyPanelBytes = HeadTiles.panelBytes(D);
    valuePanelBytes = HeadTiles.panelBytes(keyBlock);
    values = Math.ceilDiv(N, COLUMNS) * keyPanelBytes;
    queries = values + Math.ceilDiv(N, keyBlock) * widePanels * valuePanelBytes;
    logits = queries + QUERIES * A_STRIDE * 4;
    sums = logits + QUERIES * A_STRIDE * 4;
    maxima = sums + QUERIES * widePanels * COLUMNS * 4L;
    changes = maxima + QUERIES * 4;
    totals = changes + QUERIES * 4;
    tile = totals + QUERIES * 4;
    scratchBytes = tile + Tile.BYTES;
  }

  void run() {
    pool.run(layout.heads() * parts, this::task);
  }

  private void task(int task, int worker) {
    int head = task / parts;
    int from = task % parts * partQueries;
    int to = Math.min(N, from + partQueries);
    long scratch = pool.scratch(worker, scratchBytes);
    if (from < to) {
      packKeys(head, scratch);
      packValues(head, scratch + values);
    }
    for (int i = from; i < to; i += QUERIES) {
      attend(head, i, Math.min(QUERIES, to - i), scratch);
    }
  }

  /** Panels of k^T: a panel is a row of zeros and D rows of COLUMNS keys. */
  private void packKeys(int head, long target) {
    for (int n = 0; n < N; n += COLUMNS) {
      long panel = target + n / COLUMNS * keyPanelBytes;
      int keys = Math.min(COLUMNS, N - n);
      HeadTiles.panelTransposed(layout.qkv(qkv, head, 1, n), layout.qkvStride(), panel, keys, D);
    }
  }

  /** Panels of v: for each block of keys, a panel is a row of zeros and a row for each key. */
  private void packValues(int head, long target) {
    long panel = target;
    for (int n = 0; n < N; n += keyBlock) {
      int keys = Math.min(keyBlock, N - n);
      for (int d = 0; d < D; d += COLUMNS) {
        long source = layout.qkv(qkv, head, 2, n) + d * 4L;
        HeadTiles.panel(source, layout.qkvStride(), panel, keys, Math.min(COLUMNS, D - d));
        panel += valuePanelBytes;
      }
    }
  }

  private void attend(int head, int i, int rows, long scratch) {
    long q = scratch + queries;
    long s = scratch + logits;
    long o = scratch + sums;
    int width = widePanels * COLUMNS;
    int tiles = Math.ceilDiv(rows, ROWS);
    HeadTiles.rows(layout.qkv(qkv, head, 0, i), layout.qkvStride(), q, rows, D);
    for (int r = 0; r < rows; r++) {
      multiply(q + (long) r * A_STRIDE * 4, D, scale);
    }
    long value = scratch + values;
    for (int n = 0; n < N; n += keyBlock) {
      int keys = Math.min(keyBlock, N - n);
      for (int c = 0; c < keys; c += COLUMNS) {
        long panel = scratch + (n + c) / COLUMNS * keyPanelBytes;
        HeadTiles.multiply(q, tiles, panel, D, true, s + c * 4L, A_STRIDE, scratch + tile);
      }
      // One pass over all rows each: the long chains of a row's maximum then overlap the next's.
      for (int r = 0; r < rows; r++) {
        maximum(s + (long) r * A_STRIDE * 4, keys, n == 0, scratch + r * 4L);
      }
      for (int r = 0; r < rows; r++) {
        long row = o + (long) r * width * 4;
        softmax(s + (long) r * A_STRIDE * 4, keys, n == 0, scratch + r * 4L, row, width);
      }
      for (int d = 0; d < width; d += COLUMNS) {
        HeadTiles.multiply(s, tiles, value, keys, n == 0, o + d * 4L, width, scratch + tile);
        value += valuePanelBytes;
      }
    }
    for (int r = 0; r < rows; r++) {
      float total = f32(scratch + totals + r * 4L);
      float max = f32(scratch + maxima + r * 4L);
      f32(layout.lse(lse, head, i + r), max + (float) Math.log(total));
      multiply(o + (long) r * width * 4, D, 1 / total);
    }
    Panels.store(o, width, 0, layout.out(out, head, i), layout.outStride(), rows, D);
  }

  /**
   * Raises a row's running maximum m to the maximum of a row of logits, and notes the change.
   *
   * @param row scratch + 4 row number: where maxima, changes and totals lie by their offsets
   */
  private void maximum(long s, int keys, boolean first, long row) {
    int padded = HeadTiles.roundUp(keys, COLUMNS);
    for (int c = keys; c < padded; c++) {
      f32(s + c * 4L, Float.NEGATIVE_INFINITY);
    }
    FloatVector most0 = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    FloatVector most1 = most0;
    for (int c = 0; c < padded; c += COLUMNS) {
      long at = s + c * 4L;
      FloatVector v0 = FloatVector.fromMemorySegment(F, Native.ALL, at, Native.ORDER);
      FloatVector v1 = FloatVector.fromMemorySegment(F, Native.ALL, at + LANES * 4L, Native.ORDER);
      most0 = most0.blend(v0, v0.compare(VectorOperators.GT, most0));
      most1 = most1.blend(v1, v1.compare(VectorOperators.GT, most1));
    }
    float max =
        most0
            .blend(most1, most1.compare(VectorOperators.GT, most0))
            .reduceLanes(VectorOperators.MAX);
    float old = first ? max : f32(row + maxima);
    max = Math.max(max, old);
    f32(row + maxima, max);
    f32(row + changes, old - max);
  }

  /** Turns a row of logits into e^(s - m), and brings the row's sum and output to the new m. */
  private void softmax(long s, int keys, boolean first, long row, long o, int width) {
    FloatVector max = FloatVector.broadcast(F, f32(row + maxima));
    FloatVector sum = FloatVector.zero(F);
    for (int c = 0; c < keys; c += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F, Native.ALL, s + c * 4L, Native.ORDER);
      FloatVector p = VectorMath.expUpTo88(v.sub(max));
      p.intoMemorySegment(Native.ALL, s + c * 4L, Native.ORDER);
      sum = sum.add(p);
    }
    float total = Lanes.sum(sum);
    if (!first) {
      float alpha = VectorMath.expUpTo88(FloatVector.broadcast(F, f32(row + changes))).lane(0);
      total += alpha * f32(row + totals);
      multiply(o, width, alpha);
    }
    f32(row + totals, total);
  }

  /** {@code x *= factor} for the first {@code columns}, rounded up to whole vectors. */
  private static void multiply(long x, int columns, float factor) {
    for (int c = 0; c < columns; c += LANES) {
      FloatVector.fromMemorySegment(F, Native.ALL, x + c * 4L, Native.ORDER)
          .mul(factor)
          .intoMemorySegment(Native.ALL, x + c * 4L, Native.ORDER);
    }
  }
}
