package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.io.SafetensorsException;
import dev.tenzing.everest.checkpoint.CheckpointException;
import dev.tenzing.everest.verify.FileResult;
import dev.tenzing.everest.verify.TensorCheck;
import dev.tenzing.everest.verify.Verifier;
import dev.tenzing.everest.verify.VerifyException;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.cli.ToolCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("file", file.toString());
        boolean pass;
        try {
          FileResult result = Verifier.verify(file, device);
          pass = result.pass();
          print(result, console);
          map.put("kind", result.kind());
          map.put("max_rel_error", result.maxRelativeErrors());
        } catch (VerifyException
            | SafetensorsException
            | CheckpointException
            | IllegalArgumentException e) {
          // One file that cannot be replayed does not hide what the others show.
          pass = false;
          console.print("FAIL  " + e.getMessage());
          map.put("error", e.getMessage());
        }
        failed += pass ? 0 : 1;
        map.put("pass", pass);
        results.add(map);
      }
    }
    console.result(results);
    if (failed > 0) {
      throw new FailureException(
          "%s of %s reference files do not pass".formatted(failed, files.size()));
    }
  }

  private void print(FileResult result, Console console) {
    StringBuilder line = new StringBuilder();
    result
        .maxRelativeErrors()
        .forEach(
            (group, error) -> line.append(String.format(Locale.ROOT, "  %s %.1e", group, error)));
    console.print(
        "%s  %s  %s tensors, largest relative errors:%s"
            .formatted(
                result.pass() ? "pass" : "FAIL", result.file(), result.checks().size(), line));
    for (TensorCheck check : result.checks()) {
      if (verbose || !check.pass()) {
        console.print(
            String.format(
                Locale.ROOT,
                "      %s  %s  error %.2e  allowed %.2e",
                check.pass() ? "pass" : "FAIL",
                check.name(),
                check.error(),
                check.tolerance()));
      }
    }
  }
}
