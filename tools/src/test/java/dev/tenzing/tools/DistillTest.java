package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.SelfAttention;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tenzing distill} from end to end on tiny made videos. */
class DistillTest {
  private static final String STUDENT =
      " --model tiny --size 32 --stride 2 --batch 2 --threads 1 --views 1x1 --lr 1e-2";

  @TempDir private static Path data;
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(2, 2, 1, 32, 1).write(data, done -> {});
  }

  private int run(String words) {
    out.reset();
    err.reset();
    List<String> arguments = new ArrayList<>(List.of(words.split(" ")));
    return Main.run(
        arguments.toArray(String[]::new), new PrintStream(out), new PrintStream(err), false);
  }

  private JsonObject json(String words) {
    assertEquals(0, run(words + " --json"), err::toString);
    return Json.read(out.toString()).getAsJsonObject();
  }

  /** A teacher of three classes with learned positions, for clips of another size. */
  private Path teacher(int patch, int classes) throws IOException {
    VitConfig config =
        new VitConfig("teacher", 24, 1, 2, patch, 2, 4, 8, 1, 2, 0.1, 1e-6)
            .withAttention(new SelfAttention.Style(true, true, 0));
    ClipShape clip = ClipShape.square(8, 4 * patch);
    VideoClassifier.Options options = new VideoClassifier.Options(classes, null, true, true, 0, 1);
    Path file = folder.resolve("teacher-" + patch + ".safetensors");
    try (Device device = Device.cpu(1);
        VideoClassifier model =
            new VideoClassifier(config, clip, options, device, Rng.seed(3), false)) {
      ModelFile.write(
          file,
          model.parameters(),
          new ModelDescription(config, clip, 4, new Classification(options)));
    }
    return file;
  }

  private String distill(Path teacher, String output, String more) {
    return "distill --teacher "
        + teacher
        + " --data "
        + data.resolve("train.csv")
        + " --output "
        + folder.resolve(output)
        + STUDENT
        + more;
  }

  @Test
  void aStudentFollowsATeacherOfAnotherKindAndResumes() throws IOException {
    Path teacher = teacher(8, 3);
    String words =
        distill(teacher, "student", " --frames 16 --steps 4 --checkpoint-every 2 --log-every 1")
            + " --temperature 2 --alpha 0.7 --dropout 0.1 --head-dropout 0.1 --val "
            + data.resolve("val.csv");
    JsonObject result = json(words);
    assertTrue(err.toString().contains("teacher: teacher of " + teacher), err::toString);
    assertTrue(err.toString().contains("positions are interpolated"), err::toString);
    assertEquals(2, result.getAsJsonObject("evaluation").get("videos").getAsInt());
    Path run = folder.resolve("student");
    for (String file : List.of("config.yaml", "metrics.jsonl", "report.html")) {
      assertTrue(Files.exists(run.resolve(file)), file);
    }
    try (ModelFile student = ModelFile.open(run)) {
      assertEquals(
          3,
          student.description().classification().orElseThrow().classes(),
          "the teacher's classes");
      assertEquals(
          0.1, student.description().classification().orElseThrow().options().headDropout());
    }
    Path last = run.resolve("checkpoints/step-4");
    byte[] expected = Files.readAllBytes(last.resolve("model.safetensors"));
    try (var files = Files.walk(last)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
    json(words);
    assertTrue(err.toString().contains("continuing from"), err::toString);
    assertArrayEquals(expected, Files.readAllBytes(last.resolve("model.safetensors")));
  }

  @Test
  void withoutLabelsTheTeacherIsEnough() throws IOException {
    Files.writeString(
        data.resolve("unlabelled.csv"),
        Files.readString(data.resolve("train.csv")).replaceAll(" \\d+", ""));
    JsonObject result =
        json(
            distill(teacher(8, 2), "unlabelled", " --steps 1 --unlabelled")
                .replace("train.csv", "unlabelled.csv"));
    assertTrue(result.getAsJsonObject("training").get("loss").getAsDouble() > 0, result::toString);
    assertTrue(err.toString().contains("--frames 8"), "the teacher's clips are the default");
  }

  @Test
  void whatDoesNotFitIsRefusedInOneSentence() throws IOException {
    Path coarse = teacher(24, 2);
    assertEquals(2, run(distill(coarse, "a", " --steps 1")));
    assertTrue(
        err.toString()
            .contains(
                "the teacher cannot see the student's clips: the image size must be a multiple of"
                    + " the patch size 24, got 32 x 32"),
        err::toString);
    Path one = teacher(8, 1);
    assertTrue(run(distill(one, "b", " --steps 1")) != 0);
    assertTrue(err.toString().contains("label"), err::toString);
    assertEquals(2, run(distill(teacher(8, 2), "c", " --steps 1 --alpha 0")));
    assertTrue(err.toString().contains("--alpha must be above 0 and at most 1"), err::toString);
    assertEquals(2, run(distill(teacher(8, 2), "d", " --steps 1 --classes 5")));
    assertTrue(
        err.toString().contains("--classes 5 does not fit the teacher, which has 2"),
        err::toString);
    assertEquals(2, run(distill(teacher(8, 2), "e", " --steps 1 --unlabelled --alpha 0.5")));
    assertTrue(err.toString().contains("--unlabelled leaves no labels"), err::toString);
  }
}
