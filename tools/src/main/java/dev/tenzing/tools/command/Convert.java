package dev.tenzing.tools.command;

import dev.tenzing.everest.checkpoint.Checkpoint;
import dev.tenzing.everest.checkpoint.CheckpointFormat;
import dev.tenzing.everest.checkpoint.Conversion;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.CheckpointOptions;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tenzing convert}: a checkpoint in another format, bit for bit. */
@Command
public final class Convert extends ToolCommand {
  @Parameters(index = "0", paramLabel = "IN", description = "run or checkpoint of any format")
  private Path in;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description = "file ending in .safetensors or .pth, or folder for Hugging Face")
  private Path out;

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      description = "pth, safetensors or hf (default: by OUT's ending)")
  private String to;

  @Option(names = "--force", description = "replace OUT if it exists")
  private boolean force;

  @Mixin private CheckpointOptions options;

  /** What {@code --json} prints. */
  private record Report(
      Path from, Path to, String format, int tensors, long bytes, List<String> notes) {}

  @Override
  protected void run(Console console) throws Exception {
    CheckpointFormat format = format();
    try (Checkpoint checkpoint = Checkpoint.open(in)) {
      checkpoint.notes().forEach(console::note);
      List<String> notes =
          new Conversion(checkpoint, options.hints(null)).write(out, format, force);
      notes.forEach(console::note);
      int tensors = checkpoint.tensors().size();
      long bytes =
          checkpoint.tensors().values().stream().mapToLong(tensor -> tensor.byteSize()).sum();
      console.print(
          String.format(
              Locale.ROOT,
              "%s -> %s (%s): %d tensors, %.1f MiB",
              checkpoint.path(),
              out,
              format.label(),
              tensors,
              bytes / 1048576.0));
      console.result(new Report(checkpoint.path(), out, format.label(), tensors, bytes, notes));
    } catch (FileAlreadyExistsException e) {
      throw new UsageException(out + " exists; give --force to replace it");
    }
  }

  private CheckpointFormat format() {
    if (to == null) {
      return Conversion.formatOf(out);
    }
    return switch (to) {
      case "pth" -> CheckpointFormat.PTH;
      case "safetensors" -> CheckpointFormat.SAFETENSORS;
      case "hf" -> CheckpointFormat.HUGGING_FACE;
      default -> throw new UsageException("--to must be pth, safetensors or hf, got " + to);
    };
  }
}
