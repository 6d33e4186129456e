package dev.tenzing.everest.task.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.frames.ClipInput;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.Batch;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.synth.SyntheticActions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationTest {
  private static final ClipShape CLIP = new ClipShape(4, 16, 16);
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 2, 3, 8, 2, 4, 8, 1, 2, 0, 1e-6);
  private static final int CLASSES = 7;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"0, 4", "1, 0", "2, 2", "3, 1", "4, 3", "5, 5"})
  void aRankCountsTheClassesThatAreBetterAndOfEqualOnesTheLower(int label, int rank) {
    double[] probability = {0.02, 0.4, 0.1, 0.3, 0.1, 0.01};
    // Classes 2 and 4 are equal; 0 comes after 1, 3, 2 and 4.
    assertEquals(rank, Evaluation.rank(probability, label));
  }

  /** Accuracy, loss and confusion of six videos, two of a batch, one of them unreadable. */
  @Test
  void countsWhatTheScoresSay() throws Exception {
    new SyntheticActions(2, 3, 0, 48, 1).write(folder, done -> {});
    Files.delete(folder.resolve("classes.txt")); // Each video has a class of its own here.
    StringBuilder lines = new StringBuilder();
    List<Path> files = new ArrayList<>();
    try (var found = Files.walk(folder)) {
      found.filter(file -> file.toString().endsWith(".mp4")).sorted().forEach(files::add);
    }
    for (int i = 0; i < files.size(); i++) {
      lines.append("%s %s\n".formatted(folder.relativize(files.get(i)), i));
    }
    lines.append("broken.mp4 6\n");
    Files.writeString(folder.resolve("broken.mp4"), "no video\n".repeat(300));
    Path lists = Files.createDirectory(folder.resolve("lists")); // where no classes.txt is
    Path list = Files.writeString(lists.resolve("list.csv"), lines);
    VideoList videos = VideoList.read(list, folder, VideoList.Labels.REQUIRED, CLASSES);
    ClipPolicy policy = ClipPolicy.testing(CLIP.frames(), 2, CLIP.height(), 2, 1);
    try (Device device = Device.cpu(1);
        VideoClassifier model =
            new VideoClassifier(
                CONFIG,
                CLIP,
                new VideoClassifier.Options(CLASSES, null, true, false, 0, 30),
                device,
                Rng.seed(2),
                false)) {
      Scores scores = new Scores(model, ClipInput.whole(CLIP), 3);
      int[][] confusion = new int[CLASSES][CLASSES];
      double loss = 0;
      double top1 = 0;
      double top5 = 0;
      try (ClipLoader loader =
          ClipLoader.of(videos, policy).batch(1).singlePass().skipLog(new SkipLog(null)).open()) {
        for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
          double[] row = scores.of(batch.pixels(), batch.paths(), batch.views())[0];
          int label = batch.labels()[0];
          List<Integer> order =
              IntStream.range(0, CLASSES)
                  .boxed()
                  .sorted((a, b) -> Double.compare(row[b], row[a]))
                  .toList();
          loss -= Math.log(row[label]) / files.size();
          top1 += order.getFirst() == label ? 1.0 / files.size() : 0;
          top5 += order.indexOf(label) < 5 ? 1.0 / files.size() : 0;
          confusion[label][order.getFirst()]++;
          batch.close();
        }
      }
      SkipLog skips = new SkipLog(null);
      List<Integer> heard = new ArrayList<>();
      EvaluationResult result;
      try (ClipLoader loader =
          ClipLoader.of(videos, policy).batch(2).singlePass().skipLog(skips).open()) {
        result = Evaluation.run(scores, loader, "here", (done, top1SoFar) -> heard.add(done));
      }
      assertEquals(6, result.videos());
      assertEquals(1, result.skipped());
      assertEquals(List.of(2, 4, 6), heard);
      assertEquals(top1, result.top1(), 1e-9);
      assertEquals(top5, result.top5(), 1e-9);
      assertEquals(loss, result.loss(), 1e-5);
      assertArrayEquals(confusion, result.confusion());
      assertEquals("here", result.protocol());
    }
  }
}
