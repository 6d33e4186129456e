package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the devices of a stand-in driver, which is compiled here. */
class CudaDevicesTest {
  @TempDir static Path folder;
  private static CudaLibraries libraries;

  @BeforeAll
  static void compileStandIn() throws IOException, InterruptedException {
    assumeTrue(onPath("gcc"), "needs gcc on the PATH to compile the stand-in CUDA driver");
    Path source = folder.resolve("standin_libcuda.c");
    try (InputStream text = CudaDevicesTest.class.getResourceAsStream("standin_libcuda.c")) {
      Files.copy(text, source);
    }
    Path log = folder.resolve("gcc.log");
    List<String> gcc =
        List.of(
            "gcc",
            "-Wall",
            "-Werror",
            "-shared",
            "-fPIC",
            "-Wl,-soname,libcuda.so.1",
            "-o",
            folder.resolve("libcuda.so.1").toString(),
            source.toString());
    int exit =
        new ProcessBuilder(gcc)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    assertEquals(0, exit, () -> read(log));
    libraries = new CudaLibraries(Map.of("TENZING_CUDA_PATH", folder.toString()), folder);
  }

  @BeforeEach
  void twoDevices() throws Throwable {
    setDeviceCount(2);
  }

  @Test
  void everyFieldIsTheDriversOwn() {
    CudaDevices devices = CudaDevices.query(libraries);
    assertEquals("", devices.problem());
    assertEquals("12.8", devices.driverVersion());
    assertEquals(
        List.of(
            new CudaDevice(0, "Stand-in 0", 9, 1, 80_000_000_000L, 132, "0000:3A:00.0"),
            new CudaDevice(1, "Stand-in 1", 10, 1, 80_000_000_001L, 132, "0000:3B:00.0")),
        devices.devices());
    assertEquals("10.1", devices.require(1).computeCapability());
  }

  @Test
  void numberOutOfRangeIsNamedWithTheRange() {
    CudaDevices devices = CudaDevices.query(libraries);
    for (int index : new int[] {-1, 2}) {
      CudaException e = assertThrows(CudaException.class, () -> devices.require(index));
      assertEquals(
          "cuda:" + index + " does not exist: this machine offers cuda:0 to cuda:1",
          e.getMessage());
    }
  }

  @Test
  void driverWithoutGpuTellsItsVersionAndItsReason() throws Throwable {
    setDeviceCount(0);
    CudaDevices devices = CudaDevices.query(libraries);
    assertEquals("12.8", devices.driverVersion());
    assertEquals(List.of(), devices.devices());
    assertEquals(
        "cuInit failed with 100, CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected",
        devices.problem());
  }

  @Test
  void secondCopyInTheProcessIsRefused() throws IOException {
    LibrarySearch first = libraries.find(CudaLibrary.DRIVER);
    Path other = Files.createDirectories(folder.resolve("other")).resolve("libcuda.so.1");
    Files.copy(first.loaded().orElseThrow(), other);
    CudaLibraries others =
        new CudaLibraries(Map.of("TENZING_CUDA_PATH", other.getParent().toString()), folder);
    LibrarySearch second = others.find(CudaLibrary.DRIVER);
    assertEquals(Optional.empty(), second.loaded());
    assertEquals(
        "this process already uses " + first.loaded().orElseThrow(),
        second.attempts().getFirst().outcome());
    assertTrue(second.complaint().contains(other + " does not serve ("), second.complaint());
  }

  /** The driver is for CUDA 12.8. */
  @Test
  void librariesThatAreTooNewForTheDriverArePassedOver() throws IOException {
    Path toolkits = Files.createDirectories(folder.resolve("toolkits"));
    for (String version : List.of("12", "13")) {
      Files.createFile(toolkits.resolve("libcublasLt.so." + version));
    }
    String path = folder + ":" + toolkits;
    CudaLibraries both = new CudaLibraries(Map.of("TENZING_CUDA_PATH", path), folder);
    Map<Path, String> outcomes =
        both.find(CudaLibrary.CUBLAS_LT).attempts().stream()
            .filter(attempt -> attempt.path().startsWith(toolkits))
            .filter(attempt -> !attempt.outcome().equals(LibrarySearch.ABSENT))
            .collect(Collectors.toMap(LibrarySearch.Attempt::path, LibrarySearch.Attempt::outcome));
    assertEquals(
        "is of CUDA 13, and the driver supports CUDA 12.8",
        outcomes.get(toolkits.resolve("libcublasLt.so.13")));
    String older = outcomes.get(toolkits.resolve("libcublasLt.so.12"));
    assertTrue(older.contains("file too short"), older); // It was tried: it is empty.
  }

  private static void setDeviceCount(int count) throws Throwable {
    Path driver = libraries.require(CudaLibrary.DRIVER);
    try (Arena arena = Arena.ofConfined()) {
      Linker.nativeLinker()
          .downcallHandle(
              SymbolLookup.libraryLookup(driver, arena).findOrThrow("standin_set_device_count"),
              FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
          .invokeExact(count);
    }
  }

  private static boolean onPath(String program) {
    for (String directory : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
