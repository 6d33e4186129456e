package dev.tenzing.engine.cuda;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What came of looking for one library.
 *
 * @param library which one
 * @param attempts every path tried, in order
 * @param loaded the file that serves, empty when none does
 */
public record LibrarySearch(CudaLibrary library, List<Attempt> attempts, Optional<Path> loaded) {

  /** The outcome of a path at which there is no file. */
  static final String ABSENT = "not there";

  /** The outcome of a path whose file was loaded. */
  static final String LOADED = "loaded";

  /**
   * One path and what happened there.
   *
   * @param path the file
   * @param outcome {@code loaded}, {@code not there}, or why the file could not be loaded
   */
  public record Attempt(Path path, String outcome) {}

  /** Why the library is missing and what to do, in one sentence. */
  public String complaint() {
    String names = String.join(" or ", library.fileNames());
    List<Attempt> broken =
        attempts.stream().filter(attempt -> !attempt.outcome().equals(ABSENT)).toList();
    String what =
        broken.isEmpty()
            ? names
                + " is at none of the "
                + attempts.size()
                + " paths that `tenzing doctor --libraries` lists"
            : broken.getFirst().path() + " does not serve (" + broken.getFirst().outcome() + ")";
    return "a GPU needs "
        + library.title()
        + ", and "
        + what
        + ": "
        + library.remedy()
        + ", or set TENZING_CUDA_PATH to the folder that holds it";
  }
}
