package dev.tenzing.engine.cpu.gemm;

import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import jdk.incubator.vector.FloatVector;

/** How many multiply-adds the processors reach when nothing has to come from memory. */
public final class FmaPeak {
  private static final int CHAINS = 12;
  private static final int STEPS = 1_000;
  // Rounds of a fifth of a millisecond: some fall between the turns of other programs.
  private static final int TASKS_A_WORKER = 100;
  private static final int ROUNDS = 4_000;
  // Before C2 has compiled it a call takes a thousand times as long.
  private static final int WARM_CALLS = 20_000;
  private static final long MOST_WARM_NANOS = 20_000_000_000L;

  private FmaPeak() {}

  /**
   * Floating-point operations a second of all workers together, two a multiply-add: the best of
   * many short rounds, because others may use the machine too.
   */
  public static double measure(WorkerPool pool) {
    int tasks = TASKS_A_WORKER * pool.workers();
    float[] sink = new float[tasks];
    long end = System.nanoTime() + MOST_WARM_NANOS;
    for (int call = 0; call < WARM_CALLS && System.nanoTime() < end; call++) {
      sink[call % tasks] += multiplyAdds(STEPS);
    }
    long best = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      pool.run(tasks, (task, worker) -> sink[task] += multiplyAdds(STEPS));
      best = Math.min(best, System.nanoTime() - start);
    }
    return 2e9 * CHAINS * VectorSpec.F.length() * STEPS * tasks / best;
  }

  /** Twelve independent chains of multiply-adds: enough to hide their latency. */
  private static float multiplyAdds(int steps) {
    FloatVector x = FloatVector.broadcast(VectorSpec.F, 0.999f);
    FloatVector y = FloatVector.broadcast(VectorSpec.F, 0.001f);
    FloatVector a = x;
    FloatVector b = y;
    FloatVector c = x.neg();
    FloatVector d = y.neg();
    FloatVector e = x.add(1);
    FloatVector f = y.add(1);
    FloatVector g = x.add(2);
    FloatVector h = y.add(2);
    FloatVector i = x.add(3);
    FloatVector j = y.add(3);
    FloatVector k = x.add(4);
    FloatVector l = y.add(4);
    for (int step = 0; step < steps; step++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }
}
