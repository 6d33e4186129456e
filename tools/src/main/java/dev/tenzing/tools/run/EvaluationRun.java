package dev.tenzing.tools.run;

import dev.tenzing.everest.task.classification.EvaluationResult;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is printed of an evaluation. */
public final class EvaluationRun {
  private EvaluationRun() {}

  /** What {@code --json} prints of a result. */
  public static Map<String, Object> toMap(EvaluationResult result) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("top1", result.top1());
    map.put("top5", result.top5());
    map.put("videos", result.videos());
    map.put("skipped", result.skipped());
    map.put("loss", result.loss());
    map.put("protocol", result.protocol());
    map.put("confusion", result.confusion());
    return map;
  }
}
