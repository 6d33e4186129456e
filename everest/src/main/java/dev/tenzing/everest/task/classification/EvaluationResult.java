package dev.tenzing.everest.task.classification;

import java.util.Locale;

/**
 * Accuracy over a list of videos.
 *
 * @param videos videos that were evaluated
 * @param skipped videos that could not be read
 * @param top1 share of videos whose best class is the label, 0 to 1
 * @param top5 share of videos whose label is among the five best classes, 0 to 1
 * @param loss mean negative log-probability of the label
 * @param confusion videos by [label][predicted class]
 * @param protocol how it was measured, such as {@code 16 frames x stride 4, 5 x 3 views of 224 px}
 */
public record EvaluationResult(
    int videos,
    int skipped,
    double top1,
    double top5,
    double loss,
    int[][] confusion,
    String protocol) {
  /** One line for people. */
  public String toLine() {
    return String.format(
        Locale.ROOT,
        "top-1 %.2f %%, top-5 %.2f %% of %d videos (%s), %d skipped",
        100 * top1,
        100 * top5,
        videos,
        protocol,
        skipped);
  }
}
