package dev.tenzing.engine.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds and loads the CUDA libraries of this machine, each when it is first asked for.
 *
 * <p>They are looked for in {@code TENZING_CUDA_PATH} (a toolkit, or a folder of libraries), {@code
 * CUDA_HOME}, the usual folders of Linux distributions and containers, {@code LD_LIBRARY_PATH}, and
 * the {@code nvidia} packages that pip installs; in each folder the newest version first. A file
 * that is there and does not load, or is too new for the driver, is passed over, and said to be.
 *
 * <p>A library is loaded for the whole process, where the classes of {@code dev.tenzing.bindings}
 * find its functions. So there is one copy of each: once a file serves, no other will.
 */
public final class CudaLibraries {
  /** {@code System.load} makes a library visible to the bindings: same class loader. */
  private static final Map<CudaLibrary, Path> IN_PROCESS = new EnumMap<>(CudaLibrary.class);

  private static final CudaLibraries SYSTEM = new CudaLibraries(System.getenv(), Path.of("/"));

  private final Map<String, String> environment;
  private final Path root;
  private final Map<CudaLibrary, LibrarySearch> searches = new EnumMap<>(CudaLibrary.class);

  /**
   * Libraries looked for as if in another environment.
   *
   * @param environment the environment variables
   * @param root the root of the file system that the usual folders are in
   */
  CudaLibraries(Map<String, String> environment, Path root) {
    this.environment = Map.copyOf(environment);
    this.root = root;
  }

  /** The libraries of this machine. */
  public static CudaLibraries system() {
    return SYSTEM;
  }

  /** Looks for a library and loads it; later calls give the first one's answer. Never throws. */
  public synchronized LibrarySearch find(CudaLibrary library) {
    return searches.computeIfAbsent(library, this::search);
  }

  /**
   * Loads a library that a GPU cannot do without.
   *
   * @throws CudaException when it is not to be had
   */
  public Path require(CudaLibrary library) {
    LibrarySearch search = find(library);
    return search.loaded().orElseThrow(() -> new CudaException(search.complaint()));
  }

  private LibrarySearch search(CudaLibrary library) {
    Collection<Path> folders = LibraryFolders.inOrder(environment, root);
    List<LibrarySearch.Attempt> attempts = new ArrayList<>();
    for (Path folder : folders) {
      for (String fileName : library.fileNames()) {
        Path path = folder.resolve(fileName);
        String outcome = tooNew(library, path).orElseGet(() -> load(library, path));
        attempts.add(new LibrarySearch.Attempt(path, outcome));
        if (outcome.equals(LibrarySearch.LOADED)) {
          return new LibrarySearch(library, List.copyOf(attempts), Optional.of(path));
        }
      }
    }
    return new LibrarySearch(library, List.copyOf(attempts), Optional.empty());
  }

  /**
   * A driver runs what was made for its own major version of CUDA or an older one; of newer
   * libraries some calls fail. Where there is no driver nothing is too new: NVRTC compiles without.
   */
  private Optional<String> tooNew(CudaLibrary library, Path path) {
    if (library == CudaLibrary.DRIVER
        || !Files.exists(path)
        || find(CudaLibrary.DRIVER).loaded().isEmpty()) {
      return Optional.empty();
    }
    String made = path.getFileName().toString().replaceAll(".*\\.so\\.", "");
    String driver = CudaDevices.newestCuda();
    int newest = Integer.parseInt(driver.substring(0, driver.indexOf('.')));
    return Integer.parseInt(made) <= newest
        ? Optional.empty()
        : Optional.of("is of CUDA " + made + ", and the driver supports CUDA " + driver);
  }

  private static String load(CudaLibrary library, Path path) {
    if (!Files.exists(path)) {
      return LibrarySearch.ABSENT;
    }
    List<Path> files = new ArrayList<>();
    if (library == CudaLibrary.NVRTC) {
      files.addAll(builtins(path));
      if (files.isEmpty()) {
        return "libnvrtc-builtins is not beside it";
      }
    }
    files.add(path);
    synchronized (IN_PROCESS) {
      Path present = IN_PROCESS.get(library);
      if (present != null) {
        return present.equals(path) ? LibrarySearch.LOADED : "this process already uses " + present;
      }
      try {
        files.forEach(file -> System.load(file.toString()));
      } catch (UnsatisfiedLinkError e) {
        return e.getMessage();
      }
      IN_PROCESS.put(library, path);
      return LibrarySearch.LOADED;
    }
  }

  /**
   * NVRTC opens {@code libnvrtc-builtins.so.13.0} by its bare name while compiling, which succeeds
   * outside the dynamic linker's folders only when it was loaded before: without, compiling fails
   * with {@code NVRTC_ERROR_BUILTIN_OPERATION_FAILURE}.
   */
  private static List<Path> builtins(Path nvrtc) {
    String version = nvrtc.getFileName().toString().replace("libnvrtc.so.", "");
    return LibraryFolders.matches(nvrtc.getParent(), "libnvrtc-builtins.so." + version + ".[0-9]");
  }
}
