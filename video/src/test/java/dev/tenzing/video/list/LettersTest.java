package dev.tenzing.video.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
