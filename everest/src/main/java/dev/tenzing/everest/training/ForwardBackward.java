package dev.tenzing.everest.training;

import dev.tenzing.engine.CapturedStep;
import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Readback;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.video.load.Batch;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * Forward and backward of a task's batches; their gradients add up in the parameters.
 *
 * <p>On a device that {@linkplain Device#captures() captures} steps, the first batch runs as it is,
 * the second is captured, and it and all further ones are replays, which have the same bits. There
 * is one capture for each size of a batch, and one more for those that add to the gradients of
 * another (gradient accumulation).
 */
final class ForwardBackward implements AutoCloseable {
  /**
   * What batches have in common that run the same kernels on the same memory.
   *
   * @param clips in the batch
   * @param first whether no gradients have been collected before in this step
   */
  private record Kind(int clips, boolean first) {}

  /** What is known of a kind. */
  private static final class Captured {
    final TrainingPass<?> pass;
    boolean hasRun;
    CapturedStep step;

    Captured(TrainingPass<?> pass) {
      this.pass = pass;
    }
  }

  private final Device device;
  private final TrainingTask<?> task;
  private final float share;
  private final boolean captures;
  private final Map<Kind, Captured> kinds = new HashMap<>();
  private final Rng rng;
  private MemorySegment pixels;

  /**
   * For the batches of a run.
   *
   * @param passes batches whose mean gradient makes a step, those of other processes included
   * @param rng generator of the run
   * @param listener hears why steps are not captured where they could be
   */
  ForwardBackward(
      Device device, TrainingTask<?> task, int passes, Rng rng, TrainingListener listener) {
    this.device = device;
    this.task = task;
    this.share = 1f / passes;
    this.rng = rng;
    this.captures = device.captures() && task.notCapturable().isEmpty();
    if (device.captures() && !captures) {
      listener.note("steps are not captured as a CUDA graph: " + task.notCapturable());
    }
  }

  /**
   * Runs a batch.
   *
   * @param batch clips as the task's description says; its pixels may be overwritten when this
   *     returns
   * @param step of the run
   * @param part which batch of the step it is; the first has no gradients to add to
   * @param firstSample index of the batch's first sample within the step, all ranks together
   * @param losses gets the batch's loss, at the place of its part
   */
  void run(Batch batch, long step, int part, long firstSample, Readback losses) {
    int clips = batch.size() * batch.views();
    Captured kind =
        kinds.computeIfAbsent(
            new Kind(clips, part == 0),
            key -> new Captured(new TrainingPass<>(task, device, clips, share, rng)));
    this.pixels = batch.pixels();
    kind.pass.moveTo(step, firstSample);
    kind.pass.targets().take(batch);
    if (captures && kind.hasRun && kind.step == null) {
      kind.step = device.capture(tape -> kind.pass.run(tape, this::bytes));
    }
    if (kind.step != null) {
      kind.step.replay();
      losses.fetch(part, kind.step.output());
      return;
    }
    try (Step tape = device.step()) {
      losses.fetch(part, kind.pass.run(tape, this::bytes));
    }
    kind.hasRun = true;
  }

  private Tensor bytes(Shape shape) {
    return device.feed(DType.U8, shape, () -> pixels);
  }

  @Override
  public void close() {
    kinds
        .values()
        .forEach(kind -> {
          if (kind.step != null) {
            kind.step.close();
          }
        });
  }
}
