package dev.tenzing.everest.frames;

import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.Pixels;
import java.util.function.IntFunction;

/**
 * From the pixels that a loader gives to the video that a model sees.
 *
 * @param loaded the clips to load
 * @param selector chooses frames of them; null when the model sees all
 */
public record ClipInput(ClipShape loaded, FrameSelector selector) {
  /** Clips as they are. */
  public static ClipInput whole(ClipShape clip) {
    return new ClipInput(clip, null);
  }

  /**
   * Normalises a batch and chooses its frames.
   *
   * @param pixels U8 [B, T, H, W, 3] of loaded clips
   * @param draws random numbers of each sample, asked for only when frames are chosen
   * @return [B, 3, T, H, W] as the model takes it
   */
  public Tensor video(Tensor pixels, IntFunction<Rng.Stream> draws) {
    if (selector == null) {
      return NormalizeVideo.apply(pixels, Pixels.MEAN, Pixels.STD);
    }
    try (Scope scope = pixels.device().scope()) {
      Tensor video = NormalizeVideo.apply(pixels, Pixels.MEAN, Pixels.STD);
      return scope.escape(selector.choose(video, draws).video());
    }
  }
}
