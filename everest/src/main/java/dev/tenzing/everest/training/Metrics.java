package dev.tenzing.everest.training;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is logged of a step.
 *
 * @param step steps done
 * @param epoch epochs done, with its fraction
 * @param loss mean loss since the last logged step
 * @param lr learning rate of the schedule
 * @param gradNorm global gradient norm before clipping, of this step
 * @param clipsPerSecond clips trained on a second since the last logged step
 * @param dataWaitMs milliseconds a step that the trainer waited for clips
 * @param memoryMib most device memory in use so far
 */
public record Metrics(
    long step,
    double epoch,
    double loss,
    double lr,
    double gradNorm,
    double clipsPerSecond,
    double dataWaitMs,
    double memoryMib) {
  /** The values by the names they have in {@code metrics.jsonl}. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("step", step);
    map.put("epoch", round(epoch, 1e4));
    map.put("loss", loss);
    map.put("lr", lr);
    map.put("grad_norm", gradNorm);
    map.put("clips_per_s", round(clipsPerSecond, 1e3));
    map.put("data_wait_ms", round(dataWaitMs, 1e3));
    map.put("memory_mib", round(memoryMib, 10));
    return map;
  }

  private static double round(double value, double unit) {
    return Math.round(value * unit) / unit;
  }
}
