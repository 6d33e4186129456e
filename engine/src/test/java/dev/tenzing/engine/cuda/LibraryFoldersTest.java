package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryFoldersTest {
  @TempDir Path root;

  @Test
  void orderIsUserThenUsualThenLinkerThenPython() throws IOException {
    Path mine = root.resolve("mine");
    Path home = root.resolve("home-of-cuda");
    Path linker = root.resolve("linker");
    Path wheel =
        Files.createDirectories(root.resolve("venv/lib/python3.12/site-packages/nvidia/cu13/lib"));
    List<Path> folders =
        folders(
            Map.of(
                "TENZING_CUDA_PATH", mine.toString(),
                "CUDA_HOME", home.toString(),
                "LD_LIBRARY_PATH", linker.toString(),
                "VIRTUAL_ENV", root.resolve("venv").toString()));
    assertEquals(mine, folders.getFirst());
    assertEquals(wheel, folders.getLast());
    assertAscending(
        folders,
        mine,
        mine.resolve("lib64"),
        home.resolve("lib64"),
        root.resolve("usr/local/cuda/lib64"),
        root.resolve("usr/lib64"),
        linker,
        wheel);
  }

  @Test
  void newestToolkitComesFirstAndOneOfAnOldMajorVersionNever() throws IOException {
    Files.createDirectories(root.resolve("usr/local/cuda-11.8/lib64"));
    Path old = Files.createDirectories(root.resolve("usr/local/cuda-12.8/lib64"));
    Path recent = Files.createDirectories(root.resolve("usr/local/cuda-13.0/lib64"));
    List<Path> folders = folders(Map.of());
    assertAscending(folders, recent, old);
    assertFalse(folders.contains(root.resolve("usr/local/cuda-11.8/lib64")));
  }

  @Test
  void folderOfTwoNamesIsLookedInOnce() throws IOException {
    Path toolkit = Files.createDirectories(root.resolve("usr/local/cuda-13.0/lib64")).getParent();
    Files.createSymbolicLink(root.resolve("usr/local/cuda"), toolkit);
    List<Path> folders = folders(Map.of());
    assertTrue(folders.contains(root.resolve("usr/local/cuda/lib64")));
    assertFalse(folders.contains(toolkit.resolve("lib64")));
  }

  @Test
  void emptyEntriesAreNotTheWorkingFolder() {
    List<Path> folders = folders(Map.of("LD_LIBRARY_PATH", ":" + root + "::"));
    assertEquals(root, folders.getLast());
    assertFalse(folders.contains(Path.of("").toAbsolutePath()));
  }

  private List<Path> folders(Map<String, String> environment) {
    return List.copyOf(LibraryFolders.inOrder(environment, root));
  }

  private static void assertAscending(List<Path> folders, Path... expected) {
    List<Path> present = folders.stream().filter(List.of(expected)::contains).toList();
    assertEquals(List.of(expected), present);
  }
}
