package dev.tenzing.engine.cpu.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Machine code read by binutils' objdump, which knows nothing of {@link Assembler}. */
final class Disassembler {
  private Disassembler() {}

  /** Instructions in AT&T notation with single spaces, by their places. */
  static Map<Long, String> read(byte[] code, Path folder) throws Exception {
    Path file = Files.write(folder.resolve("code"), code);
    Process process = objdump(file);
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    Map<Long, String> lines = new TreeMap<>();
    text.lines()
        .filter(line -> line.matches("\\s*[0-9a-f]+:\\s.*"))
        .forEach(line -> {
          String[] parts = line.split(":", 2);
          lines.put(Long.parseLong(parts[0].strip(), 16), parts[1].replaceAll("\\s+", " ").strip());
        });
    return lines;
  }

  private static Process objdump(Path file) throws IOException {
    String[] command = {
      "objdump", "-D", "-b", "binary", "-m", "i386:x86-64", "--no-show-raw-insn", "" + file
    };
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, "no objdump on the PATH: machine code is not read back");
      throw e;
    }
  }
}
