package dev.tenzing.everest.task.classification;

import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.Batch;
import dev.tenzing.video.load.ClipSource;

/** Top-1 and top-5 accuracy over the videos of a source of clips. */
public final class Evaluation {
  private static final double TINY = 1e-12;

  private Evaluation() {}

  /** Hears how many videos are done. */
  @FunctionalInterface
  public interface Listener {
    /** Called after every batch. */
    void evaluated(int videos, double top1SoFar);
  }

  /**
   * Evaluates every video once.
   *
   * @param clips every video once, all its views together
   * @param protocol how views are made, for the result
   * @throws VideoException when a video cannot be read and none may be left out
   */
  public static EvaluationResult run(
      Scores scores, ClipSource clips, String protocol, Listener listener)
      throws VideoException, VideoListException {
    int classes = scores.classes();
    int[][] confusion = new int[classes][classes];
    int videos = 0;
    int top1 = 0;
    int top5 = 0;
    double loss = 0;
    while (true) {
      try (Batch batch = clips.next()) {
        if (batch == null) {
          break;
        }
        double[][] probability = scores.of(batch.pixels(), batch.paths(), batch.views());
        for (int i = 0; i < batch.size(); i++) {
          int label = batch.labels()[i];
          int rank = rank(probability[i], label);
          top1 += rank == 0 ? 1 : 0;
          top5 += rank < 5 ? 1 : 0;
          loss -= Math.log(Math.max(probability[i][label], TINY));
          confusion[label][best(probability[i])]++;
          videos++;
        }
      }
      listener.evaluated(videos, (double) top1 / videos);
    }
    int count = Math.max(videos, 1);
    return new EvaluationResult(
        videos,
        clips.skipped(),
        (double) top1 / count,
        (double) top5 / count,
        loss / count,
        confusion,
        protocol);
  }

  /** How many classes beat the label; of equal ones the lower class wins. */
  static int rank(double[] probability, int label) {
    int rank = 0;
    for (int c = 0; c < probability.length; c++) {
      if (probability[c] > probability[label]
          || probability[c] == probability[label] && c < label) {
        rank++;
      }
    }
    return rank;
  }

  private static int best(double[] probability) {
    int best = 0;
    for (int c = 1; c < probability.length; c++) {
      if (probability[c] > probability[best]) {
        best = c;
      }
    }
    return best;
  }
}
