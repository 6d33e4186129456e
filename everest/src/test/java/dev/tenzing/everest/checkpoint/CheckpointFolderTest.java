package dev.tenzing.everest.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFolderTest {
  @TempDir private Path folder;

  private Path save(long step, String content) throws IOException {
    return new CheckpointFolder(folder)
        .save(
            step, Map.of("model", file -> Files.writeString(file, content)), Map.of("seed", 7), 2);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theNewestIsFoundWithItsState() throws IOException {
    save(5, "a");
    save(10, "b");
    CheckpointFolder.Saved found =
        new CheckpointFolder(folder).newestIntact(sentence -> {}).orElseThrow();
    assertEquals(10, found.step());
    assertEquals(7L, found.state().get("seed"));
    assertEquals("b", Files.readString(found.path().resolve("model")));
  }

  @Test
  void onlyTheNewestStay() throws IOException {
    save(5, "a");
    save(10, "b");
    save(100, "c");
    assertEquals(List.of("step-10", "step-100"), names(folder));
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    save(5, "good");
    Files.writeString(save(10, "spoilt").resolve("model"), "SPOILT");
    List<String> told = new ArrayList<>();
    assertEquals(5, new CheckpointFolder(folder).newestIntact(told::add).orElseThrow().step());
    assertEquals(1, told.size());
    assertTrue(told.getFirst().contains("step-10 is damaged: model"), told.getFirst());
  }

  @Test
  void everyDefectIsOneSentence() throws IOException {
    Path checkpoint = save(5, "a");
    Files.delete(checkpoint.resolve("model"));
    assertTrue(message(checkpoint).endsWith("is incomplete: model is missing"));
    Files.writeString(checkpoint.resolve("state.json"), "{\"step\": 5");
    assertTrue(message(checkpoint).endsWith("is damaged: state.json cannot be read"));
    Files.delete(checkpoint.resolve("state.json"));
    assertTrue(message(checkpoint).endsWith("is incomplete: it has no state.json"));
    assertTrue(message(folder.resolve("none")).startsWith("there is no checkpoint folder"));
  }

  private static String message(Path checkpoint) {
    return assertThrows(CheckpointException.class, () -> CheckpointFolder.open(checkpoint))
        .getMessage();
  }

  @Test
  void aSaveThatFailsLeavesWhatWasThere() throws IOException {
    save(5, "a");
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    Map<String, CheckpointFolder.FileWriter> failing =
        Map.of(
            "model",
            file -> {
              Files.writeString(file, "half");
              throw new IOException("No space left on device");
            });
    assertThrows(IOException.class, () -> checkpoints.save(10, failing, Map.of(), 1));
    assertEquals(List.of("step-5"), names(folder));
    assertEquals(5, checkpoints.newestIntact(sentence -> {}).orElseThrow().step());
  }

  @Test
  void anUnfinishedFolderOfAKilledRunIsNoCheckpoint() throws IOException {
    save(5, "a");
    Files.createDirectory(folder.resolve(".writing-step-10"));
    assertEquals(5, new CheckpointFolder(folder).newestIntact(sentence -> {}).orElseThrow().step());
  }
}
