package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerEndTest {
  @TempDir private Path folder;

  /** An empty head, a segment of 4096 bytes, and in it an element of two bytes. */
  @Test
  void aSegmentThatIsCutAnywhereIsCutOff() throws Exception {
    byte[] whole = HexFormat.of().parseHex("1a45dfa380" + "185380670100000000001000" + "ec80");
    for (int length = 17; length <= whole.length; length++) {
      Path file = Files.write(folder.resolve("a.mkv"), Arrays.copyOf(whole, length));
      VideoException cut = assertThrows(VideoException.class, () -> ContainerEnd.check(file));
      assertEquals(VideoException.Reason.TRUNCATED, cut.reason());
    }
  }
}
