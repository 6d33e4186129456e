package dev.tenzing.everest.training;

import dev.tenzing.video.load.Batch;

/**
 * What a task asks the model for in the clips of a batch, made of their annotations. It is room for
 * a number of clips in host memory, padded where clips have different numbers of things, and filled
 * for each batch anew: so a step that is captured as a graph reads the same arrays at each replay.
 */
public interface Targets {
  /** Takes what the clips of a batch show, which are as many as there is room for. */
  void take(Batch batch);
}
