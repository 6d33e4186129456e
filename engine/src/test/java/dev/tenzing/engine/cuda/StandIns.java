package dev.tenzing.engine.cuda;

import dev.tenzing.engine.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Libraries that stand in for the driver, cuBLASLt and NVRTC on a machine without a GPU: made by
 * the host's C++ compiler from {@code src/test/cuda}, they run the real kernels, emulated. With the
 * system property {@code tenzing.test.gpu=real} nothing stands in: the tests run on this machine's
 * first GPU, with its libraries.
 */
public final class StandIns {
  private static final boolean REAL = System.getProperty("tenzing.test.gpu", "").equals("real");
  private static final Path SOURCES = Path.of("src/test/cuda");
  private static final Path FOLDER = Path.of("target/stand-ins").toAbsolutePath();
  private static String problem;
  private static boolean made;

  private StandIns() {}

  /** Why they are not to be had, or empty when they are. */
  public static synchronized String problem() {
    if (!made) {
      made = true;
      problem = REAL ? missing() : make();
    }
    return problem;
  }

  /** A back end on the GPU. */
  public static CudaBackend backend(Precision precision) {
    if (REAL) {
      return CudaBackend.create(0, precision);
    }
    return CudaBackend.create(0, precision, libraries(), environment());
  }

  /** The libraries, found through {@code TENZING_CUDA_PATH} as a user's are. */
  static CudaLibraries libraries() {
    return REAL
        ? CudaLibraries.system()
        : new CudaLibraries(environment(), FOLDER.resolve("no-root"));
  }

  private static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("TENZING_CUDA_PATH", FOLDER.toString());
    environment.put("TENZING_CACHE", FOLDER.resolve("cache").toString());
    return environment;
  }

  private static String missing() {
    try {
      CudaDevices.query(CudaLibraries.system()).require(0);
      CudaLibraries.system().require(CudaLibrary.CUBLAS_LT);
      CudaLibraries.system().require(CudaLibrary.NVRTC);
      return "";
    } catch (CudaException e) {
      return e.getMessage();
    }
  }

  private static String make() {
    try {
      Files.createDirectories(FOLDER);
      forgetOtherEmulations();
      for (String header : List.of("emulation.h", "driver.h")) {
        Files.copy(
            SOURCES.resolve(header), FOLDER.resolve(header), StandardCopyOption.REPLACE_EXISTING);
      }
      library("cuda.cpp", "libcuda.so.1", "-O1", List.of("-ldl"));
      String beside = FOLDER.resolve("libcuda.so.1").toString();
      library("cublaslt.cpp", "libcublasLt.so.13", "-O3", List.of(beside, "-march=native"));
      library("nvrtc.cpp", "libnvrtc.so.13", "-O1", List.of("-ldl"));
      library("nvrtc_builtins.cpp", "libnvrtc-builtins.so.13.0", "-O1", List.of());
      return "";
    } catch (IOException e) {
      return "no g++ on this machine to make the stand-ins for a GPU with: " + e.getMessage();
    }
  }

  /** Kernels that were compiled with another emulation are of no use. */
  private static void forgetOtherEmulations() throws IOException {
    Path used = FOLDER.resolve("emulation.h");
    Path kernels = FOLDER.resolve("cache/kernels");
    if (!Files.isDirectory(kernels)
        || Files.exists(used) && Files.mismatch(used, SOURCES.resolve("emulation.h")) < 0) {
      return;
    }
    try (Stream<Path> files = Files.list(kernels)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  /** Makes a library unless it is newer than its source. */
  private static void library(String source, String name, String level, List<String> more)
      throws IOException {
    Path target = FOLDER.resolve(name);
    Path from = SOURCES.resolve(source);
    if (Files.exists(target)
        && Files.getLastModifiedTime(target).compareTo(Files.getLastModifiedTime(from)) > 0) {
      return;
    }
    Path beside = Files.createTempFile(FOLDER, name, ".tmp");
    List<String> command =
        new ArrayList<>(
            List.of("g++", "-std=c++20", level, "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"));
    command.add("-Wl,-soname," + name);
    command.add(from.toString());
    command.add("-o");
    command.add(beside.toString());
    command.addAll(more);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    try {
      if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new IllegalStateException(source + " does not compile:\n" + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    Files.move(beside, target, StandardCopyOption.REPLACE_EXISTING);
  }
}
