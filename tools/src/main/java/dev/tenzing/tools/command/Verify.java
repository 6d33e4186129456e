package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.verify.FileResult;
import dev.tenzing.everest.verify.TensorCheck;
import dev.tenzing.everest.verify.Verifier;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.cli.ToolCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code tenzing verify}: replays reference files of the official code and tells how far each
 * tensor is from them.
 */
@Command
public final class Verify extends ToolCommand {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "reference files (.safetensors)")
  private List<Path> files;

  @Option(names = "--verbose", description = "show every tensor, not only those that fail")
  private boolean verbose;

  @Override
  protected void run(Console console) {
    List<Map<String, Object>> results = new ArrayList<>();
    int failed = 0;
    try (Device device = common.openDevice()) {
      for (Path file : files) {
        FileResult result = Verifier.verify(file, device);
        failed += result.pass() ? 0 : 1;
        print(result, console);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("file", file.toString());
        map.put("kind", result.kind());
        map.put("max_rel_error", result.maxRelativeErrors());
        map.put("pass", result.pass());
        results.add(map);
      }
    }
    console.result(results);
    if (failed > 0) {
      throw new FailureException(
          "%d of %d reference files do not match".formatted(failed, files.size()));
    }
  }

  private void print(FileResult result, Console console) {
    StringBuilder line = new StringBuilder();
    result
        .maxRelativeErrors()
        .forEach((group, error) -> line.append("  %s %.1e".formatted(group, error)));
    console.print(
        "%s  %s  %d tensors, largest relative errors:%s"
            .formatted(
                result.pass() ? "pass" : "FAIL", result.file(), result.checks().size(), line));
    for (TensorCheck check : result.checks()) {
      if (verbose || !check.pass()) {
        console.print(
            "      %s  %s  error %.2e  allowed %.2e"
                .formatted(
                    check.pass() ? "pass" : "FAIL",
                    check.name(),
                    check.error(),
                    check.tolerance()));
      }
    }
  }
}
