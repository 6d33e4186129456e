package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tenzing.engine.cpu.KernelChoice;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.tools.cli.YamlConfig;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The training commands from end to end on tiny made videos, one of them broken. */
class TrainingCommandsTest {
  private static final String TINY =
      "--model tiny --size 32 --stride 2 --batch 2 --threads 1 --log-every 1";

  @TempDir private static Path data;
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(2, 2, 1, 32, 1).write(data, done -> {});
    Files.writeString(data.resolve("videos/broken.mp4"), "no video");
    Files.writeString(
        data.resolve("broken.csv"),
        Files.readString(data.resolve("train.csv")) + "videos/broken.mp4 1\n");
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

  private String runFolder(String name) {
    return folder.resolve(name).toString();
  }

  private String pretrain(String output, String more) {
    return "pretrain --data "
        + data.resolve("broken.csv")
        + " --output "
        + output
        + " "
        + TINY
        + " --mask-ratio 0.75 --keep 0.5 "
        + more;
  }

  @Test
  void fromPretrainingToAccuracy() throws IOException {
    String pretrained = runFolder("pretrain");
    JsonObject first = json(pretrain(pretrained, "--steps 3 --checkpoint-every 2"));
    assertEquals(3, first.get("steps").getAsInt());
    assertEquals(1, first.get("skipped").getAsInt());
    assertTrue(
        Files.readString(Path.of(pretrained, "skipped.csv")).contains("broken.mp4,unreadable"));
    for (String file :
        List.of(
            "config.yaml",
            "metrics.jsonl",
            "tb",
            "report.html",
            "checkpoints/step-3/model.safetensors")) {
      assertTrue(Files.exists(Path.of(pretrained, file)), file);
    }

    String tuned = runFolder("finetune");
    JsonObject second =
        json(
            "finetune --data "
                + data.resolve("train.csv")
                + " --val "
                + data.resolve("val.csv")
                + " --checkpoint "
                + pretrained
                + " --output "
                + tuned
                + " "
                + TINY
                + " --keep 0.6 --steps 2 --views 2x3");
    assertEquals(2, second.getAsJsonObject("evaluation").get("videos").getAsInt());
    assertTrue(Files.readString(Path.of(tuned, "report.html")).contains("Evaluation"));

    JsonObject again =
        json(
            "evaluate --checkpoint "
                + tuned
                + " --data "
                + data.resolve("val.csv")
                + " --views 2x3 --threads 1");
    assertEquals(second.getAsJsonObject("evaluation").get("loss"), again.get("loss"));

    assertEquals(
        1,
        run(
            "evaluate --checkpoint "
                + tuned
                + " --data "
                + data.resolve("broken.csv")
                + " --views 1x1"));
    assertTrue(err.toString().contains("1 of 5 videos cannot be read"), err::toString);
    JsonObject allowed =
        json(
            "evaluate --checkpoint "
                + tuned
                + " --data "
                + data.resolve("broken.csv")
                + " --views 1x1 --allow-skips");
    assertEquals(4, allowed.get("videos").getAsInt());
    assertEquals(1, allowed.get("skipped").getAsInt());
  }

