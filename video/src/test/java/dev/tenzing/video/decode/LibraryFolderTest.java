package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LibraryFolderTest {
  private static final List<String> MOUNTS =
      List.of(
          "overlay / overlay rw,relatime 0 0",
          "proc /proc proc rw,nosuid,nodev,noexec 0 0",
          "disk /home ext4 rw,nosuid,noexec 0 0",
          "disk /home/a\\040b ext4 rw,exec 0 0",
          "old /tmp tmpfs rw,noexec 0 0",
          "new /tmp tmpfs rw 0 0",
          "broken");

  @Test
  void theInnermostMountDecides() {
    assertTrue(LibraryFolder.isNoexec(MOUNTS, Path.of("/home/me/.javacpp/cache")));
    assertFalse(LibraryFolder.isNoexec(MOUNTS, Path.of("/home/a b/.javacpp/cache")));
    assertFalse(LibraryFolder.isNoexec(MOUNTS, Path.of("/homework")));
    assertFalse(LibraryFolder.isNoexec(MOUNTS, Path.of("/tmp/x")));
    assertFalse(LibraryFolder.isNoexec(List.of(), Path.of("/home")));
  }

  @Test
  void whereTheFolderIsFineTheErrorIsTold() {
    FFmpeg.load();
    assertEquals("no such symbol", LibraryFolder.problem(new LinkageError("no such symbol")));
  }
}
