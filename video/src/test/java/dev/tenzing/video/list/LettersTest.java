package dev.tenzing.video.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Letters that lists and names of classes may hold, and files that are not there. */
class LettersTest {
  @Test
  void manyLettersThatBecomeTwoTakeNoTime() {
    String capitals = "\u0130\u00c9A".repeat(100_000);
    assertTimeout(
        Duration.ofSeconds(2),
        () -> assertEquals("i\u00e9a".repeat(100_000), Letters.small(capitals)));
  }

  @Test
  void aFileThatIsNotThereIsSaidToBeSo(@TempDir Path folder) {
    Path file = folder.resolve("map.json");
    VideoListException missing =
        assertThrows(VideoListException.class, () -> LabelMap.read(file, List.of(), 0, Map.of()));
    assertEquals(file + ": the file cannot be read (it is not there)", missing.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\f", "wa\nve", "wa\rve"})
  void aFolderWhoseNameIsNoLineIsNoClass(String name, @TempDir Path folder) throws Exception {
    for (String one : List.of(name, "run")) {
      Files.createFile(Files.createDirectory(folder.resolve(one)).resolve("a.mp4"));
    }
    VideoListException refused =
        assertThrows(
            VideoListException.class,
            () -> VideoList.read(folder, null, VideoList.Labels.REQUIRED, 0));
    assertTrue(refused.getMessage().contains("rename it"), refused.getMessage());
  }
}