  @Test
  void selectedFramesFromPretrainingToPrediction() throws IOException {
    String pretrained = runFolder("pretrain");
    json(pretrain(pretrained, "--frame-selection --steps 4 --checkpoint-every 2"));
    assertEquals(
        List.of("1.5"),
        YamlConfig.read(Path.of(pretrained, "config.yaml"))
            .entries()
            .get("frame-selection")
            .values());
    Path last = Path.of(pretrained, "checkpoints/step-4/model.safetensors");
    byte[] expected = Files.readAllBytes(last);
    Files.walk(last.getParent())
        .sorted(Comparator.reverseOrder())
        .forEach(path -> path.toFile().delete());
    assertEquals(
        2, run("pretrain --frame-selection off --config " + Path.of(pretrained, "config.yaml")));
    assertTrue(err.toString().contains("--frame-selection off instead of 1.5"), err::toString);
    json("pretrain --config " + Path.of(pretrained, "config.yaml"));
    assertTrue(err.toString().contains("continuing from"), err::toString);
    assertArrayEquals(expected, Files.readAllBytes(last));

    String tuned = runFolder("finetune");
    String finetune =
        "finetune --data %s --val %s --checkpoint %s --output %s --steps 2 --views 2x3 --init-scale 1 "
                .formatted(data.resolve("train.csv"), data.resolve("val.csv"), pretrained, tuned)
            + TINY
            + " --frame-selection 1.25";
    assertEquals(2, run(finetune));
    assertTrue(err.toString().contains("give --keep below 1"), err::toString);
    assertFalse(Files.exists(Path.of(tuned)), "nothing is written");
    JsonObject first = json(finetune + " --keep 0.6").getAsJsonObject("evaluation");
    assertTrue(first.get("protocol").getAsString().contains("16 frames x stride 2 out of 20"));
    String evaluate =
        "evaluate --checkpoint %s --data %s --views 2x3 --threads 2 --batch 5 --seed 9"
            .formatted(tuned, data.resolve("val.csv"));
    JsonObject again = json(evaluate);
    assertEquals(first, again, "by video and view, whatever the batch, the threads and the seed");
    JsonObject off = json(evaluate + " --frame-selection off");
    assertEquals("16 frames x stride 2, 2x3 views of 32 px", off.get("protocol").getAsString());
    assertNotEquals(first.get("loss"), off.get("loss"));
    assertEquals(2, run(evaluate + " --keep 1"));
    assertTrue(err.toString().contains("keeps all of them"), err::toString);
    json(evaluate + " --keep 1 --frame-selection off");

    String video =
        Files.readAllLines(data.resolve("val.csv")).getFirst().replaceFirst(" \\d+$", "");
    String predict =
        "predict --checkpoint %s --data-root %s --views 2x3 %s".formatted(tuned, data, video);
    JsonObject chosen = json(predict);
    assertEquals(chosen, json(predict + " --batch 1 --seed 3"));
    assertNotEquals(chosen, json(predict + " --frame-selection off"));
  }

  @Test
  void aFinishedConfigRunsAgainAndAStoppedRunResumes() throws IOException {
    String whole = runFolder("whole");
    json(pretrain(whole, "--steps 4 --checkpoint-every 2"));
    byte[] expected = Files.readAllBytes(Path.of(whole, "checkpoints/step-4/model.safetensors"));
    // What a kill after step 2 leaves behind.
    Files.walk(Path.of(whole, "checkpoints/step-4"))
        .sorted(Comparator.reverseOrder())
        .forEach(path -> path.toFile().delete());
    json("pretrain --config " + Path.of(whole, "config.yaml"));
    assertTrue(err.toString().contains("continuing from"), err::toString);
    assertArrayEquals(
        expected, Files.readAllBytes(Path.of(whole, "checkpoints/step-4/model.safetensors")));
  }

