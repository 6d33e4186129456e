package dev.tenzing.everest.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        new CheckpointFolder(folder).newest(saved -> {}, sentence -> {}).orElseThrow();
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
    assertEquals(
        5, new CheckpointFolder(folder).newest(saved -> {}, told::add).orElseThrow().step());
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
    assertEquals(5, checkpoints.newest(saved -> {}, sentence -> {}).orElseThrow().step());
  }

  @Test
  void anUnfinishedFolderOfAKilledRunIsNoCheckpoint() throws IOException {
    save(5, "a");
    Files.createDirectory(folder.resolve(".writing-step-10"));
    assertEquals(
        5, new CheckpointFolder(folder).newest(saved -> {}, sentence -> {}).orElseThrow().step());
  }

  private static String state(Path checkpoint) throws IOException {
    return Files.readString(checkpoint.resolve("state.json"));
  }

  @Test
  void everyBitOfTheStateCounts() throws IOException {
    save(5, "good");
    Path newer = save(10, "newer");
    Path file = newer.resolve("state.json");
    byte[] whole = Files.readAllBytes(file);
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, damaged);
      List<String> told = new ArrayList<>();
      assertEquals(
          5, checkpoints.newest(saved -> {}, told::add).orElseThrow().step(), "bit " + bit);
      assertEquals(1, told.size());
    }
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertEquals(5, checkpoints.newest(saved -> {}, damaged -> {}).orElseThrow().step());
    }
    for (int at = 0; at <= whole.length; at++) {
      for (String more : List.of(" ", "0", "\n", "\"")) {
        String text = new String(whole, UTF_8);
        Files.writeString(file, text.substring(0, at) + more + text.substring(at));
        assertEquals(5, checkpoints.newest(saved -> {}, damaged -> {}).orElseThrow().step());
      }
    }
    Files.write(file, whole);
    assertEquals(10, checkpoints.newest(saved -> {}, damaged -> {}).orElseThrow().step());
  }

  /** Kinds and names of the old form, which has no checksum of its own. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "7",
        "{}",
        "{\"step\":10}",
        "{\"step\":10,\"sha256\":null}",
        "{\"step\":10,\"sha256\":[]}",
        "{\"step\":10,\"sha256\":{\"model\":7}}",
        "{\"step\":10,\"sha256\":{\"model\":null}}",
        "{\"step\":10,\"sha256\":{\"\":\"\"}}",
        "{\"step\":10,\"sha256\":{\"..\":\"\"}}",
        "{\"step\":10,\"sha256\":{\"../step-5/model\":\"\"}}",
        "{\"step\":10,\"sha256\":{\"a\\u0000b\":\"\"}}",
        "{\"step\":\"10\",\"sha256\":{}}",
        "{\"step\":10.5,\"sha256\":{}}",
        "{\"step\":-10,\"sha256\":{}}",
        "{\"step\":11,\"sha256\":{}}",
        "{\"step\":null,\"sha256\":{}}",
        "{\"step\":10,\"sha256\":{},\"more\":1}"
      })
  void aStateOfTheWrongKindsMeansTheOlderCheckpoint(String text) throws IOException {
    save(5, "good");
    Files.writeString(save(10, "newer").resolve("state.json"), text);
    List<String> told = new ArrayList<>();
    assertEquals(
        5, new CheckpointFolder(folder).newest(saved -> {}, told::add).orElseThrow().step());
    assertEquals(1, told.size());
    assertTrue(told.getFirst().contains(folder.resolve("step-10").toString()), told.getFirst());
  }

  @Test
  void aCheckpointOfAnOlderVersionIsRead() throws IOException {
    Path checkpoint = save(5, "a");
    String sha256 = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
    Files.writeString(
        checkpoint.resolve("state.json"),
        "{\"cursor\":3,\"seed\":7,\"step\":5,\"sha256\":{\"model\":\"" + sha256 + "\"}}\n");
    assertEquals(7L, CheckpointFolder.open(checkpoint).state().get("seed"));
    Files.writeString(checkpoint.resolve("model"), "b");
    assertTrue(message(checkpoint).contains("model does not have the checksum"));
  }

  @Test
  void sizesAreCheckedBeforeAnythingIsRead() throws IOException {
    save(5, "good");
    Path newer = save(10, "newer");
    try (RandomAccessFile sparse = new RandomAccessFile(newer.resolve("model").toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    assertTrue(message(newer).contains("model has 1099511627776 bytes and not the 5"));
    try (RandomAccessFile sparse =
        new RandomAccessFile(newer.resolve("state.json").toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    assertTrue(message(newer).contains("state.json has 3221225472 bytes, more than any has"));
    assertEquals(
        5, new CheckpointFolder(folder).newest(saved -> {}, told -> {}).orElseThrow().step());
  }

  @Test
  void whatWasJustWrittenStaysWhateverElseIsThere() throws IOException {
    for (long later : new long[] {100, 200, 300}) {
      Files.createDirectories(folder.resolve("step-" + later));
      Files.writeString(folder.resolve("step-" + later + "/state.json"), "damaged");
    }
    save(5, "a");
    save(10, "b");
    save(15, "c");
    assertEquals(List.of("step-10", "step-100", "step-15", "step-200", "step-300"), names(folder));
    assertEquals(
        15, new CheckpointFolder(folder).newest(saved -> {}, told -> {}).orElseThrow().step());
  }

  @Test
  void damagedOnesDoNotCount() throws IOException {
    save(5, "a");
    Files.writeString(save(10, "b").resolve("model"), "X"); // of the same size
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    checkpoints.save(15, Map.of("model", file -> Files.writeString(file, "c")), Map.of(), 2);
    assertEquals(List.of("step-10", "step-15", "step-5"), names(folder));
    checkpoints.save(20, Map.of("model", file -> Files.writeString(file, "d")), Map.of(), 2);
    assertEquals(List.of("step-15", "step-20"), names(folder));
  }

  @Test
  void aRunThatGoesOnSetsLaterOnesAside() throws IOException {
    save(5, "a");
    Files.writeString(save(10, "b").resolve("model"), "damaged");
    Files.createDirectories(folder.resolve("set-aside-step-10"));
    Files.createDirectories(folder.resolve(".writing-step-7/a"));
    Files.createDirectories(folder.resolve(".step-7.0123456789abcdef.writing"));
    Files.createDirectories(folder.resolve(".mine"));
    List<String> told = new ArrayList<>();
    new CheckpointFolder(folder).begin(5, told::add);
    assertEquals(1, told.size());
    assertTrue(told.getFirst().contains("is called set-aside-step-10-2"), told.getFirst());
    assertEquals(
        List.of(".mine", "set-aside-step-10", "set-aside-step-10-2", "step-5"), names(folder));
    new CheckpointFolder(folder.resolve("none")).begin(0, told::add);
  }

  @Test
  void aStepSavedAgainReplacesTheOldOne() throws IOException {
    save(5, "a");
    save(5, "b");
    assertEquals(List.of("step-5"), names(folder));
    assertEquals("b", Files.readString(folder.resolve("step-5/model")));
    assertTrue(state(folder.resolve("step-5")).endsWith("\"}\n"));
  }

  @Test
  void aFullDiskIsSaidWithTheCheckpointsName() {
    String message =
        assertThrows(
                IOException.class,
                () ->
                    new CheckpointFolder(folder)
                        .save(
                            10,
                            Map.of(
                                "model",
                                file -> {
                                  throw new IOException("No space left on device");
                                }),
                            Map.of(),
                            1))
            .getMessage();
    assertEquals("cannot write " + folder.resolve("step-10") + ": the disk is full", message);
  }
}
