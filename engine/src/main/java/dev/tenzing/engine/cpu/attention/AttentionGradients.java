package dev.tenzing.engine.cpu.attention;

import static dev.tenzing.engine.cpu.gemm.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.gemm.Tile.COLUMNS;
import static dev.tenzing.engine.cpu.gemm.Tile.ROWS;
import static dev.tenzing.engine.cpu.vector.VectorSpec.F;
import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.cpu.gemm.Panels;
import dev.tenzing.engine.cpu.gemm.Tile;
import dev.tenzing.engine.cpu.gemm.Transpose;
import dev.tenzing.engine.cpu.vector.Lanes;
import dev.tenzing.engine.cpu.vector.VectorMath;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * One call of the attention backward: five products for each block of keys j and queries i.
 *
 * <pre>
 *   S^T  = k q^T                 P^T  = e^(scale S^T - lse)
 *   dP^T = v do^T                dS^T = scale P^T (dP^T - delta),   delta_i = do_i . o_i
 *   dv  += P^T do                dk  += dS^T q                      dq^T += k^T dS^T
 * </pre>
 *
 * <p>Logits are made transposed, keys downward, because then P^T and dS^T are left operands as they
 * are, lse and delta are vectors over the lanes, and dS^T needs only be stored once more, as
 * panels, to be the right operand of dq^T.
 *
 * <p>A task takes a head, or a part of its key blocks when there are few heads. It owns dk and dv
 * of its keys; parts of dq are added up in order at the end.
 */
final class AttentionGradients {
  private static final int LANES = F.length();

  // With both blocks at 192, P^T and dS^T take 300 KB, and every panel stays in L1.
  private static final int QUERIES = 192;
  private static final int KEYS = 192;
  // Heads are cut into parts until there are this many tasks, but not into parts below MIN_KEYS.
  private static final int TASKS = 8;
  private static final int MIN_KEYS = 48;

  private final WorkerPool pool;
  private final long qkv;
  private final long out;
  private final long dout;
  private final long lse;
  private final long dqkv;
  private final TiledAttention.Layout layout;
  private final float scale;
  private final int N;
  private final int D;

  private final int keyBlock;
  private final int keyBlocks;
  private final int queryBlock;
  private final int width;
  private final int height;
  private final int parts;

  // Bytes of one panel: transposed rows, rows, dS^T; and of one part of dq^T.
  private final long transposedBytes;
  private final long panelBytes;
  private final long gradientBytes;
  private final long dqBytes;

  /** Where a worker's scratch holds what, as byte offsets; the table of its memory. */
  private record Scratch(
      long lse, // [N]
      long delta, // [N]
      long k, // [keyBlock][A_STRIDE]
      long v, // [keyBlock][A_STRIDE]
      long kT, // [height][A_STRIDE]
      long qT, // panels [1 + D][COLUMNS] of all queries
      long doT, // the same
      long q, // for each block of queries, panels [1 + queryBlock][COLUMNS] of width columns
      long dO, // the same
      long p, // [keyBlock][A_STRIDE], P^T
      long ds, // [keyBlock][A_STRIDE], dS^T
      long dsPanels, // panels [1 + keyBlock][COLUMNS] of queryBlock columns
      long dk, // [keyBlock][width]
      long dv, // [keyBlock][width]
      long tile, // one tile
      long dq, // dqBytes
      long bytes) {}

  private final Scratch at;
  private final long sharedDq;

