package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.tenzing.everest.run.ResumeRule;
import dev.tenzing.everest.run.RunLock;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.tools.cli.YamlConfig;
import dev.tenzing.tools.command.Distill;
import dev.tenzing.tools.command.Finetune;
import dev.tenzing.tools.command.Pretrain;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What stays in a run folder says what ran, whatever is asked of the folder afterwards. */
class RunRecordTest {
  private static final String TINY =
      " --model tiny --frames 4 --size 32 --stride 2 --batch 2 --threads 1 --log-every 1"
          + " --mask-ratio 0.75 --keep 0.5";

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
    List<String> arguments = new ArrayList<>(List.of(words.strip().split(" +")));
    return Main.run(
        arguments.toArray(String[]::new), new PrintStream(out), new PrintStream(err), false);
  }

  private JsonObject json(String words) {
    assertEquals(0, run(words + " --json"), err::toString);
    return Json.read(out.toString()).getAsJsonObject();
  }

  private String pretrain(Path output, String more) {
    return "pretrain --data %s --output %s%s %s"
        .formatted(data.resolve("train.csv"), output, TINY, more);
  }

  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (var files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(
            root.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)) + "");
      }
    }
    return contents;
  }

  @Test
  void refusedAndRepeatedCommandsChangeNothing() throws IOException {
    Path run = folder.resolve("run");
    JsonObject first = json(pretrain(run, "--steps 2"));
    Map<String, String> before = contents(run);
    for (String more :
        List.of(
            "--steps 2 --batch 1",
            "--steps 2 --batch 4",
            "--steps 2 --lr 0.5",
            "--steps 1",
            "--steps 2 --seed 7",
            "--steps 2 --method videomae",
            "--steps 2 --resume none",
            "--steps 2 --resume nowhere",
            "--steps 2 --precision bf16",
            "--steps 2 --weight-decay 0.5",
            "--steps 9 --batch 100000",
            "--steps 2 --data nothing.csv",
            "--steps 0",
            "--stepz 2")) {
      String words = pretrain(run, more);
      for (String option : new String[] {"--batch", "--data"}) {
        if (more.contains(option)) {
          words = words.replaceFirst(option + " \\S+", "");
        }
      }
      if (more.contains("videomae")) {
        words = words.replaceFirst("--keep \\S+", "");
      }
      assertNotEquals(0, run(words), more + "\n" + err);
      assertEquals(before, contents(run), more + "\n" + err);
      assertFalse(err.toString().contains("\tat "), err::toString);
    }
    String smaller = pretrain(run, "--steps 2").replace("--size 32", "--size 48");
    assertEquals(2, run(smaller));
    assertTrue(err.toString().contains("--size 48 instead of 32"), err::toString);
    assertEquals(before, contents(run));
    for (String more : List.of("", " --threads 2 --log-every 7", " --resume " + run)) {
      String words = pretrain(run, "--steps 2" + more);
      JsonObject again =
          json(
              more.contains("--threads")
                  ? words.replaceFirst("--threads 1 --log-every 1", "")
                  : words);
      assertEquals(first.get("loss"), again.get("loss"));
      assertEquals(first.get("steps"), again.get("steps"));
      assertEquals(first.get("seconds"), again.get("seconds"));
      assertTrue(err.toString().contains("is finished"), err::toString);
      assertFalse(out.toString().contains("null"), out::toString);
      assertEquals(before, contents(run), more);
    }
  }

  @Test
  void aRefusedRunLeavesNoFolder() {
    Path run = folder.resolve("a/new");
    assertEquals(
        2, run(pretrain(run, "--steps 2 --min-lr -1 --batch 0").replaceFirst("--batch 2", "")));
    assertEquals(1, run(pretrain(run, "--steps 2 --batch 100000").replaceFirst("--batch 2", "")));
    assertTrue(
        err.toString().contains("MiB are free") || err.toString().contains("the device has"),
        err::toString);
    assertTrue(err.toString().contains("--fit"), err::toString);
    assertFalse(Files.exists(folder.resolve("a")));
  }

  @Test
  void theSecondIsRefused() throws IOException {
    Path run = folder.resolve("run");
    try (RunLock lock = RunLock.acquire(run, "tenzing pretrain")) {
      assertEquals(1, run(pretrain(run, "--steps 2")));
    }
    assertTrue(err.toString().contains("is in use by process "), err::toString);
  }

  @Test
  void theConfigurationSaysWhatRanAndRunsAgain() throws IOException {
    Path first = folder.resolve("first");
    json(pretrain(first, "--epochs 2 --fit"));
    Map<String, YamlConfig.Entry> config = YamlConfig.read(first.resolve("config.yaml")).entries();
    for (String key :
        List.of(
            "lr",
            "min-lr",
            "warmup-epochs",
            "weight-decay",
            "clip-grad",
            "checkpoint-every",
            "seed",
            "device",
            "precision",
            "threads",
            "frames",
            "size",
            "stride",
            "sampling",
            "batch",
            "accumulate",
            "method",
            "mask-ratio",
            "keep",
            "model",
            "resume")) {
      assertTrue(config.containsKey(key), key);
    }
    String text = Files.readString(first.resolve("config.yaml"));
    for (String key :
        List.of(
            "steps: 4",
            "peak-learning-rate:",
            "warm-up-steps:",
            "videos-per-step: 2",
            "videos: 4")) {
      assertTrue(text.contains(key), key);
    }
    Path second = folder.resolve("second");
    json("pretrain --config " + first.resolve("config.yaml") + " --output " + second);
    String model = "checkpoints/step-4/model.safetensors";
    assertArrayEquals(
        Files.readAllBytes(first.resolve(model)), Files.readAllBytes(second.resolve(model)));
    String report = Files.readString(second.resolve("report.html"));
    assertTrue(report.contains("peak-learning-rate"));

    json("pretrain --config " + first.resolve("config.yaml") + " --steps 5 --lr 0.01");
    assertTrue(err.toString().contains("--lr 0.01 instead of"), err::toString);
    assertTrue(err.toString().contains("the number of steps: 5 instead of 4"), err::toString);
    List<String> history = Files.readAllLines(first.resolve("history.jsonl"));
    assertEquals(2, history.size());
    assertTrue(history.getLast().contains("\"step\":4"), history::getLast);
    assertTrue(history.getLast().contains("\"lr\":{\"before\":"), history::getLast);
  }

  @Test
  void aClassifierTellsItsClassesChanceAndTheClipsOfItsCheckpoint() throws IOException {
    Path pretrained = folder.resolve("pretrained");
    json(pretrain(pretrained, "--steps 1"));
    Path tuned = folder.resolve("tuned");
    String words =
        "finetune --data %s --val %s --checkpoint %s --output %s --steps 1 --batch 2 --threads 1 --views 1x1"
            .formatted(data.resolve("train.csv"), data.resolve("val.csv"), pretrained, tuned);
    JsonObject first = json(words);
    assertTrue(err.toString().contains("--frames 4 --size 32 --stride 2"), err::toString);
    assertTrue(err.toString().contains("that of chance"), err::toString);
    assertEquals(2, first.getAsJsonObject("data").get("classes").getAsInt());
    String config = Files.readString(tuned.resolve("config.yaml"));
    assertTrue(config.contains("videos-per-class"), config);
    Map<String, String> before = contents(tuned);
    JsonObject again = json(words);
    assertEquals(first.get("evaluation"), again.get("evaluation"));
    assertEquals(before, contents(tuned));
    Files.delete(tuned.resolve("result.json")); // What a kill before the evaluation leaves.
    assertEquals(first.get("evaluation"), json(words).get("evaluation"));
  }

  @Test
  void everyOptionOfTrainingHasARule() {
    Set<String> known = ResumeRule.table().keySet();
    for (Object command : List.of(new Pretrain(), new Finetune(), new Distill())) {
      for (var option : new CommandLine(command).getCommandSpec().options()) {
        String key = option.longestName().substring(2);
        assertTrue(
            known.contains(key) || Set.of("help", "json", "debug", "config").contains(key),
            key + " is in no row of ResumeRule");
      }
    }
  }

  @Test
  void theTableOfTheDocumentationIsThatOfTheCode() throws IOException {
    String running = Files.readString(Path.of("../docs/running.md"));
    ResumeRule.table().keySet().stream()
        .filter(key ->
            !key.equals(ResumeRule.STEPS)
                && !key.equals(ResumeRule.TOTAL_BATCH)
                && !key.equals(ResumeRule.VIDEOS))
        .forEach(key -> assertTrue(running.contains("`--" + key + "`"), key));
  }
}
