package dev.tenzing.everest.cost;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Step;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.task.Tasks;
import dev.tenzing.everest.training.TrainingPass;
import dev.tenzing.everest.training.TrainingTask;
import java.util.function.UnaryOperator;

/**
 * Bytes of tensors that training takes at its peak, by what they are for. Weights, moments,
 * positions, activations and workspace add up to the peak; input does not, because activations take
 * its memory, nor do gradients, which take that of activations, except where several passes make a
 * step.
 *
 * <p>The plan is not computed from formulas: the task itself is run for a few steps on {@link
 * Device#meta()}, which has shapes but no values. So it knows what the tape keeps, when backward
 * releases it and how the allocator rounds, and stays right when one of them changes.
 *
 * @param weights parameters
 * @param gradients their gradients: each takes memory that activations have left, and gives it back
 *     when the weights have been updated
 * @param optimizer moments of AdamW
 * @param positions tables of positions, which are no parameters
 * @param input pixels of a batch, with those of frames that are not chosen, and normalised clips;
 *     given back when they are embedded
 * @param activations what the forward leaves for the backward, with the pixels to predict
 * @param workspace what the step takes on top at its highest point
 * @param peak bytes at the highest point
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
    long peak,
    long reserved) {
  /**
   * A block that comes back to the allocator may serve a smaller request in the next step, so the
   * steps after the first can take a little more; after some nothing changes any more.
   */
  private static final int STEPS = 4;

  /** Masks of a batch are made on the host, in arrays. */
  private static final long MOST_TOKENS = 1 << 26;

  /**
   * The plan of training a model.
   *
   * @param model what is trained and how
   * @param batch clips of a forward pass
   * @param accumulates whether the gradients of several passes make a step, so that those of one
   *     are there during the forward of the next
   * @param recompute whether blocks run again in the backward instead of keeping their activations
   * @param activations the device's type of {@linkplain Device#activations() activations}
   * @throws IllegalArgumentException when the clip, the mask or the batch is impossible
   */
  public static MemoryPlan of(
      ModelDescription model,
      int batch,
      boolean accumulates,
      boolean recompute,
      DType activations) {
    int tokens = model.loadedClip().grid(model.config()).tokens();
    if (batch < 1 || (long) batch * tokens > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "a batch of %s clips of %s tokens is %s"
              .formatted(batch, tokens, batch < 1 ? "empty" : "too large"));
    }
    try (Device device = Device.meta(activations)) {
      TrainingTask<?> task =
          Tasks.of(model, UnaryOperator.identity(), device, Rng.seed(0), recompute);
      long weights = weights(task);
      long start = device.memory().current();
      TrainingPass<?> pass = new TrainingPass<>(task, device, batch, 1, Rng.seed(0));
      pass(pass, 0, device);
      long gradients = device.memory().current() - start;
      task.optimizer().update(0, 0);
      task.optimizer().clearGradients();
      long optimizer = device.memory().current() - start;
      Usage most = null;
      for (int i = 1; i < STEPS; i++) {
        if (accumulates) {
          pass(pass, i, device);
        }
        Usage usage = pass(pass, i, device);
        most = most == null || usage.peak() > most.peak() ? usage : most;
        task.optimizer().update(0, 0);
        task.optimizer().clearGradients();
      }
      return new MemoryPlan(
          weights,
          gradients,
          optimizer,
          start - weights,
          most.input() - most.before(),
          most.forward() - most.before(),
          most.peak() - most.forward(),
          most.peak(),
          device.memory().reserved());
    }
  }

  /** Bytes in use: before a pass, with its input, after its forward, and at most. */
  private record Usage(long before, long input, long forward, long peak) {}

  private static Usage pass(TrainingPass<?> pass, int index, Device device) {
    pass.moveTo(index, 0);
    device.resetPeakMemory();
    long before = device.memory().current();
    long[] at = new long[2];
    TrainingPass.Observer observer =
        new TrainingPass.Observer() {
          @Override
          public void video() {
            at[0] = device.memory().current();
          }

          @Override
          public void loss() {
            at[1] = device.memory().current();
          }
        };
    try (Step tape = device.step()) {
      pass.run(tape, shape -> device.empty(DType.U8, shape), observer);
      return new Usage(before, at[0], at[1], device.memory().peak());
    }
  }

  private static long weights(TrainingTask<?> task) {
    try (Device device = Device.meta()) {
      task.parameters()
          .values()
          .forEach(parameter -> device.persistent(DType.F32, parameter.shape()));
      return device.memory().current();
    }
  }
}
