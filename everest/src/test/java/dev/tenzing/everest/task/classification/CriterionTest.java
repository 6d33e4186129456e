package dev.tenzing.everest.task.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.nn.loss.Distillation;
import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.Batch;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.synth.SyntheticActions;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses of batches, computed here in doubles. */
class CriterionTest {
  private static final float[] LOGITS = {1, -2, 0.5f, 0.25f, 3, -1};
  private static final float[] TEACHER = {2, 0, -1, 0, 1, 1};

  private static double[] softmax(float[] logits, int row, double temperature) {
    double[] exp = new double[3];
    for (int c = 0; c < 3; c++) {
      exp[c] = Math.exp(logits[3 * row + c] / temperature);
    }
    double sum = Arrays.stream(exp).sum();
    return Arrays.stream(exp).map(e -> e / sum).toArray();
  }

  /** Cross entropy with a share of the label, a share of another, both smoothed. */
  private static double mixed(int row, int own, int other, double share, double smoothing) {
    double[] p = softmax(LOGITS, row, 1);
    double loss = 0;
    for (int c = 0; c < 3; c++) {
      double target = smoothing / 3;
      target += c == own ? (1 - smoothing) * share : 0;
      target += c == other ? (1 - smoothing) * (1 - share) : 0;
      loss -= target * Math.log(p[c]);
    }
    return loss;
  }

  private static double divergence(int row, double temperature) {
    double[] teacher = softmax(TEACHER, row, temperature);
    double[] student = softmax(LOGITS, row, temperature);
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      sum += teacher[c] * Math.log(teacher[c] / student[c]);
    }
    return temperature * temperature * sum;
  }

  private static double loss(Criterion criterion, ClipLabels labels) {
    try (Device device = Device.cpu(1);
        Scope scope = device.scope()) {
      Tensor logits = device.tensor(Shape.of(2, 3), LOGITS);
      Tensor teacher = device.tensor(Shape.of(2, 3), TEACHER);
      return criterion.loss(logits, teacher, labels).item();
    }
  }

  @Test
  void labelsAreMixedByTheirShares() {
    ClipLabels labels = new ClipLabels(new int[] {2, 0}, new int[] {1, 2}, new float[] {0.75f, 1});
    assertEquals(
        (mixed(0, 2, 1, 0.75, 0.1) + mixed(1, 0, 2, 1, 0.1)) / 2,
        loss(Criterion.labels(0.1), labels),
        1e-6);
    assertEquals(
        (mixed(0, 1, 1, 1, 0) + mixed(1, 2, 2, 1, 0)) / 2,
        loss(Criterion.labels(0), ClipLabels.of(1, 2)),
        1e-6);
  }

  @Test
  void theTeachersShareIsAlphaAndTheLabelsHaveTheRest() {
    double divergence = (divergence(0, 2) + divergence(1, 2)) / 2;
    double labels = (mixed(0, 1, 1, 1, 0.1) + mixed(1, 2, 2, 1, 0.1)) / 2;
    for (double alpha : new double[] {0.2, 0.7, 1}) {
      Criterion criterion =
          new TeacherCriterion(null, new Distillation(2), alpha, Criterion.labels(0.1));
      assertEquals(
          alpha * divergence + (1 - alpha) * labels, loss(criterion, ClipLabels.of(1, 2)), 1e-6);
    }
    for (double alpha : new double[] {0, -0.1, 1.1, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new TeacherCriterion(null, new Distillation(2), alpha, Criterion.labels(0)));
    }
  }

  @Test
  void everyViewHasItsVideosLabelAndItsPartnersOther(@TempDir Path folder) throws Exception {
    new SyntheticActions(3, 1, 1, 32, 1).write(folder, done -> {});
    VideoList list =
        VideoList.read(folder.resolve("train.csv"), null, VideoList.Labels.REQUIRED, 3);
    try (ClipLoader loader =
            ClipLoader.of(list, ClipPolicy.testing(2, 2, 16, 2, 1))
                .mixing(new Mixing(0.8, 0, 1, 0, Mixing.Mode.ELEM))
                .batch(2)
                .seed(3)
                .skipLog(new SkipLog(null))
                .open();
        Batch batch = loader.next()) {
      int[] videos = batch.labels();
      ClipLabels labels = ClipLabels.room(4);
      labels.take(batch);
      assertArrayEquals(new int[] {videos[0], videos[0], videos[1], videos[1]}, labels.own());
      // Clips are mixed in pairs from both ends.
      assertArrayEquals(new int[] {videos[1], videos[1], videos[0], videos[0]}, labels.other());
      assertArrayEquals(batch.mix().shares(), labels.shares());
    }
  }
}
