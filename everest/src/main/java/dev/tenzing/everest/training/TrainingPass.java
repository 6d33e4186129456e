package dev.tenzing.everest.training;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.model.ClipShape;
import java.util.function.Function;

/**
 * One pass of a task over a batch: pixels to video, video to loss, and backward. Gradients add up
 * in the parameters.
 *
 * @param <T> targets of the task
 */
public final class TrainingPass<T extends Targets> {
  /** Looks at a pass between its parts. */
  public interface Observer {
    /** Looks at nothing. */
    Observer NONE = new Observer() {};

    /** Called when there is a video, and its pixels are still there. */
    default void video() {}

    /** Called when there is a loss. */
    default void loss() {}
  }

  private final TrainingTask<T> task;
  private final Device device;
  private final Shape shape;
  private final float share;
  private final Masking.Draw draw;
  private final T targets;

  /**
   * Passes of one size.
   *
   * @param clips of a batch
   * @param share of a batch's gradient in that of the step
   * @param rng generator of the run
   */
  public TrainingPass(TrainingTask<T> task, Device device, int clips, float share, Rng rng) {
    this.task = task;
    this.device = device;
    ClipShape clip = task.description().loadedClip();
    this.shape = Shape.of(clips, clip.frames(), clip.height(), clip.width(), 3);
    this.share = share;
    this.draw = new Masking.Draw(rng, 0, 0);
    this.targets = task.targets(clips);
  }

  /** The targets of the present batch. */
  public T targets() {
    return targets;
  }

  /**
   * Goes to another batch.
   *
   * @param step of the run
   * @param firstSample index of the batch's first sample within the step
   */
  public void moveTo(long step, long firstSample) {
    draw.moveTo(step, firstSample);
  }

  /**
   * Runs it.
   *
   * @param pixels makes U8 [B, T, H, W, 3], which is closed when there is a video of it
   * @return the loss [], which a captured step computes anew at each replay
   */
  public Tensor run(Step tape, Function<Shape, Tensor> pixels) {
    return run(tape, pixels, Observer.NONE);
  }

  /** {@link #run(Step, Function)} with somebody who looks at it. */
  public Tensor run(Step tape, Function<Shape, Tensor> pixels, Observer observer) {
    Tensor video;
    try (Tensor bytes = pixels.apply(shape)) {
      video = task.video(bytes, draw);
      observer.video();
    }
    Tensor loss = task.loss(video, targets, draw);
    observer.loss();
    tape.backward(loss, device.full(loss.shape(), share));
    return loss;
  }
}
