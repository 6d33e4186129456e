package dev.tenzing.engine.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The kernel files in the source tree. */
final class KernelFiles {
  static final Path FOLDER = Path.of("src/main/resources/dev/tenzing/engine/cuda");

  /** The generations that kernels are written for: A100, H100 and H200, B200. */
  static final List<String> ARCHITECTURES = List.of("sm_80", "sm_90", "sm_100");

  private KernelFiles() {}

  /** Their names without the ending, in alphabetical order. */
  static List<String> families() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".cu"))
          .map(name -> name.substring(0, name.length() - ".cu".length()))
          .sorted()
          .toList();
    }
  }
}
