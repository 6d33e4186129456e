package dev.tenzing.tools.run;

import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.task.classification.Evaluation;
import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.task.classification.Scores;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.LabelMap;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.Catalog;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.sample.Sampling;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Accuracy of a classifier on a list.
 *
 * @param list its videos, with labels
 * @param views views of each video
 * @param decodeThreads threads that decode ahead
 * @param clipsAtOnce views that go through the model together
 * @param allowSkips whether unreadable videos are left out instead of failing the evaluation
 * @param map class of the model by label of the list; null when they are the same
 * @param skips log of unreadable videos
 */
public record EvaluationRun(
    VideoList list,
    Views views,
    int decodeThreads,
    int clipsAtOnce,
    boolean allowSkips,
    LabelMap map,
    SkipLog skips) {
  /** Evaluates {@code model} on clips as its description says. */
  public EvaluationResult run(VideoClassifier model, ModelDescription description, Console console)
      throws IOException, VideoException, VideoListException {
    ClipShape clip = description.clip();
    Sampling sampling = description.loaded(description.sampler());
    ClipPolicy policy =
        ClipPolicy.testing(sampling, clip.height(), views.segments(), views.crops());
    String protocol = "%s, %s views of %s px".formatted(sampling.label(), views, clip.height());
    list.notes().forEach(console::note);
    skips.notes().forEach(console::note);
    console.note("evaluation: " + list.summary());
    Catalog catalog = Catalog.of(list);
    catalog.notes().forEach(console::note);
    if (!allowSkips) {
      refuseKnownBad(catalog);
    }
    try (Progress progress = console.progress("evaluate", list.videos().size());
        ClipLoader loader =
            ClipLoader.of(list, policy)
                .batch(1)
                .singlePass()
                .threads(decodeThreads)
                .skipLog(skips)
                .catalog(catalog)
                .open()) {
      EvaluationResult result =
          Evaluation.run(
              new Scores(
                  model,
                  description.input(model::tokens),
                  clipsAtOnce,
                  map == null ? null : map.classes()),
              loader,
              protocol,
              (videos, top1) ->
                  progress.update(
                      videos,
                      (long) videos * views.count(),
                      skips.count(),
                      String.format(Locale.ROOT, "top-1 %.1f %%", 100 * top1)));
      if (skips.count() > 0 && !allowSkips) {
        console.note("of those that can be read: " + toLine(result));
        throw unreadable(skips.count(), skips.skipped().getFirst());
      }
      return result;
    }
  }

  /** Fails before anything is computed where an index or the lack of a file tells it already. */
  private void refuseKnownBad(Catalog catalog) {
    List<VideoException> bad =
        list.videos().stream()
            .map(video -> catalog.defect(video.path()))
            .filter(Objects::nonNull)
            .toList();
    if (!bad.isEmpty()) {
      throw unreadable(bad.size(), bad.getFirst());
    }
  }

  private FailureException unreadable(int count, VideoException first) {
    return new FailureException(
        "%s of %s videos cannot be read, so the accuracy would not be that of the list (first: %s); repair the list or give --allow-skips"
            .formatted(count, list.videos().size(), first.getMessage()));
  }

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

  /** One line for people. */
  public static String toLine(EvaluationResult result) {
    return String.format(
        Locale.ROOT,
        "top-1 %.2f %%, top-5 %.2f %% of %d videos (%s), %d skipped",
        100 * result.top1(),
        100 * result.top5(),
        result.videos(),
        result.protocol(),
        result.skipped());
  }
}
