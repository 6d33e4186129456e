package dev.tenzing.engine.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kernel files in the source tree. */
final class KernelFiles {
  static final Path FOLDER = Path.of("src/main/resources/dev/tenzing/engine/cuda");

  /** The generations that kernels are written for: A100, H100 and H200, B200. */
  static final List<String> ARCHITECTURES = List.of("sm_80", "sm_90", "sm_100");

  /** The list of kernels, which {@link KernelReportTest} writes. */
  static final Path DOCS = Path.of("../docs/cuda-kernels.md");

  private static final Pattern ROW = Pattern.compile("^\\| `(\\w+)` \\|", Pattern.MULTILINE);

  private KernelFiles() {}

  /** The kernels of all families that the list has. */
  static Set<String> documented() throws IOException {
    return rows(Files.readString(DOCS));
  }

  /** The kernels of a family that the list has. */
  static Set<String> documented(String family) throws IOException {
    String start = "\n## " + family + ".cu\n";
    return Stream.of(Files.readString(DOCS).split("(?=\n## )"))
        .filter(part -> part.startsWith(start))
        .map(KernelFiles::rows)
        .findFirst()
        .orElse(Set.of());
  }

  private static Set<String> rows(String page) {
    return ROW.matcher(page)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

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
