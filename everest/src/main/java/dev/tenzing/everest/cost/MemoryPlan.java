package dev.tenzing.everest.cost;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.training.ClipLabels;
import dev.tenzing.everest.training.TrainingTask;

/**
 * Bytes of tensors that training takes at its peak, by what they are for; the parts up to the
 * workspace add up to {@link #peak()}.
 *
 * <p>The plan is not computed from formulas: the task itself is run for a few steps on {@link
 * Device#meta()}, which has shapes but no values. So it knows what the tape keeps, when backward
 * releases it and how the allocator rounds, and stays right when one of them changes.
 *
 * @param weights parameters
 * @param gradients their gradients
 * @param optimizer moments of AdamW
 * @param positions tables of positions, which are no parameters
 * @param input pixels of a batch, with those of frames that are not chosen, and normalised clips
 * @param activations what the forward leaves for the backward
 * @param workspace what the backward takes on top at its highest point
 * @param reserved what the allocator takes from the system, with blocks that wait to be used again
 */
public record MemoryPlan(
    long weights,
    long gradients,
    long optimizer,
    long positions,
    long input,
    long activations,
    long workspace,
    long reserved) {
  /**
   * A block that comes back to the allocator may serve a smaller request in the next step, so the
   * steps after the first can take a little more; after some nothing changes any more.
   */
  private static final int STEPS = 4;

  /** Masks of a batch are made on the host, in arrays. */
  private static final long MOST_TOKENS = 1 << 26;

  /**
   * The plan of training a model in F32.
   *
   * @see #of(ModelDescription, int, boolean, Precision)
   */
  public static MemoryPlan of(ModelDescription model, int batch, boolean recompute) {
    return of(model, batch, recompute, Precision.FP32);
  }

  /**
   * The plan of training a model.
   *
   * @param model what is trained and how
   * @param batch clips of a forward pass
   * @param recompute whether blocks run again in the backward instead of keeping their activations
   * @param precision of the device
   * @throws IllegalArgumentException when the clip, the mask or the batch is impossible
   */
  public static MemoryPlan of(
      ModelDescription model, int batch, boolean recompute, Precision precision) {
    int tokens = model.loadedClip().grid(model.config()).tokens();
    if (batch < 1 || (long) batch * tokens > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "a batch of %d clips of %d tokens is %s"
              .formatted(batch, tokens, batch < 1 ? "empty" : "too large"));
    }
    try (Device device = Device.meta(precision)) {
      TrainingTask task = MetaTask.of(model, device, recompute);
      long weights = weights(task);
      long start = device.memory().current();
      step(task, 0, batch, device);
      long gradients = device.memory().current() - start;
      task.optimizer().update(0, 0);
      long optimizer = device.memory().current() - start - gradients;
      Usage most = step(task, 1, batch, device);
      for (int i = 2; i < STEPS; i++) {
        task.optimizer().update(0, 0);
        Usage usage = step(task, i, batch, device);
        most = usage.peak() > most.peak() ? usage : most;
      }
      return new MemoryPlan(
          weights,
          gradients,
          optimizer,
          start - weights,
          most.input() - most.before(),
          most.forward() - most.input(),
          most.peak() - most.forward(),
          device.memory().reserved());
    }
  }

  /** Bytes in use: before a step, with its input, after its forward, and at most. */
  private record Usage(long before, long input, long forward, long peak) {}

  /** A step as {@link dev.tenzing.everest.training.Trainer} makes it. */
  private static Usage step(TrainingTask task, int index, int batch, Device device) {
    ClipShape clip = task.description().loadedClip();
    Masking.Draw draw = new Masking.Draw(Rng.seed(0), index, 0);
    task.optimizer().clearGradients();
    device.resetPeakMemory();
    long before = device.memory().current();
    try (Step tape = device.step()) {
      Shape frames = Shape.of(batch, clip.frames(), clip.height(), clip.width(), 3);
      Tensor video = task.video(device.empty(DType.U8, frames), draw);
      long input = device.memory().current();
      Tensor loss = task.loss(video, ClipLabels.of(new int[batch]), draw);
      long forward = device.memory().current();
      tape.backward(loss, device.full(loss.shape(), 1f));
      return new Usage(before, input, forward, device.memory().peak());
    }
  }

  private static long weights(TrainingTask task) {
    try (Device device = Device.meta()) {
      task.parameters()
          .values()
          .forEach(parameter -> device.persistent(DType.F32, parameter.shape()));
      return device.memory().current();
    }
  }

  /** Bytes at the highest point. */
  public long peak() {
    return weights + gradients + optimizer + positions + input + activations + workspace;
  }
}