  AttentionGradients(
      WorkerPool pool,
      long qkv,
      long out,
      long dout,
      long lse,
      long dqkv,
      TiledAttention.Layout layout,
      float scale) {
    this.pool = pool;
    this.qkv = qkv;
    this.out = out;
    this.dout = dout;
    this.lse = lse;
    this.dqkv = dqkv;
    this.layout = layout;
    this.scale = scale;
    N = layout.N();
    D = layout.D();
    int cuts = Math.clamp(Math.ceilDiv(TASKS, layout.heads()), 1, Math.ceilDiv(N, MIN_KEYS));
    keyBlock = HeadTiles.blockSize(Math.ceilDiv(N, cuts), KEYS, ROWS);
    keyBlocks = Math.ceilDiv(N, keyBlock);
    parts = Math.min(cuts, keyBlocks);
    queryBlock = HeadTiles.blockSize(N, QUERIES, COLUMNS);
    width = HeadTiles.roundUp(D, COLUMNS);
    height = HeadTiles.roundUp(D, ROWS);
    transposedBytes = HeadTiles.panelBytes(D);
    panelBytes = HeadTiles.panelBytes(queryBlock);
    gradientBytes = HeadTiles.panelBytes(keyBlock);
    int queryPanels = queryBlock / COLUMNS;
    int widePanels = width / COLUMNS;
    long rowBytes = HeadTiles.roundUp(N, COLUMNS) * 4L;
    dqBytes = rowBytes * height;
    long delta = rowBytes;
    long k = delta + rowBytes;
    long v = k + HeadTiles.rowsBytes(keyBlock);
    long kT = v + HeadTiles.rowsBytes(keyBlock);
    long qT = kT + HeadTiles.rowsBytes(D);
    int queryBlocks = Math.ceilDiv(N, queryBlock);
    long doT = qT + (long) queryBlocks * queryPanels * transposedBytes;
    long q = doT + (long) queryBlocks * queryPanels * transposedBytes;
    long dO = q + (long) queryBlocks * widePanels * panelBytes;
    long p = dO + (long) queryBlocks * widePanels * panelBytes;
    long ds = p + HeadTiles.rowsBytes(keyBlock);
    long dsPanels = ds + HeadTiles.rowsBytes(keyBlock);
    long dk = dsPanels + queryPanels * gradientBytes;
    long dv = dk + (long) keyBlock * width * 4;
    long tile = dv + (long) keyBlock * width * 4;
    long dq = tile + Tile.BYTES;
    long bytes = dq + (parts == 1 ? dqBytes : 0);
    at = new Scratch(0, delta, k, v, kT, qT, doT, q, dO, p, ds, dsPanels, dk, dv, tile, dq, bytes);
    sharedDq = parts == 1 ? 0 : pool.sharedScratch(layout.heads() * parts * dqBytes);
  }

  void run() {
    pool.run(layout.heads() * parts, this::task);
    if (parts > 1) {
      pool.run(layout.heads(), (head, worker) -> addParts(head));
    }
  }

  private void task(int task, int worker) {
    int head = task / parts;
    int part = task % parts;
    long scratch = pool.scratch(worker, at.bytes);
    long dq = parts == 1 ? scratch + at.dq : sharedDq + task * dqBytes;
    rowConstants(head, scratch);
    int firstBlock = keyBlocks * part / parts;
    int endBlock = keyBlocks * (part + 1) / parts;
    for (int block = firstBlock; block < endBlock; block++) {
      int j = block * keyBlock;
      int keys = Math.min(keyBlock, N - j);
      packKeys(head, j, keys, scratch);
      for (int i = 0; i < N; i += queryBlock) {
        int queries = Math.min(queryBlock, N - i);
        if (block == firstBlock) {
          packQueries(head, i, queries, scratch);
        }
        probabilities(i, keys, queries, scratch);
        accumulateKeys(i, keys, queries, scratch);
        accumulateQueries(keys, queries, block == firstBlock, dq + i * 4L * height, scratch);
      }
      long stride = layout.qkvStride();
      long dk = layout.qkv(dqkv, head, 1, j);
      long dv = layout.qkv(dqkv, head, 2, j);
      Panels.store(scratch + at.dk, width, 0, dk, stride, keys, D);
      Panels.store(scratch + at.dv, width, 0, dv, stride, keys, D);
    }
    if (parts == 1) {
      storeQueries(head, dq);
    }
  }

