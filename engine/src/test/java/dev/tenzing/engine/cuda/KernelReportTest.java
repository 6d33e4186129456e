package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles every kernel for every generation of GPU with nvcc, where there is one, and reports what
 * each takes of a multiprocessor. The report is {@code target/cuda-kernels.md}; with {@code
 * -Dkernel.report=write} it becomes {@code docs/cuda-kernels.md}.
 */
@Tag("cuda")
class KernelReportTest {
  private static final Path REPORT = Path.of("target/cuda-kernels.md");
  private static final Pattern ENTRY = Pattern.compile("Compiling entry function '(\\w+)'");
  private static final Pattern SPILLS =
      Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes spill loads");
  private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");
  private static final String START =
      """
      # CUDA kernels

      What every kernel takes, as the assembler reports it: registers a thread for each generation
      of GPU, with the bytes that it spills in brackets if any, and bytes of static shared memory a
      block. Dynamic shared memory and block sizes are chosen by the launchers.

      This page is written by a test, on a machine with nvcc:
      `mvn -pl engine -am -Dtest=KernelReportTest -Dkernel.report=write
      -Dsurefire.failIfNoSpecifiedTests=false test`. The test fails when a kernel spills, when a
      compiler warns, or when a kernel is missing here.
      """;

  /** What the assembler says of a kernel on one architecture. */
  private record Usage(int registers, int shared, int spilled) {}

  @TempDir Path folder;

  @Test
  void kernelsCompileWithoutSpillsOrWarnings_whereNvccIs() throws Exception {
    Optional<Path> nvcc = nvcc();
    assumeTrue(nvcc.isPresent(), "no nvcc in CUDA_HOME, /usr/local/cuda or PATH: nothing compiled");
    List<String> complaints = new ArrayList<>();
    StringBuilder report = new StringBuilder(START);
    Set<String> kernels = new TreeSet<>();
    for (String family : KernelFiles.families()) {
      Map<String, List<Usage>> usages = new TreeMap<>();
      for (String architecture : KernelFiles.ARCHITECTURES) {
        compile(nvcc.get(), family, architecture, usages, complaints);
      }
      report.append(table(family, usages));
      kernels.addAll(usages.keySet());
    }
    Files.writeString(REPORT, report);
    if (System.getProperty("kernel.report", "").equals("write")) {
      Files.writeString(KernelFiles.DOCS, report);
    }
    Set<String> documented = KernelFiles.documented();
    assertAll(
        () -> assertEquals(List.of(), complaints),
        () -> assertEquals(kernels, documented, "write docs/cuda-kernels.md anew: it says how"));
  }

  private void compile(
      Path nvcc,
      String family,
      String architecture,
      Map<String, List<Usage>> usages,
      List<String> complaints)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(nvcc.toString(), "-cubin", "-Xptxas", "-v"));
    KernelCompiler.options(architecture).stream()
        .map(option -> option.replace("--gpu-architecture", "-arch"))
        .forEach(command::add);
    command.add("-o");
    command.add(folder.resolve("kernels.cubin").toString());
    command.add(KernelFiles.FOLDER.resolve(family + ".cu").toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    String where = family + ".cu for " + architecture + ": ";
    if (process.waitFor() != 0) {
      complaints.add(where + output);
      return;
    }
    output.lines().filter(line -> line.contains("warning")).forEach(w -> complaints.add(where + w));
    String[] parts = output.split("(?=ptxas info +: Compiling entry function)");
    for (String part : parts) {
      Matcher entry = ENTRY.matcher(part);
      if (entry.find()) {
        Usage usage = usage(part);
        usages.computeIfAbsent(entry.group(1), name -> new ArrayList<>()).add(usage);
        if (usage.spilled() > 0) {
          complaints.add(where + entry.group(1) + " spills " + usage.spilled() + " bytes");
        }
      }
    }
  }

  private static Usage usage(String part) {
    int spilled =
        SPILLS
            .matcher(part)
            .results()
            .mapToInt(m -> Integer.parseInt(m.group(1)) + Integer.parseInt(m.group(2)))
            .sum();
    Matcher registers = REGISTERS.matcher(part);
    if (!registers.find()) {
      throw new IllegalStateException("nvcc says nothing of registers:\n" + part);
    }
    Matcher shared = SHARED.matcher(part);
    return new Usage(
        Integer.parseInt(registers.group(1)),
        shared.find() ? Integer.parseInt(shared.group(1)) : 0,
        spilled);
  }

  private static String table(String family, Map<String, List<Usage>> usages) {
    StringBuilder text = new StringBuilder("\n## " + family + ".cu\n\n| kernel | ");
    text.append(String.join(" | ", KernelFiles.ARCHITECTURES)).append(" | shared bytes |\n| --- |");
    text.append(" ---: |".repeat(KernelFiles.ARCHITECTURES.size() + 1)).append('\n');
    usages.forEach((kernel, on) -> {
      text.append("| `").append(kernel).append("` |");
      for (Usage usage : on) {
        text.append(' ').append(usage.registers());
        text.append(usage.spilled() > 0 ? " (" + usage.spilled() + ") |" : " |");
      }
      int shared = on.stream().mapToInt(Usage::shared).max().orElse(0);
      text.append(' ').append(shared).append(" |\n");
    });
    return text.toString();
  }

  private static Optional<Path> nvcc() {
    Stream<Path> toolkits =
        Stream.of(System.getenv().getOrDefault("CUDA_HOME", ""), "/usr/local/cuda")
            .filter(toolkit -> !toolkit.isBlank())
            .map(toolkit -> Path.of(toolkit, "bin"));
    Stream<Path> path =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).map(Path::of);
    return Stream.concat(toolkits, path)
        .map(bin -> bin.resolve("nvcc"))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
