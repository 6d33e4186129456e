package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.Rng;
import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.kernel.DropoutKernels;

/**
 * Dropout: a sample is cut into tasks that begin in the middle of its stream of draws. Philox is
 * plain integer code; its four draws a block take longer than what is done with them.
 */
public final class Dropouts implements DropoutKernels {
  // A draw costs as much as this many elements of a vector loop.
  private static final int DRAW_COST = 16;
  // A whole number of Philox blocks.
  private static final int PIECE = Cut.ELEMENTS / DRAW_COST;

  private final WorkerPool pool;

  public Dropouts(WorkerPool pool) {
    this.pool = pool;
  }

  @Override
  public void forward(Dropout call) {
    long x = call.x().address();
    long y = call.y().address();
    int B = call.B();
    int n = call.n();
    float rate = call.rate();
    long key = call.key();
    long step = call.step();
    int first = call.first();
    int pieces = Cut.tasks(n, PIECE);
    Rng rng = Rng.ofKey(key);
    float scale = (float) (1 / (1 - (double) rate));
    pool.run(
        Math.multiplyExact(B, pieces),
        (task, worker) -> {
          int b = task / pieces;
          int from = task % pieces * PIECE;
          Rng.Stream draws = rng.at(step, first + b).skip(from);
          long at = 4 * ((long) b * n + from);
          drop(x + at, y + at, Math.min(PIECE, n - from), rate, scale, draws);
        });
  }

  private static void drop(long x, long y, int n, float rate, float scale, Rng.Stream draws) {
    for (long at = 0; at < 4L * n; at += 4) {
      f32(y + at, draws.nextFloat() < rate ? 0 : f32(x + at) * scale);
    }
  }
}
