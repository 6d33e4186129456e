package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.bindings.nvrtc.Nvrtc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compiles with the NVRTC of this machine, which takes no GPU. */
class NvrtcTest {
  @BeforeAll
  static void load() {
    LibrarySearch search = CudaLibraries.system().find(CudaLibrary.NVRTC);
    assumeTrue(search.loaded().isPresent(), search::complaint);
  }

  @Test
  void kernelBecomesMachineCode() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment source =
          arena.allocateFrom("extern \"C\" __global__ void fill(float* x) { x[threadIdx.x] = 1; }");
      MemorySegment none = MemorySegment.NULL;
      succeeds(Nvrtc.nvrtcCreateProgram(handle, source, none, 0, none, none));
      MemorySegment program = handle.get(ValueLayout.ADDRESS, 0);
      MemorySegment options = arena.allocate(ValueLayout.ADDRESS);
      options.set(ValueLayout.ADDRESS, 0, arena.allocateFrom("--gpu-architecture=sm_80"));
      succeeds(Nvrtc.nvrtcCompileProgram(program, 1, options));
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      succeeds(Nvrtc.nvrtcGetCUBINSize(program, size));
      MemorySegment cubin = arena.allocate(size.get(ValueLayout.JAVA_LONG, 0));
      succeeds(Nvrtc.nvrtcGetCUBIN(program, cubin));
      succeeds(Nvrtc.nvrtcDestroyProgram(handle));
      byte[] code = cubin.toArray(ValueLayout.JAVA_BYTE);
      assertArrayEquals(new byte[] {0x7f, 'E', 'L', 'F'}, Arrays.copyOf(code, 4));
      assertTrue(code.length > 500, "cubin of " + code.length + " bytes");
    }
  }

  static List<Arguments> everyFileAndArchitecture() throws IOException {
    return KernelFiles.families().stream()
        .flatMap(family ->
            KernelFiles.ARCHITECTURES.stream()
                .map(architecture -> Arguments.of(family, architecture)))
        .toList();
  }

  /** As at run time: with nothing but the file, its header and the options. */
  @ParameterizedTest
  @MethodSource("everyFileAndArchitecture")
  void kernelFilesCompile(String family, String architecture, @TempDir Path folder)
      throws IOException {
    assumeTrue(
        IntStream.of(Architectures.supported()).anyMatch(made -> architecture.equals("sm_" + made)),
        () -> "this NVRTC does not know " + architecture);
    Path nvrtc = CudaLibraries.system().require(CudaLibrary.NVRTC);
    KernelCompiler compiler =
        new KernelCompiler(architecture, nvrtc, new KernelCache(folder.resolve("cache")));
    String code = new String(compiler.compile(family), StandardCharsets.ISO_8859_1);
    Set<String> kernels = KernelFiles.documented(family);
    assertFalse(kernels.isEmpty());
    // A kernel has a section of its own, named without mangling.
    assertEquals(
        Set.of(),
        kernels.stream()
            .filter(kernel -> !code.contains("\0.text." + kernel + "\0"))
            .collect(Collectors.toSet()));
  }

  private static void succeeds(int result) {
    assertEquals(
        Nvrtc.NVRTC_SUCCESS(), result, () -> Nvrtc.nvrtcGetErrorString(result).getString(0));
  }
}