  @ParameterizedTest
  @CsvSource({
    "everest, 0.3, none",
    "videomae, , none",
    "st-mae, , none",
    "videomae-v2, , running-cell:0.5"
  })
  void everyMethodTrainsIsWrittenDownAndResumes(String method, String keep, String decoder)
      throws IOException {
    String whole = runFolder(method);
    json(
        "pretrain --data "
            + data.resolve("train.csv")
            + " --output "
            + whole
            + " --method "
            + method
            + " --steps 2 --checkpoint-every 1 "
            + TINY.replace("--size 32", "--size 48"));
    Map<String, YamlConfig.Entry> config = YamlConfig.read(Path.of(whole, "config.yaml")).entries();
    assertEquals(List.of(decoder), config.get("decoder-mask").values());
    assertEquals(keep == null, !config.containsKey("keep"));
    Path last = Path.of(whole, "checkpoints/step-2/model.safetensors");
    byte[] expected = Files.readAllBytes(last);
    Files.walk(last.getParent())
        .sorted(Comparator.reverseOrder())
        .forEach(path -> path.toFile().delete());
    json("pretrain --config " + Path.of(whole, "config.yaml"));
    assertTrue(err.toString().contains("continuing from"), err::toString);
    assertArrayEquals(expected, Files.readAllBytes(last));
    Path picture = folder.resolve("picture.png");
    Path video =
        data.resolve(Files.readAllLines(data.resolve("train.csv")).getFirst().split(" ")[0]);
    JsonObject drawn =
        json("reconstruct " + video + " --checkpoint " + whole + " --output " + picture);
    assertTrue(drawn.get("predicted").getAsInt() > 0);
    assertTrue(Files.size(picture) > 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--model vit-z --steps 1 | 2 | there is no model \"vit-z\"; choose one of tiny, vit-s",
        "--method mae --steps 1 --model tiny | 2 | there is no method \"mae\"; choose one of"
            + " everest, videomae, st-mae, videomae-v2",
        "--method videomae --keep 0.3 --steps 1 --model tiny | 2 | --keep is for --method everest;"
            + " videomae has no selection",
        "--decoder-mask frame:0.5 --steps 1 --model tiny | 2 | a decoder mask (frame:0.5) does not"
            + " go with everest",
        "--method videomae-v2 --decoder-mask cell --steps 1 --model tiny | 2 | --decoder-mask: a"
            + " mask is a name and a ratio, such as running-cell:0.5, got \"cell\"",
        "--method videomae-v2 --decoder-mask running-cell:0.6 --steps 1 --model tiny | 2 | its"
            + " ratio must be 0.25, 0.5 or 0.75, got 0.6",
        "--method st-mae --mask-ratio 1 --steps 1 --model tiny | 2 | the mask ratio must lie"
            + " between 0 and 1, got 1.0",
        "--method videomae --mask-ratio 0.2 --size 32 --steps 1 --model tiny | 2 | the mask"
            + " tube:0.2 hides none of 32 tokens",
        "--size 30 --steps 1 --model tiny | 2 | the image size must be a multiple of the patch size"
            + " 16, got 30 x 30",
        "--frames 15 --steps 1 --model tiny | 2 | the number of frames must be a multiple of the"
            + " tubelet 2, got 15",
        "--size 16 --steps 1 --model tiny | 2 | leaves 0 visible and 2 to predict, and both must be"
            + " at least 1; larger clips, a smaller --mask-ratio or a larger --keep help",
        "--size 32 --mask-ratio 0.75 --steps 1 --model tiny --lr 1e400 | 2 | --lr must be a finite"
            + " number, got Infinity",
        "--model tiny | 2 | give either --epochs or --steps",
        "--model tiny --steps 0 | 2 | --steps must be at least 1, got 0",
        "--model tiny --steps 1 --batch 0 | 2 | --batch must be at least 1, got 0",
        "--model tiny --steps 1 --size 32 --keep 1.5 --mask-ratio 0.75 | 2 | the share of tokens",
        "--model tiny --steps 1 --precision tf32 | 2 | --precision tf32 needs --device cuda; the"
            + " CPU computes in fp32 or bf16",
        "--model tiny --steps 1 --precision fp8 | 2 | --precision must be fp32, tf32 or bf16, got"
            + " fp8",
        "--model tiny --steps 1 --resume nowhere --size 32 --mask-ratio 0.75 | 1 | there is no"
            + " run or checkpoint folder nowhere",
        "--method videomae --frame-selection --model tiny --steps 1 | 2 | --frame-selection is for"
            + " --method everest; videomae has no selection to count by",
        "--frame-selection 1.3 --model tiny --steps 1 | 2 | 1.3 x 16 = 20.8 frames, which is no"
            + " multiple of the tubelet 2; a factor of 1.25 or 1.375 makes one",
        "--frame-selection 1 --model tiny --steps 1 | 2 | a factor above 1 such as 1.5, not 1.0",
        "--frame-selection 1x5 --model tiny --steps 1 | 2 | --frame-selection takes a factor such"
            + " as 1.5, or off, not 1x5",
        "--model tiny --steps 1 --stepz 3 | 2 | --stepz"
      })
  void badOptionsAreOneSentence(String options, int code, String sentence) {
    assertEquals(
        code,
        run(
            "pretrain --data "
                + data.resolve("train.csv")
                + " --output "
                + runFolder("bad")
                + " "
                + options.strip()),
        err::toString);
    assertTrue(err.toString().contains(sentence.strip()), err::toString);
    assertFalse(err.toString().contains("\tat "), err::toString);
  }

