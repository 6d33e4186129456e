package dev.tenzing.everest.training;

import dev.tenzing.engine.CapturedStep;
import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Readback;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.model.ClipShape;
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

  /** What is known of a kind; the labels are those of the present batch. */
  private static final class Captured {
    final ClipLabels labels;
    boolean hasRun;
    CapturedStep step;

    Captured(int clips) {
      labels = new ClipLabels(new int[clips], new int[clips], new float[clips]);
    }
  }

  private final Device device;
  private final TrainingTask task;
  private final float share;
  private final boolean captures;
  private final Map<Kind, Captured> kinds = new HashMap<>();
  private final Masking.Draw draw;
  private MemorySegment pixels;

  /**
   * For the batches of a run.
   *
   * @param passes batches whose mean gradient makes a step, those of other processes included
   * @param rng generator of the run
   * @param listener hears why steps are not captured where they could be
   */
  ForwardBackward(
      Device device, TrainingTask task, int passes, Rng rng, TrainingListener listener) {
    this.device = device;
    this.task = task;
    this.share = 1f / passes;
    this.draw = new Masking.Draw(rng, 0, 0);
    this.captures = device.captures() && task.notCapturable().isEmpty();
    if (device.captures() && !captures) {
      listener.note("steps are not captured as a CUDA graph: " + task.notCapturable());
    }
  }

  /**
   * Runs a batch.
   *
   * @param pixels U8 [B, T, H, W, 3] of the clips that the task's description says; they may be
   *     overwritten when this returns
   * @param labels of the clips
   * @param step of the run
   * @param firstSample index of the batch's first sample within the step, all ranks together
   * @param losses gets the batch's loss
   * @param part number of the batch within the step, and the place of its loss
   */
  void run(
      MemorySegment pixels,
      ClipLabels labels,
      long step,
      long firstSample,
      Readback losses,
      int part) {
    int clips = labels.own().length;
    Captured kind = kinds.computeIfAbsent(new Kind(clips, part == 0), key -> new Captured(clips));
    this.pixels = pixels;
    draw.moveTo(step, firstSample);
    kind.labels.set(labels);
    if (captures && kind.hasRun && kind.step == null) {
      kind.step = device.capture(tape -> pass(tape, kind.labels));
    }
    if (kind.step != null) {
      kind.step.replay();
      losses.fetch(part, kind.step.output());
      return;
    }
    try (Step tape = device.step()) {
      losses.fetch(part, pass(tape, kind.labels));
    }
    kind.hasRun = true;
  }

  private Tensor pass(Step tape, ClipLabels labels) {
    ClipShape clip = task.description().loadedClip();
    long clips = labels.own().length;
    Shape shape = Shape.of(clips, clip.frames(), clip.height(), clip.width(), 3);
    Tensor video;
    try (Tensor bytes = device.feed(DType.U8, shape, () -> pixels)) {
      video = task.video(bytes, draw);
    }
    Tensor loss = task.loss(video, labels, draw);
    tape.backward(loss, device.full(loss.shape(), share));
    return loss;
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
