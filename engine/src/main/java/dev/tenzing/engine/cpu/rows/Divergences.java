package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.DivergenceKernels;
import java.lang.foreign.ValueLayout;

/** Divergence of softened classes. Class counts are small, so this is plain double arithmetic. */
public final class Divergences implements DivergenceKernels {
  private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  // A scalar exponential costs as much as this many elements of a vector loop; three an element.
  private static final int EXP_COST = 96;

  private final WorkerPool pool;

  public Divergences(WorkerPool pool) {
    this.pool = pool;
  }

  @Override
  public void forward(KlDivergence call) {
    long student = call.student().address();
    long teacher = call.teacher().address();
    long loss = call.loss().address();
    int M = call.M();
    int C = call.C();
    float temperature = call.temperature();
    boolean reverse = call.reverse();
    long perRow = pool.sharedScratch(8L * M);
    int rows = Cut.rows((long) C * EXP_COST);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            double kl =
                reverse
                    ? divergence(student + at, teacher + at, C, temperature)
                    : divergence(teacher + at, student + at, C, temperature);
            Native.ALL.set(F64, perRow + 8L * m, kl);
          }
        });
    double sum = 0;
    for (int m = 0; m < M; m++) {
      sum += Native.ALL.get(F64, perRow + 8L * m);
    }
    f32(loss, (float) ((double) temperature * temperature * sum / M));
  }

  /** KL(p || q) of the softmax of two rows of logits. */
  private static double divergence(long p, long q, int C, double temperature) {
    double logSumP = logSum(p, C, temperature);
    double logSumQ = logSum(q, C, temperature);
    double sum = 0;
    for (long at = 0; at < 4L * C; at += 4) {
      double logP = f32(p + at) / temperature - logSumP;
      sum += StrictMath.exp(logP) * (logP - f32(q + at) / temperature + logSumQ);
    }
    return sum;
  }

  private static double logSum(long x, int C, double temperature) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < C; c++) {
      max = Math.max(max, f32(x + 4L * c) / temperature);
    }
    double sum = 0;
    for (int c = 0; c < C; c++) {
      sum += StrictMath.exp(f32(x + 4L * c) / temperature - max);
    }
    return max + StrictMath.log(sum);
  }

  /**
   * With p of the teacher and q of the student: d = T / M (q - p), and in reverse d = T / M q (log
   * q - log p - KL(q || p)).
   */
  @Override
  public void backward(KlDivergenceBackward call) {
    long dloss = call.dloss().address();
    long student = call.student().address();
    long teacher = call.teacher().address();
    long dstudent = call.dstudent().address();
    int M = call.M();
    int C = call.C();
    float temperature = call.temperature();
    boolean reverse = call.reverse();
    boolean accumulate = call.dstudent().accumulate();
    double factor = (double) f32(dloss) * temperature / M;
    int rows = Cut.rows((long) C * EXP_COST);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            rowBackward(
                factor,
                student + at,
                teacher + at,
                dstudent + at,
                C,
                temperature,
                reverse,
                accumulate);
          }
        });
  }

  private static void rowBackward(
      double factor,
      long student,
      long teacher,
      long dstudent,
      int C,
      double temperature,
      boolean reverse,
      boolean accumulate) {
    double logSumS = logSum(student, C, temperature);
    double logSumT = logSum(teacher, C, temperature);
    double kl = reverse ? divergence(student, teacher, C, temperature) : 0;
    for (long at = 0; at < 4L * C; at += 4) {
      double logQ = f32(student + at) / temperature - logSumS;
      double logP = f32(teacher + at) / temperature - logSumT;
      double q = StrictMath.exp(logQ);
      double slope = reverse ? q * (logQ - logP - kl) : q - StrictMath.exp(logP);
      float d = (float) (factor * slope);
      f32(dstudent + at, accumulate ? f32(dstudent + at) + d : d);
    }
  }
}