  @Test
  void badListsAndCheckpointsAreOneSentence() throws IOException {
    Path list = folder.resolve("list.csv");
    Files.writeString(list, "videos/a.mp4 punch\n");
    assertEquals(
        2, run("finetune --data " + list + " --steps 1 --output " + runFolder("x") + " " + TINY));
    assertTrue(
        err.toString().contains("line 1: the label must be a whole number, but is \"punch\""),
        err::toString);
    Files.writeString(list, "");
    assertEquals(
        2, run("pretrain --data " + list + " --steps 1 --output " + runFolder("x") + " " + TINY));
    assertTrue(err.toString().contains("the list holds no videos"), err::toString);
    Path checkpoint = folder.resolve("truncated.safetensors");
    Files.write(checkpoint, new byte[] {40, 0, 0, 0, 0, 0, 0, 0, '{'});
    assertEquals(
        1, run("evaluate --checkpoint " + checkpoint + " --data " + data.resolve("val.csv")));
    assertTrue(err.toString().contains("truncated.safetensors"), err::toString);
    assertEquals(
        1,
        run(
            "evaluate --checkpoint "
                + folder.resolve("none")
                + " --data "
                + data.resolve("val.csv")));
    assertTrue(err.toString().contains("there is no checkpoint"), err::toString);
  }

  @Test
  void verifyTellsHowFarEachFileIs() throws URISyntaxException {
    Path trajectory =
        Path.of(
            TrainingCommandsTest.class
                .getResource("/reference/everest-select-4.safetensors")
                .toURI());
    assertEquals(0, run("verify " + trajectory + " --json --threads 1"), err::toString);
    JsonElement result = Json.read(out.toString()).getAsJsonArray().get(0);
    assertTrue(result.getAsJsonObject().get("pass").getAsBoolean());
    assertEquals("everest-select", result.getAsJsonObject().get("kind").getAsString());
    assertEquals(
        0, result.getAsJsonObject().getAsJsonObject("max_rel_error").get("mask").getAsInt());
  }

  @Test
  void runsTakeTheMemoryThatProfileAndTheyThemselvesForesee() {
    String shape = "--model tiny --size 32 --batch 2";
    JsonObject plan = json("profile " + shape + " --mask-ratio 0.75 --keep 0.5");
    JsonObject run = json(pretrain(runFolder("memory"), "--steps 4"));
    assertForeseen(plan, run);
    String tuned =
        "finetune --data %s --output %s --keep 0.6 --steps 4 --recompute "
            .formatted(data.resolve("train.csv"), runFolder("tuned"));
    plan = json("profile --task finetune --classes 2 --recompute " + shape);
    assertForeseen(plan, json(tuned + TINY).getAsJsonObject("training"));
    plan = json("profile --frame-selection --mask-ratio 0.75 --keep 0.5 " + shape);
    assertForeseen(plan, json(pretrain(runFolder("frames"), "--steps 4 --frame-selection")));
  }

  private void assertForeseen(JsonObject plan, JsonObject run) {
    double mib = plan.getAsJsonObject("memory_bytes").get("peak").getAsLong() / 1048576.0;
    assertEquals(mib, run.get("peak_memory_mib").getAsDouble());
    String told = "memory of tensors: %s MiB at most: weights ".formatted(Math.round(mib));
    assertTrue(err.toString().contains(told), err::toString);
  }

  @Test
  void aFileThatCannotBeReplayedDoesNotHideTheOthers() throws IOException, URISyntaxException {
    Path good =
        Path.of(
            TrainingCommandsTest.class
                .getResource("/reference/everest-select-4.safetensors")
                .toURI());
    Path none = folder.resolve("none.safetensors");
    Path text = Files.writeString(folder.resolve("text.safetensors"), "no tensors at all");
    assertEquals(1, run("verify " + none + " " + text + " " + good + " --json --threads 1"));
    JsonArray results = Json.read(out.toString()).getAsJsonArray();
    assertEquals(3, results.size());
    assertTrue(
        results.get(0).getAsJsonObject().get("error").getAsString().contains("none.safetensors"));
    assertFalse(results.get(1).getAsJsonObject().get("pass").getAsBoolean());
    assertTrue(results.get(2).getAsJsonObject().get("pass").getAsBoolean());
    assertTrue(err.toString().contains("2 of 3 reference files do not pass"), err::toString);
  }

