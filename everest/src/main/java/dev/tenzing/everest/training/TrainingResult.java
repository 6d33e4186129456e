package dev.tenzing.everest.training;

import java.nio.file.Path;

/**
 * What a run came to.
 *
 * @param steps steps done in all
 * @param plannedSteps steps of the whole run: more when it was stopped before its end
 * @param loss loss of the last logged step
 * @param clipsPerSecond clips a second over this process's steps but the first; see {@link
 *     ClipRate}
 * @param seconds seconds this process trained
 * @param dataWaitMs milliseconds a step spent waiting for clips
 * @param peakMemoryMib most device memory in use
 * @param skipped videos that could not be read
 * @param checkpoint the last checkpoint
 */
public record TrainingResult(
    long steps,
    long plannedSteps,
    double loss,
    double clipsPerSecond,
    double seconds,
    double dataWaitMs,
    double peakMemoryMib,
    int skipped,
    Path checkpoint) {
  /** Whether the run reached its end. */
  public boolean finished() {
    return steps >= plannedSteps;
  }
}
