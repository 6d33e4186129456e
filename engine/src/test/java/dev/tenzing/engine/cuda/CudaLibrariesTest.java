package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaLibrariesTest {
  private static final int ELF_MACHINE = 18;
  private static final byte X86_64 = 62;
  private static final byte AARCH64 = (byte) 183;

  @TempDir Path root;

  @Test
  void missingLibraryNamesEveryPathInEveryVersion() {
    Path mine = root.resolve("mine");
    LibrarySearch search = libraries(mine).find(CudaLibrary.CUBLAS_LT);
    assertEquals(Optional.empty(), search.loaded());
    List<Path> tried = search.attempts().stream().map(LibrarySearch.Attempt::path).toList();
    assertEquals(mine.resolve("libcublasLt.so.13"), tried.get(0));
    assertEquals(mine.resolve("libcublasLt.so.12"), tried.get(1));
    assertTrue(tried.contains(root.resolve("usr/lib/x86_64-linux-gnu/libcublasLt.so.12")));
    assertTrue(search.attempts().stream().allMatch(a -> a.outcome().equals("not there")));
  }

  @Test
  void missingLibraryThrowsOneSentenceOnlyWhenRequired() {
    CudaLibraries libraries = libraries(root.resolve("mine"));
    int paths = libraries.find(CudaLibrary.DRIVER).attempts().size();
    CudaException e =
        assertThrows(CudaException.class, () -> libraries.require(CudaLibrary.DRIVER));
    assertEquals(
        "a GPU needs the CUDA driver, and libcuda.so.1 is at none of the "
            + paths
            + " paths that `tenzing doctor --libraries` lists: install the NVIDIA driver, or set"
            + " TENZING_CUDA_PATH to the folder that holds it",
        e.getMessage());
  }

  @Test
  void libraryOfAnotherArchitectureIsReportedAndPassedOver() throws IOException {
    Path foreign = Files.createDirectories(root.resolve("mine")).resolve("libcublasLt.so.13");
    byte[] elf = Files.readAllBytes(Path.of(System.getProperty("java.home"), "lib/libjava.so"));
    byte machine = elf[ELF_MACHINE];
    elf[ELF_MACHINE] = machine == X86_64 ? AARCH64 : X86_64;
    Files.write(foreign, elf);
    LibrarySearch search = libraries(foreign.getParent()).find(CudaLibrary.CUBLAS_LT);
    LibrarySearch.Attempt first = search.attempts().getFirst();
    assertEquals(foreign, first.path());
    assertTrue(first.outcome().contains("Possible cause: can't load"), first.outcome());
    assertTrue(search.attempts().size() > 1);
    assertTrue(search.complaint().contains(foreign + " does not serve ("), search.complaint());
  }

  @Test
  void nvrtcWithoutItsBuiltinsDoesNotServe() throws IOException {
    Path alone = Files.createDirectories(root.resolve("mine")).resolve("libnvrtc.so.13");
    Files.createFile(alone);
    LibrarySearch search = libraries(alone.getParent()).find(CudaLibrary.NVRTC);
    assertEquals(Optional.empty(), search.loaded());
    assertEquals(
        new LibrarySearch.Attempt(alone, "libnvrtc-builtins is not beside it"),
        search.attempts().getFirst());
  }

  @Test
  void deviceListOfAMachineWithoutDriverSaysWhy() {
    CudaDevices devices = CudaDevices.query(libraries(root.resolve("mine")));
    assertEquals(List.of(), devices.devices());
    assertEquals("", devices.driverVersion());
    CudaException e = assertThrows(CudaException.class, () -> devices.require(0));
    assertEquals("cuda:0 is not to be had: " + devices.problem(), e.getMessage());
  }

  private CudaLibraries libraries(Path toolkit) {
    return new CudaLibraries(Map.of("TENZING_CUDA_PATH", toolkit.toString()), root);
  }
}
