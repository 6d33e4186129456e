import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import com.google.googlejavaformat.java.StringWrapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Checks or applies google-java-format over every Java file of the tree, in one JVM. The build runs
 * it once, in the root project: {@code java Format.java check|apply ROOT MEMORY}.
 *
 * <p>MEMORY is a file with the digests of sources known to be well formatted, so that a build of an
 * unchanged tree formats nothing. Generated code (the {@code bindings} module) is exempt.
 */
final class Format {
  private final Path root;
  private final Path memory;
  private final boolean apply;
  private final Formatter formatter =
      new Formatter(
          JavaFormatterOptions.builder().style(JavaFormatterOptions.Style.GOOGLE).build());

  private Format(String mode, Path root, Path memory) {
    if (!mode.equals("check") && !mode.equals("apply")) {
      throw new IllegalArgumentException("-Dformat=" + mode + ": say check or apply");
    }
    this.apply = mode.equals("apply");
    this.root = root;
    this.memory = memory;
  }

  public static void main(String[] args) throws IOException {
    System.exit(new Format(args[0], Path.of(args[1]), Path.of(args[2])).run());
  }

  private int run() throws IOException {
    Set<String> known = ConcurrentHashMap.newKeySet();
    if (Files.exists(memory)) {
      known.addAll(Files.readAllLines(memory));
    }
    Set<String> good = ConcurrentHashMap.newKeySet();
    List<String> complaints =
        sources().parallelStream()
            .map(file -> visit(file, known, good))
            .flatMap(Stream::of)
            .toList();
    Files.createDirectories(memory.getParent());
    Files.write(memory, good.stream().sorted().toList());
    if (complaints.isEmpty()) {
      return 0;
    }
    complaints.forEach(System.err::println);
    System.err.println(
        "Java sources are not in google-java-format style; to fix them run: ./format");
    return 1;
  }

  private List<Path> sources() throws IOException {
    try (Stream<Path> modules = Files.list(root)) {
      return modules
          .filter(module -> !module.endsWith("bindings") && Files.isDirectory(module))
          .flatMap(module ->
              module.endsWith("scripts") ? Stream.of(module) : Stream.of(module.resolve("src")))
          .filter(Files::isDirectory)
          .flatMap(Format::walk)
          .filter(file -> file.toString().endsWith(".java"))
          .sorted()
          .toList();
    }
  }

  private static Stream<Path> walk(Path folder) {
    try {
      return Files.walk(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what to tell the user about {@code file}: nothing, or one line. */
  private String[] visit(Path file, Set<String> known, Set<String> good) {
    try {
      String source = Files.readString(file);
      String digest = digest(source);
      if (known.contains(digest)) {
        good.add(digest);
        return new String[0];
      }
      String formatted = format(source);
      if (apply && !formatted.equals(source)) {
        Files.writeString(file, formatted);
        System.out.println("formatted " + root.relativize(file));
      }
      if (apply || formatted.equals(source)) {
        good.add(digest(formatted));
        return new String[0];
      }
      return new String[] {"not formatted: " + root.relativize(file)};
    } catch (FormatterException e) {
      return new String[] {root.relativize(file) + ":" + e.getMessage()};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String format(String source) throws FormatterException {
    String ordered = ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.GOOGLE);
    String pruned = RemoveUnusedImports.removeUnusedImports(ordered);
    return StringWrapper.wrap(formatter.formatSource(pruned), formatter);
  }

  private static String digest(String source) {
    try {
      byte[] bytes = source.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