  /** lse and delta of all queries, zero where a panel is padded. */
  private void rowConstants(int head, long scratch) {
    long last = (HeadTiles.roundUp(N, COLUMNS) - COLUMNS) * 4L;
    Panels.zero(scratch + at.lse + last, COLUMNS);
    Panels.zero(scratch + at.delta + last, COLUMNS);
    VectorMask<Float> rest = F.indexInRange(D - D % LANES, D);
    for (int i = 0; i < N; i++) {
      f32(scratch + at.lse + i * 4L, f32(layout.lse(lse, head, i)));
      long delta = scratch + at.delta + i * 4L;
      f32(delta, dot(layout.out(out, head, i), layout.out(dout, head, i), D, rest));
    }
  }

  private static float dot(long x, long y, int D, VectorMask<Float> rest) {
    int full = D - D % LANES;
    FloatVector sum = FloatVector.zero(F);
    for (int d = 0; d < full; d += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F, Native.ALL, x + d * 4L, Native.ORDER);
      FloatVector b = FloatVector.fromMemorySegment(F, Native.ALL, y + d * 4L, Native.ORDER);
      sum = a.fma(b, sum);
    }
    if (full < D) {
      long at = full * 4L;
      FloatVector a = FloatVector.fromMemorySegment(F, Native.ALL, x + at, Native.ORDER, rest);
      FloatVector b = FloatVector.fromMemorySegment(F, Native.ALL, y + at, Native.ORDER, rest);
      sum = a.fma(b, sum);
    }
    return Lanes.sum(sum);
  }

  private void packKeys(int head, int j, int keys, long scratch) {
    long k = layout.qkv(qkv, head, 1, j);
    long v = layout.qkv(qkv, head, 2, j);
    long stride = layout.qkvStride();
    HeadTiles.rows(k, stride, scratch + at.k, keys, D);
    HeadTiles.rows(v, stride, scratch + at.v, keys, D);
    HeadTiles.rowsTransposed(k, stride, scratch + at.kT, keys, D);
  }

  private void packQueries(int head, int i, int queries, long scratch) {
    long q = layout.qkv(qkv, head, 0, i);
    long dO = layout.out(dout, head, i);
    long qStride = layout.qkvStride();
    long doStride = layout.outStride();
    for (int c = 0; c < queries; c += COLUMNS) {
      int rows = Math.min(COLUMNS, queries - c);
      long panel = scratch + (i + c) / COLUMNS * transposedBytes;
      HeadTiles.panelTransposed(q + c * qStride * 4, qStride, panel + at.qT, rows, D);
      HeadTiles.panelTransposed(dO + c * doStride * 4, doStride, panel + at.doT, rows, D);
    }
    for (int d = 0; d < D; d += COLUMNS) {
      int columns = Math.min(COLUMNS, D - d);
      long panel = scratch + widePanel(i, d);
      HeadTiles.panel(q + d * 4L, qStride, panel + at.q, queries, columns);
      HeadTiles.panel(dO + d * 4L, doStride, panel + at.dO, queries, columns);
    }
  }

  /** Offset of the panel of columns d of the block of queries at i, within q and dO. */
  private long widePanel(int i, int d) {
    return ((long) i / queryBlock * (width / COLUMNS) + d / COLUMNS) * panelBytes;
  }

  /** P^T, and dS^T as rows and as panels. */
  private void probabilities(int i, int keys, int queries, long scratch) {
    int tiles = Math.ceilDiv(keys, ROWS);
    long tile = scratch + at.tile;
    for (int c = 0; c < queries; c += COLUMNS) {
      long panel = scratch + (i + c) / COLUMNS * transposedBytes;
      long p = scratch + at.p + c * 4L;
      long ds = scratch + at.ds + c * 4L;
      HeadTiles.multiply(scratch + at.k, tiles, panel + at.qT, D, true, p, A_STRIDE, tile);
      HeadTiles.multiply(scratch + at.v, tiles, panel + at.doT, D, true, ds, A_STRIDE, tile);
      long dsPanel = scratch + at.dsPanels + c / COLUMNS * gradientBytes;
      Panels.zero(dsPanel, COLUMNS);
      for (int x = 0; x < COLUMNS; x += LANES) {
        long rows = scratch + (c + x) * 4L;
        long row = scratch + (i + c + x) * 4L;
        softmaxGradient(
            rows + at.p,
            rows + at.ds,
            dsPanel + (COLUMNS + x) * 4L,
            row + at.lse,
            row + at.delta,
            keys);
      }
    }
  }

  /** One vector of queries and all keys of the block: S^T to P^T and dP^T to dS^T, in place. */
  private void softmaxGradient(long p, long ds, long dsPanel, long lseAt, long deltaAt, int keys) {
    FloatVector logSum = FloatVector.fromMemorySegment(F, Native.ALL, lseAt, Native.ORDER).neg();
    FloatVector delta = FloatVector.fromMemorySegment(F, Native.ALL, deltaAt, Native.ORDER);
    FloatVector factor = FloatVector.broadcast(F, scale);
    for (int j = 0; j < keys; j++) {
      long pAt = p + j * (A_STRIDE * 4L);
      long dsAt = ds + j * (A_STRIDE * 4L);
      FloatVector s = FloatVector.fromMemorySegment(F, Native.ALL, pAt, Native.ORDER);
      FloatVector dp = FloatVector.fromMemorySegment(F, Native.ALL, dsAt, Native.ORDER);
      FloatVector probability = VectorMath.expUpTo88(s.fma(factor, logSum));
      FloatVector gradient = dp.sub(delta).mul(probability).mul(factor);
      probability.intoMemorySegment(Native.ALL, pAt, Native.ORDER);
      gradient.intoMemorySegment(Native.ALL, dsAt, Native.ORDER);
      gradient.intoMemorySegment(Native.ALL, dsPanel + j * (COLUMNS * 4L), Native.ORDER);
    }
  }

  private void accumulateKeys(int i, int keys, int queries, long scratch) {
    boolean first = i == 0;
    int tiles = Math.ceilDiv(keys, ROWS);
    long tile = scratch + at.tile;
    for (int d = 0; d < width; d += COLUMNS) {
      long panel = scratch + widePanel(i, d);
      long dv = scratch + at.dv + d * 4L;
      long dk = scratch + at.dk + d * 4L;
      HeadTiles.multiply(scratch + at.p, tiles, panel + at.dO, queries, first, dv, width, tile);
      HeadTiles.multiply(scratch + at.ds, tiles, panel + at.q, queries, first, dk, width, tile);
    }
  }

  /** {@code dq} is the block's first panel [height][COLUMNS] of dq^T. */
  private void accumulateQueries(int keys, int queries, boolean first, long dq, long scratch) {
    for (int c = 0; c < queries; c += COLUMNS) {
      long panel = scratch + at.dsPanels + c / COLUMNS * gradientBytes;
      long target = dq + (long) c * height * 4;
      HeadTiles.multiply(
          scratch + at.kT, height / ROWS, panel, keys, first, target, COLUMNS, scratch + at.tile);
    }
  }

  private void storeQueries(int head, long dq) {
    for (int i = 0; i < N; i += COLUMNS) {
      long target = layout.qkv(dqkv, head, 0, i);
      int queries = Math.min(COLUMNS, N - i);
      Transpose.transpose(
          dq + (long) i * height * 4, COLUMNS, target, layout.qkvStride(), D, queries);
    }
  }

  /** Adds the parts of a head's dq^T, in order, and stores dq. */
  private void addParts(int head) {
    long first = sharedDq + (long) head * parts * dqBytes;
    for (long x = first; x < first + dqBytes; x += LANES * 4L) {
      FloatVector sum = FloatVector.fromMemorySegment(F, Native.ALL, x, Native.ORDER);
      for (int part = 1; part < parts; part++) {
        sum =
            sum.add(FloatVector.fromMemorySegment(F, Native.ALL, x + part * dqBytes, Native.ORDER));
      }
      sum.intoMemorySegment(Native.ALL, x, Native.ORDER);
    }
    storeQueries(head, first);
  }
}
