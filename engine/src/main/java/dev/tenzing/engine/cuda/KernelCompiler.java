package dev.tenzing.engine.cuda;

import dev.tenzing.bindings.nvrtc.Nvrtc;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Compiles the kernel files of this package to machine code for one architecture, once: what came
 * out is kept on disk under a key of everything that went in.
 */
final class KernelCompiler {
  private static final String HEADER = "common.cuh";

  private final String architecture;
  private final Path nvrtc;
  private final KernelCache cache;

  /**
   * A compiler for a GPU.
   *
   * @param architecture such as {@code sm_90}
   * @param nvrtc the library that is loaded
   */
  KernelCompiler(String architecture, Path nvrtc, KernelCache cache) {
    this.architecture = architecture;
    this.nvrtc = nvrtc;
    this.cache = cache;
  }

  /** The options of every compilation. */
  static List<String> options(String architecture) {
    return List.of("--gpu-architecture=" + architecture, "--std=c++17");
  }

  /** The text of a kernel file. */
  static String source(String file) {
    try (InputStream in = KernelCompiler.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("no kernel file " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("kernel file " + file, e);
    }
  }

  /**
   * Machine code of a kernel file.
   *
   * @param family its name without the ending
   */
  byte[] compile(String family) {
    String source = source(family + ".cu");
    String header = source(HEADER);
    List<String> options = options(architecture);
    String key = KernelCache.key(source, header, options.toString(), version(), identity());
    byte[] kept = cache.find(family, key);
    if (kept != null) {
      return kept;
    }
    byte[] code = compile(family, source, header, options);
    cache.keep(family, key, code);
    return code;
  }

  /** Two libraries of one version may still differ. */
  private String identity() {
    try {
      return Files.size(nvrtc.toRealPath()) + " " + Files.getLastModifiedTime(nvrtc);
    } catch (IOException e) {
      return nvrtc.toString();
    }
  }

  private static String version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment major = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment minor = arena.allocate(ValueLayout.JAVA_INT);
      check("nvrtcVersion", Nvrtc.nvrtcVersion(major, minor));
      return major.get(ValueLayout.JAVA_INT, 0) + "." + minor.get(ValueLayout.JAVA_INT, 0);
    }
  }

  private static byte[] compile(String family, String source, String header, List<String> options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(ValueLayout.ADDRESS);
      check(
          "nvrtcCreateProgram",
          Nvrtc.nvrtcCreateProgram(
              handle,
              arena.allocateFrom(source),
              arena.allocateFrom(family + ".cu"),
              1,
              pointers(arena, List.of(header)),
              pointers(arena, List.of(HEADER))));
      MemorySegment program = handle.get(ValueLayout.ADDRESS, 0);
      int result = Nvrtc.nvrtcCompileProgram(program, options.size(), pointers(arena, options));
      if (result != Nvrtc.NVRTC_SUCCESS()) {
        String log = log(program, arena);
        Nvrtc.nvrtcDestroyProgram(handle);
        throw new CudaException(
            family + ".cu does not compile (" + error(result) + "):\n" + log.strip());
      }
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      check("nvrtcGetCUBINSize", Nvrtc.nvrtcGetCUBINSize(program, size));
      MemorySegment code = arena.allocate(size.get(ValueLayout.JAVA_LONG, 0));
      check("nvrtcGetCUBIN", Nvrtc.nvrtcGetCUBIN(program, code));
      check("nvrtcDestroyProgram", Nvrtc.nvrtcDestroyProgram(handle));
      return code.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static MemorySegment pointers(Arena arena, List<String> texts) {
    MemorySegment array = arena.allocate(ValueLayout.ADDRESS, texts.size());
    for (int i = 0; i < texts.size(); i++) {
      array.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
    return array;
  }

  private static String log(MemorySegment program, Arena arena) {
    MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
    check("nvrtcGetProgramLogSize", Nvrtc.nvrtcGetProgramLogSize(program, size));
    MemorySegment text = arena.allocate(size.get(ValueLayout.JAVA_LONG, 0) + 1);
    check("nvrtcGetProgramLog", Nvrtc.nvrtcGetProgramLog(program, text));
    return text.getString(0);
  }

  static void check(String call, int result) {
    if (result != Nvrtc.NVRTC_SUCCESS()) {
      throw new CudaException(call + " failed with " + error(result));
    }
  }

  private static String error(int result) {
    return result + ", " + Nvrtc.nvrtcGetErrorString(result).reinterpret(1024).getString(0);
  }
}
