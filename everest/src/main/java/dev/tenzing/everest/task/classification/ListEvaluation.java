package dev.tenzing.everest.task.classification;

import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
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
import java.util.List;
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
public record ListEvaluation(
    VideoList list,
    Views views,
    int decodeThreads,
    int clipsAtOnce,
    boolean allowSkips,
    LabelMap map,
    SkipLog skips) {
  /** Hears how an evaluation goes. */
  @FunctionalInterface
  public interface Listener {
    /** Something people should know, in one sentence. */
    void note(String sentence);

    /** It begins. */
    default void evaluates(int videos) {}

    /** So many videos are done. */
    default void evaluated(int videos, int clips, int skipped, double top1SoFar) {}

    /** It is over, however it went. */
    default void evaluationEnds() {}
  }

  /** Evaluates {@code model} on clips as its description says. */
  public EvaluationResult run(
      VideoClassifier model, ModelDescription description, Listener listener)
      throws IOException, VideoException, VideoListException {
    ClipShape clip = description.clip();
    Sampling sampling = description.loaded(description.sampler());
    ClipPolicy policy =
        ClipPolicy.testing(sampling, clip.height(), views.segments(), views.crops());
    String protocol = "%s, %s views of %s px".formatted(sampling.label(), views, clip.height());
    list.notes().forEach(listener::note);
    skips.notes().forEach(listener::note);
    listener.note("evaluation: " + list.summary());
    Catalog catalog = Catalog.of(list);
    catalog.notes().forEach(listener::note);
    if (!allowSkips) {
      refuseKnownBad(catalog);
    }
    listener.evaluates(list.videos().size());
    try (ClipLoader loader =
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
                  listener.evaluated(videos, videos * views.count(), skips.count(), top1));
      if (skips.count() > 0 && !allowSkips) {
        listener.note("of those that can be read: " + result.toLine());
        throw unreadable(skips.count(), skips.skipped().getFirst());
      }
      return result;
    } finally {
      listener.evaluationEnds();
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

  private EvaluationException unreadable(int count, VideoException first) {
    return new EvaluationException(
        "%s of %s videos cannot be read, so the accuracy would not be that of the list (first: %s); repair the list or give --allow-skips"
            .formatted(count, list.videos().size(), first.getMessage()));
  }
}
