package dev.tenzing.everest.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.everest.training.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunStartTest {
  private static final Map<String, Object> SETTINGS =
      Map.of("lr", 1e-3, "seed", 5, "threads", 2, "total-steps", 10, "total-batch", 8);

  @TempDir private Path folder;
  private RunFolder run;

  @BeforeEach
  void makeRun() throws IOException {
    run = new RunFolder(folder.resolve("run"));
    Files.createDirectories(run.path());
    RunHistory.of(run.path()).begin("pretrain", SETTINGS);
    save(4, 10);
  }

  private void save(long step, long steps) throws IOException {
    run.checkpoints()
        .save(
            step,
            Map.of(
                "model.safetensors",
                file -> Files.writeString(file, "weights"),
                "optimizer.safetensors",
                file -> Files.writeString(file, "moments")),
            Map.of("steps", steps, "seed", 5L, "cursor", 0L),
            9);
  }

  private RunStart start(String resume, String key, Object value) throws IOException {
    Map<String, Object> settings = new HashMap<>(SETTINGS);
    settings.put(key, value);
    return RunStart.of(run, resume, settings, sentence -> {});
  }

  @Test
  void whatChangesNoBitIsTakenWithoutAWord() throws IOException {
    RunStart start = start("auto", "threads", 1);
    assertEquals(4, start.checkpoint().orElseThrow().step());
    assertEquals(List.of(), start.told());
    assertEquals(1, start.changes().size());
    assertEquals(
        List.of(), start("auto", "lr", 0.00100).changes(), "numbers are compared by value");
  }

  @Test
  void whatChangesBitsIsToldAndKept() throws IOException {
    RunStart start = start("auto", "lr", 2e-3);
    assertEquals(
        List.of(
            "from here on --lr 0.002 instead of 0.001: the learning rate follows another schedule"
                + " from here on"),
        start.told());
    RunHistory.of(run.path()).goOn("pretrain", 4, start.changes(), Map.of());
    RunHistory history = RunHistory.of(run.path());
    assertEquals(2e-3, history.settings().get("lr"));
    assertEquals(5L, ((Number) history.settings().get("seed")).longValue());
    assertEquals(2, history.entries().size());
    assertEquals(List.of(), start("auto", "lr", 2e-3).changes(), "it is what the run has now");
    assertFalse(start("auto", "lr", 1e-3).told().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({"seed, 6", "total-batch, 16", "what-is-this, 1"})
  void whatMakesAnotherRunIsRefusedWithTheWayOut(String key, int value) {
    String sentence =
        assertThrows(IllegalArgumentException.class, () -> start("auto", key, value)).getMessage();
    assertTrue(sentence.contains("instead of"), sentence);
    assertTrue(sentence.contains("--config " + run.config()), sentence);
    assertTrue(sentence.contains("--checkpoint " + run.path() + " --output NEW"), sentence);
  }

  @Test
  void moreStepsGoOnAndFewerDoNotEndInThePast() throws IOException {
    assertFalse(start("auto", "total-steps", 20).told().isEmpty());
    assertFalse(start("auto", "total-steps", 5).told().isEmpty());
    String sentence =
        assertThrows(IllegalArgumentException.class, () -> start("auto", "total-steps", 3))
            .getMessage();
    assertTrue(sentence.contains("is at step 4 of 10 already"), sentence);
  }

  @Test
  void whatIsFinishedIsFinished() throws IOException {
    save(10, 10);
    assertTrue(start("auto", "threads", 1).finished());
    assertFalse(start("auto", "total-steps", 20).finished());
    String sentence =
        assertThrows(IllegalArgumentException.class, () -> start("auto", "lr", 1)).getMessage();
    assertTrue(sentence.contains("is finished, and --lr 1 instead of 0.001 would"), sentence);
  }

  @Test
  void aRunFolderOrACheckpointFolderIsGoneOnFrom() throws IOException {
    save(6, 10);
    for (Path from : List.of(run.path(), run.checkpoints().path().resolve("step-6"))) {
      assertEquals(6, start(from.toString(), "threads", 1).checkpoint().orElseThrow().step());
    }
    Path older = run.checkpoints().path().resolve("step-4");
    String sentence =
        assertThrows(IllegalArgumentException.class, () -> start(older.toString(), "threads", 1))
            .getMessage();
    assertTrue(sentence.contains("holds step-6"), sentence);
    RunFolder other = new RunFolder(folder.resolve("other"));
    RunStart elsewhere = RunStart.of(other, older.toString(), SETTINGS, note -> {});
    assertEquals(4, elsewhere.checkpoint().orElseThrow().step());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            RunStart.of(other, older.toString(), Map.of("seed", 6, "total-steps", 10), note -> {}));
    assertThrows(IllegalArgumentException.class, () -> start("none", "threads", 1));
  }

  @Test
  void aTornHistoryIsReadAsFarAsItGoes() throws IOException {
    Path file = RunHistory.of(run.path()).file();
    Files.writeString(file, Files.readString(file) + "{\"changed\":{\"lr\":{\"now");
    assertEquals(1e-3, RunHistory.of(run.path()).settings().get("lr"));
  }
}
