package dev.tenzing.everest.training;

import java.nio.file.Path;

/** Hears how a run goes. */
public interface TrainingListener {
  /** After every step. */
  void stepped(long step, long steps, double loss, double clipsPerSecond, int skipped);

  /** After a checkpoint was saved. */
  default void saved(Path checkpoint) {}

  /** Something people should know, in one sentence. */
  void note(String sentence);
}
