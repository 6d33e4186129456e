package dev.tenzing.tools.command;

import com.sun.management.OperatingSystemMXBean;
import dev.tenzing.engine.cuda.CudaDevice;
import dev.tenzing.engine.cuda.CudaDevices;
import dev.tenzing.engine.cuda.CudaLibraries;
import dev.tenzing.engine.cuda.CudaLibrary;
import dev.tenzing.engine.cuda.LibrarySearch;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.video.decode.FFmpeg;
import dev.tenzing.video.decode.FFmpegMissingException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tenzing doctor}: what this machine offers, and what is missing. */
@Command
public final class Doctor extends ToolCommand {
  @Option(
      names = "--libraries",
      description = "list the GPU's libraries, and where each missing one was looked for")
  private boolean libraries;

  /** What {@code --json} prints. */
  private record Report(
      Java java,
      String system,
      int threads,
      VectorUnit vector,
      Memory memory,
      String ffmpeg,
      Gpu gpu) {}

  /** The JVM it runs on. */
  private record Java(String version, String vm, Path home) {}

  /** Memory in MiB: tensors live outside the Java heap. */
  private record Memory(long totalMib, long freeMib, long heapMib) {}

  /** The GPUs, or why there are none. */
  private record Gpu(
      String driverVersion, List<CudaDevice> devices, String problem, List<Library> libraries) {}

  /** A native library: the file that serves, or null, and every path that was tried. */
  private record Library(String name, Path path, List<LibrarySearch.Attempt> tried) {}

  @Override
  protected void run(Console console) {
    Report report =
        new Report(
            new Java(
                System.getProperty("java.runtime.version"),
                System.getProperty("java.vm.name"),
                Path.of(System.getProperty("java.home"))),
            System.getProperty("os.name") + " " + System.getProperty("os.arch"),
            common.threads(),
            VectorUnit.current(),
            memory(),
            ffmpeg(),
            gpu());
    print(report, console);
    console.result(report);
  }

  private static Memory memory() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Memory(
        system.getTotalMemorySize() >> 20,
        system.getFreeMemorySize() >> 20,
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private static String ffmpeg() {
    try {
      return FFmpeg.version();
    } catch (FFmpegMissingException e) {
      return "missing: " + e.getMessage();
    }
  }

  private static Gpu gpu() {
    CudaLibraries libraries = CudaLibraries.system();
    CudaDevices found = CudaDevices.query(libraries);
    List<Library> searched =
        Arrays.stream(CudaLibrary.values())
            .map(libraries::find)
            .map(search ->
                new Library(
                    search.library().title(), search.loaded().orElse(null), search.attempts()))
            .toList();
    return new Gpu(found.driverVersion(), found.devices(), found.problem(), searched);
  }

  private void print(Report report, Console console) {
    Java java = report.java();
    line(console, "Java", java.version() + ", " + java.vm() + ", in " + java.home());
    line(console, "system", report.system() + ", " + report.threads() + " threads");
    VectorUnit vector = report.vector();
    line(
        console,
        "vectors",
        vector.bits() == 0
            ? "none, plain loops: " + vector.reason()
            : vector.bits() + " bits: " + vector.reason());
    if (vector.tile() != null) {
      line(console, "products", vector.tile());
    }
    line(console, "bf16", vector.bf16());
    Memory memory = report.memory();
    line(
        console,
        "memory",
        "%s MiB, %s MiB free, Java heap up to %s MiB"
            .formatted(memory.totalMib(), memory.freeMib(), memory.heapMib()));
    line(console, "FFmpeg", report.ffmpeg());
    print(report.gpu(), libraries, console);
  }

  /** Without a GPU one line says why; with one, the libraries in use are listed. */
  private static void print(Gpu gpu, boolean libraries, Console console) {
    if (gpu.devices().isEmpty()) {
      line(console, "GPU", "none: " + gpu.problem());
      if (!libraries) {
        return;
      }
    }
    for (CudaDevice device : gpu.devices()) {
      line(
          console,
          "cuda:" + device.index(),
          "%s, compute capability %s, %s MiB, driver for CUDA %s"
              .formatted(
                  device.name(),
                  device.computeCapability(),
                  device.memoryBytes() >> 20,
                  gpu.driverVersion()));
    }
    for (Library library : gpu.libraries()) {
      line(
          console,
          library.name(),
          Optional.ofNullable(library.path()).map(Path::toString).orElse("missing"));
      if (library.path() == null) {
        library
            .tried()
            .forEach(attempt -> line(console, "", attempt.path() + ": " + attempt.outcome()));
      }
    }
  }

  private static void line(Console console, String name, String value) {
    console.print("%-16s %s".formatted(name, value));
  }
}