  /** As BF16 does on a GPU, see {@link CudaCommandsTest}. */
  @Test
  void bf16TrainsNearlyAsF32DoesOnAnyNumberOfThreads() {
    double fp32 = json(pretrain(runFolder("fp32"), "--steps 6")).get("loss").getAsDouble();
    String bf16 = "--steps 6 --precision bf16";
    double one = json(pretrain(runFolder("one"), bf16)).get("loss").getAsDouble();
    String twoThreads = pretrain(runFolder("two"), bf16).replace("--threads 1", "--threads 2");
    assertEquals(one, json(twoThreads).get("loss").getAsDouble());
    assertEquals(fp32, one, 1e-2 * fp32);
    assertNotEquals(fp32, one, "BF16 gives the bits of F32");
    assertEquals(KernelChoice.emulatesBf16(), err.toString().contains("bf16 is emulated"));
  }

  @Test
  void benchTellsThatBf16IsEmulated() {
    String bench = "bench --model tiny --size 32 --batch 1 --steps 1 --warmup 1 --threads 1";
    JsonObject result = json(bench + " --precision bf16");
    assertEquals("bf16", result.get("precision").getAsString());
    assertEquals(KernelChoice.emulatesBf16(), result.has("emulated"));
    assertFalse(json(bench).has("emulated"));
  }

  @Test
  void benchTimesTheSelectionOfFramesToo() {
    for (String task : List.of("pretrain --mask-ratio 0.75", "finetune")) {
      JsonObject result =
          json(
              "bench --model tiny --size 64 --batch 1 --steps 1 --warmup 1 --threads 1"
                  + " --frame-selection --task "
                  + task.replace(" --mask-ratio 0.75", ""));
      assertTrue(result.get("median_ms").getAsDouble() > 0);
    }
  }

  @Test
  void benchTimesASmallStep() {
    JsonObject result =
        json("bench --model tiny --size 32 --batch 1 --steps 1 --warmup 1 --threads 1");
    assertTrue(result.get("median_ms").getAsDouble() > 0);
    assertTrue(result.get("peak_mib").getAsDouble() > 1);
  }

  @Test
  void benchTellsWhereAStepGoes() {
    String bench = "bench --model tiny --size 32 --batch 1 --steps 1 --warmup 1 --threads 1";
    JsonObject result = json(bench + " --profile");
    assertEquals(json(bench).get("loss"), result.get("loss"));
    JsonObject profile = result.getAsJsonObject("profile");
    assertTrue(profile.get("copy_gb_per_s").getAsDouble() > 0);
    double inKernels = sum(profile.getAsJsonArray("kernels"), "ms");
    double outside = profile.get("outside_kernels_ms").getAsDouble();
    assertTrue(outside > 0);
    assertEquals(profile.get("step_ms").getAsDouble(), inKernels + outside, 1e-6);
    assertEquals(
        1,
        sum(profile.getAsJsonArray("kernels"), "share")
            + outside / profile.get("step_ms").getAsDouble(),
        1e-9);
    double gflop = profile.getAsJsonObject("total").get("gflop").getAsDouble();
    assertEquals(gflop, sum(profile.getAsJsonArray("kernels"), "gflop"), 1e-9);
    assertEquals(gflop, sum(profile.getAsJsonArray("shapes"), "gflop"), 1e-9);
    for (JsonElement row : profile.getAsJsonArray("shapes")) {
      assertTrue(row.getAsJsonObject().get("of_peak").getAsDouble() <= 1, row::toString);
    }
  }

  private static double sum(JsonArray rows, String key) {
    double sum = 0;
    for (JsonElement row : rows) {
      sum += row.getAsJsonObject().get(key).getAsDouble();
    }
    return sum;
  }

  @Test
  void theDemoTellsTheWholeStory() throws IOException {
    Path output = folder.resolve("demo");
    JsonObject result =
        json(
            "demo --output "
                + output
                + " --classes 2 --per-class 8 --val-per-class 1 --pretrain-epochs 1"
                + " --finetune-epochs 1 --threads 1");
    assertEquals(2, result.getAsJsonObject("evaluation").get("videos").getAsInt());
    String page = Files.readString(output.resolve("report.html"));
    for (String part :
        List.of(
            "Pre-training loss",
            "Fine-tuning loss",
            "ReRo tokens of",
            "Reconstruction of",
            "data:image/png;base64,")) {
      assertTrue(page.contains(part), part);
    }
  }
}
