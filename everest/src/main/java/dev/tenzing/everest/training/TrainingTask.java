package dev.tenzing.everest.training;

import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.nn.optim.AdamW;
import java.util.Map;

/**
 * What is trained: a model, its loss on a batch, and how it is optimised.
 *
 * @param <T> what the loss compares the model's output with
 */
public interface TrainingTask<T extends Targets> {
  /** Parameters by their official names. */
  Map<String, Tensor> parameters();

  /** The optimiser over these parameters. */
  AdamW optimizer();

  /**
   * What the model sees of a batch.
   *
   * @param pixels U8 [B, T, H, W, 3] of the clips that {@link ModelDescription#loadedClip()} says
   * @param draw random numbers of this batch
   * @return [B, 3, T, H, W]
   */
  Tensor video(Tensor pixels, Masking.Draw draw);

  /** Room for the targets of so many clips. */
  T targets(int clips);

  /**
   * Loss of a batch, recorded on the current step.
   *
   * @param video [B, 3, T, H, W] as {@link #video} makes it; it is closed as soon as its pixels are
   *     embedded, so that activations get its memory
   * @param targets of the clips; the values change from step to step
   * @param draw random numbers of this batch; it moves from step to step
   */
  Tensor loss(Tensor video, T targets, Masking.Draw draw);

  /**
   * Why a step of it cannot be {@linkplain dev.tenzing.engine.Device#capture captured}, or empty
   * when it can: then what {@link #video} and {@link #loss} give to the device is fed to it.
   */
  default String notCapturable() {
    return "";
  }

  /** What a checkpoint says of the model. */
  ModelDescription description();
}
