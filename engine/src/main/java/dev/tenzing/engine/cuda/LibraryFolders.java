package dev.tenzing.engine.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The folders in which CUDA libraries are looked for, in order: those the user names, the usual
 * ones, those of the dynamic linker, those of Python's packages.
 */
final class LibraryFolders {
  private static final List<String> INSIDE_A_TOOLKIT =
      List.of("lib64", "lib", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib");

  private static final List<String> USUAL =
      List.of(
          "opt/cuda/lib64",
          "usr/lib/x86_64-linux-gnu",
          "usr/lib/aarch64-linux-gnu",
          "usr/lib64",
          "usr/lib",
          "usr/local/nvidia/lib64", // containers of Kubernetes
          "usr/lib/wsl/lib", // Linux inside Windows
          "run/opengl-driver/lib"); // NixOS

  private final Map<String, String> environment;
  private final Path root;
  private final Map<Path, Path> byRealPath = new LinkedHashMap<>();

  private LibraryFolders(Map<String, String> environment, Path root) {
    this.environment = environment;
    this.root = root;
  }

  /**
   * The folders to look in, each once though it may be reached by several names. Those that do not
   * exist are among them, so that a report can name them; those found by a pattern exist.
   *
   * @param environment the environment variables
   * @param root the root of the file system that the usual folders are in
   */
  static Collection<Path> inOrder(Map<String, String> environment, Path root) {
    LibraryFolders folders = new LibraryFolders(environment, root);
    folders.variables().forEach(folders::add);
    folders.usual().forEach(folders::add);
    folders.dynamicLinker().forEach(folders::add);
    folders.python().forEach(folders::add);
    return folders.byRealPath.values();
  }

  private void add(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    Path real;
    try {
      real = absolute.toRealPath();
    } catch (IOException e) {
      real = absolute; // Not there.
    }
    byRealPath.putIfAbsent(real, absolute);
  }

  private List<Path> variables() {
    List<Path> folders = new ArrayList<>();
    for (Path toolkit : paths("TENZING_CUDA_PATH")) {
      folders.add(toolkit);
      INSIDE_A_TOOLKIT.forEach(inside -> folders.add(toolkit.resolve(inside)));
    }
    for (Path toolkit : paths("CUDA_HOME")) {
      INSIDE_A_TOOLKIT.forEach(inside -> folders.add(toolkit.resolve(inside)));
    }
    return folders;
  }

  private List<Path> usual() {
    List<Path> folders = new ArrayList<>();
    Path local = root.resolve("usr/local");
    folders.add(local.resolve("cuda/lib64"));
    for (String versions : List.of("cuda-13*", "cuda-12*")) {
      matches(local, versions).forEach(toolkit -> folders.add(toolkit.resolve("lib64")));
    }
    USUAL.forEach(folder -> folders.add(root.resolve(folder)));
    return folders;
  }

  private List<Path> dynamicLinker() {
    return paths("LD_LIBRARY_PATH");
  }

  /** pip puts a library in {@code nvidia/cublas/lib} or, since CUDA 13, {@code nvidia/cu13/lib}. */
  private List<Path> python() {
    List<Path> homes = new ArrayList<>(paths("VIRTUAL_ENV"));
    homes.addAll(paths("CONDA_PREFIX"));
    paths("HOME").forEach(home -> homes.add(home.resolve(".local")));
    homes.add(root.resolve("usr/local"));
    homes.add(root.resolve("usr"));
    List<Path> folders = new ArrayList<>();
    for (Path home : homes) {
      for (Path python : matches(home.resolve("lib"), "python3*")) {
        for (Path packages : matches(python, "{site,dist}-packages")) {
          for (Path wheel : matches(packages.resolve("nvidia"), "*")) {
            folders.add(wheel.resolve("lib"));
          }
        }
      }
    }
    return folders;
  }

  private List<Path> paths(String variable) {
    List<Path> paths = new ArrayList<>();
    for (String path : environment.getOrDefault(variable, "").split(File.pathSeparator)) {
      if (!path.isBlank()) {
        paths.add(Path.of(path));
      }
    }
    return paths;
  }

  /** What matches in a folder, newest version first; nothing when there is no such folder. */
  static List<Path> matches(Path folder, String glob) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
        stream.forEach(found::add);
      } catch (IOException | DirectoryIteratorException e) {
        found.clear(); // A folder that cannot be listed has nothing for us.
      }
    }
    found.sort(Comparator.reverseOrder());
    return found;
  }
}
