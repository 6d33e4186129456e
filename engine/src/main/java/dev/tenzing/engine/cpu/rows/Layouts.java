package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.host.Native.f32;
import static dev.tenzing.engine.host.Native.i32;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.kernel.LayoutKernels;

/** Copies in another order, cut into tasks by what is written. */
public final class Layouts implements LayoutKernels {
  // An element that is looked for costs as much as this many of a plain copy.
  private static final int COST = 8;

  private final WorkerPool pool;

  public Layouts(WorkerPool pool) {
    this.pool = pool;
  }

  @Override
  public void permute(Permute call) {
    long x = call.x().address();
    long y = call.y().address();
    long[] sizes = call.sizes();
    long[] strides = call.strides();
    int last = sizes.length - 1;
    long width = sizes.length == 0 ? 1 : sizes[last];
    long stride = sizes.length == 0 ? 1 : strides[last];
    long all = width == 0 ? 0 : call.elements() / width;
    int rows = Cut.rows(COST * width);
    pool.run(
        Cut.tasks(all, rows),
        (task, worker) -> {
          long end = Math.min(all, (task + 1L) * rows);
          for (long row = (long) task * rows; row < end; row++) {
            long from = 0;
            long rest = row;
            for (int d = last - 1; d >= 0; d--) {
              from += rest % sizes[d] * strides[d];
              rest /= sizes[d];
            }
            for (long i = 0; i < width; i++) {
              i32(y + 4 * (row * width + i), i32(x + 4 * (from + i * stride)));
            }
          }
        });
  }

  @Override
  public void unfold(Unfold call) {
    Windows w = call.windows();
    int count = w.count();
    int all = Math.multiplyExact(w.B(), count);
    int group = Cut.rows((long) COST * w.C() * w.taps());
    pool.run(
        Cut.tasks(all, group),
        (task, worker) -> {
          int end = (int) Math.min(all, (task + 1L) * group);
          for (int i = task * group; i < end; i++) {
            long to = call.y().address() + 4L * i * w.C() * w.taps();
            for (int tap = 0; tap < w.taps(); tap++) {
              int t = w.entry(i % count, tap);
              boolean inside = t >= 0 && t < w.T();
              long from = call.x().address() + 4 * (((long) (i / count) * w.T() + t) * w.C());
              for (int c = 0; c < w.C(); c++) {
                float value = inside ? f32(from + 4L * c) : call.fill();
                f32(to + 4 * ((long) c * w.taps() + tap), value);
              }
            }
          }
        });
  }

  /** A task has some entries of dx and looks for the windows that see them. */
  @Override
  public void fold(Fold call) {
    Windows w = call.windows();
    int count = w.count();
    int all = Math.multiplyExact(w.B(), w.T());
    int group = Cut.rows((long) COST * w.C() * w.taps());
    pool.run(
        Cut.tasks(all, group),
        (task, worker) -> {
          int end = (int) Math.min(all, (task + 1L) * group);
          for (int i = task * group; i < end; i++) {
            for (int c = 0; c < w.C(); c++) {
              double sum = 0;
              for (int tap = 0; tap < w.taps(); tap++) {
                int begin = i % w.T() + w.padding() - tap * w.dilation();
                int window = begin / w.stride();
                if (begin >= 0 && begin % w.stride() == 0 && window < count) {
                  long row = (long) (i / w.T()) * count + window;
                  sum += f32(call.dy().address() + 4 * ((row * w.C() + c) * w.taps() + tap));
                }
              }
              long to = call.dx().address() + 4 * ((long) i * w.C() + c);
              f32(to, (float) (call.dx().accumulate() ? f32(to) + sum : sum));
            }
          }
        });
  }
}
