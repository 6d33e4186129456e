package dev.tenzing.everest.training;

import java.nio.file.Path;

/** Hears how a run goes. */
public interface TrainingListener {
  /**
   * After every step.
   *
   * @param clipsPerSecond of this process so far, without its first steps; see {@link ClipRate}
   */
  void stepped(long step, long steps, double loss, double clipsPerSecond, int skipped);

  /** After a checkpoint was saved. */
  default void saved(Path checkpoint) {}

  /** Asked after every step: whether to save a checkpoint and end here. */
  default boolean stops() {
    return false;
  }

  /** Something people should know, in one sentence. */
  void note(String sentence);
}
