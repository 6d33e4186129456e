package dev.tenzing.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelChoiceTest {
  /** Opens the CPU twice, in a JVM of its own. */
  static final class TwoDevices {
    private TwoDevices() {}

    public static void main(String[] args) {
      Device.cpu(1).close();
      Device.cpu(1).close();
    }
  }

  @Test
  void withoutTheVectorModuleOneLineNamesTheFlag() throws Exception {
    List<String> lines = stderr();
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.getFirst().contains("--add-modules=jdk.incubator.vector"), lines::toString);
  }

  @Test
  void withTheModuleNothingIsSaid() throws Exception {
    List<String> lines = stderr("--add-modules=jdk.incubator.vector");
    assertTrue(
        lines.stream().allMatch(line -> line.contains("incubator modules")), lines::toString);
  }

  private static List<String> stderr(String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(flags));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), TwoDevices.class.getName()));
    Process java =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    String text = new String(java.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, java.waitFor(), text);
    return text.lines().toList();
  }
}
