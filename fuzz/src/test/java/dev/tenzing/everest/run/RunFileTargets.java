package dev.tenzing.everest.run;

import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.JsonMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.fuzz.TextMutation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a run leaves in its folder beside checkpoints and logs. */
public final class RunFileTargets {
  private static final Mutation BYTES = ByteMutation.with("{", "}", "\n", "\"", "\u0000", "\u00c3");

  private RunFileTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target("run-history", 2, RunFileTargets::history),
        new Target("run-result", 2, RunFileTargets::result),
        new Target("run-lock", 2, RunFileTargets::lock));
  }

  private static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static Attack history(Path folder) throws IOException {
    RunHistory made = RunHistory.of(folder);
    made.begin("pretrain", Map.of("batch", 8, "lr", 1.5e-4, "data", "a.csv"));
    return Attack.onFile(
        made.file(),
        List.of(Files.readAllBytes(made.file())),
        Mutation.anyOf(
            TextMutation.with("settings", "changed", "batch", "now", "{", "}", "null"),
            JsonMutation.with("settings", "changed", "batch", "now", "command", "step"),
            BYTES),
        file -> {
          RunHistory read = RunHistory.of(folder);
          read.settings();
          read.goOn("pretrain", 3, List.of(), Map.of("batch", 8));
          RunHistory.of(folder).settings();
        });
  }

  private static Attack result(Path folder) {
    String[] words = {
      "steps",
      "planned_steps",
      "loss",
      "clips_per_second",
      "seconds",
      "data_wait_ms",
      "peak_memory_mib",
      "skipped",
      "evaluation",
      "videos",
      "top1",
      "top5",
      "confusion",
      "protocol"
    };
    return Attack.onFile(
        folder.resolve("result.json"),
        texts(
            "{\"steps\":9,\"planned_steps\":9,\"loss\":0.5,\"clips_per_second\":9.5,\"seconds\":3,"
                + "\"data_wait_ms\":0.1,\"peak_memory_mib\":70,\"skipped\":0,\"evaluation\":{"
                + "\"videos\":3,\"skipped\":0,\"top1\":0.5,\"top5\":1,\"loss\":0.7,"
                + "\"confusion\":[[1,0],[1,1]],\"protocol\":\"5x3\"}}"),
        Mutation.anyOf(JsonMutation.with(words), TextMutation.with(words), BYTES),
        file -> RunResult.read(new RunFolder(folder), 9, folder));
  }

  private static Attack lock(Path folder) {
    Path file = folder.resolve(RunLock.FILE);
    return Attack.onFile(
        file,
        // What it holds names this process, so it is made up here to be the same every time.
        texts(
            "{\"pid\":1,\"started\":\"2026-01-01T00:00:00Z\",\"host\":\"a\",\"command\":\"finetune\"}"),
        Mutation.anyOf(
            JsonMutation.with("pid", "started", "host", "command"),
            TextMutation.with("pid", "started", "host", "command", "null"),
            BYTES),
        path -> RunLock.acquire(folder, "pretrain").close());
  }
}
