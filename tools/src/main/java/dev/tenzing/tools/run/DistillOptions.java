package dev.tenzing.tools.run;

import dev.tenzing.everest.checkpoint.Hints;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.task.classification.Criterion;
import dev.tenzing.everest.task.classification.TeacherCriterion;
import dev.tenzing.nn.loss.Distillation;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Heading;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.video.list.VideoList;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options that only distillation has. */
@Heading("Distillation")
public final class DistillOptions {
  /** The teacher. */
  @Option(
      names = "--teacher",
      required = true,
      paramLabel = "CKPT",
      description = "run or checkpoint of any format with the classifier to learn from")
  public Path teacher;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      paramLabel = "T",
      description =
          "divides the logits of both, so that more of the classes not chosen shows (default:"
              + " ${DEFAULT-VALUE})")
  private double temperature;

  @Option(
      names = "--alpha",
      defaultValue = "1",
      description =
          "the teacher's share of the loss; the rest is that of the labels (default:"
              + " ${DEFAULT-VALUE})")
  private double alpha;

  @Option(
      names = "--unlabelled",
      description = "the list has no labels, as for pretrain; the teacher alone is followed")
  private boolean unlabelled;

  /** Rejects impossible values. */
  void check() {
    if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new UsageException("--temperature must be above 0, got " + temperature);
    }
    if (!(alpha > 0 && alpha <= 1)) {
      throw new UsageException("--alpha must be above 0 and at most 1, got " + alpha);
    }
    if (unlabelled && alpha < 1) {
      throw new UsageException("--unlabelled leaves no labels for the rest of --alpha " + alpha);
    }
  }

  /** Whether the list must have labels. */
  VideoList.Labels labels() {
    return unlabelled ? VideoList.Labels.OPTIONAL : VideoList.Labels.REQUIRED;
  }

  /**
   * Opens the teacher as a model of the student's clips, which it decides where neither options nor
   * the student's checkpoint do.
   *
   * @param student the student's checkpoint, or null
   * @throws UsageException when it holds no classifier or cannot see such clips
   */
  ModelFile open(ModelFile student, DataOptions data, Console console) {
    if (student != null) {
      data.settle(student).ifPresent(console::note);
    } else {
      try (ModelFile own = ModelFile.open(teacher)) {
        data.settle(own).ifPresent(console::note);
      }
    }
    ClipShape clip = ClipShape.square(data.frames, data.size);
    ModelFile file;
    try {
      file =
          ModelFile.open(teacher, new Hints(null, null, clip.frames(), clip.height(), null, null));
    } catch (IllegalArgumentException e) {
      throw unseen(e);
    }
    try {
      ModelDescription description = file.description();
      Classification known =
          description
              .classification()
              .orElseThrow(() ->
                  new UsageException(
                      "--teacher %s holds a model without a classifier; run finetune first"
                          .formatted(teacher)));
      try {
        known.options().keptTokens(clip.grid(description.config()));
      } catch (IllegalArgumentException e) {
        throw unseen(e);
      }
      return file;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static UsageException unseen(IllegalArgumentException e) {
    return new UsageException("the teacher cannot see the student's clips: " + e.getMessage());
  }

  /** The loss of a student of this teacher. */
  Criterion criterion(VideoClassifier model, double smoothing) {
    return new TeacherCriterion(
        model, new Distillation(temperature), alpha, Criterion.labels(smoothing));
  }
}
