package dev.tenzing.tools.cli;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Precision;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options every command has. */
@Heading("Every command")
public final class CommonOptions {
  /** Puts them below a command's own options in the help, which have order -1. */
  private static final int LAST = 100;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help",
      order = LAST + 6)
  private boolean help;

  @Option(
      names = "--json",
      description = "print one JSON object on stdout, all else on stderr",
      order = LAST + 4)
  private boolean json;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu (default), cuda or cuda:INDEX",
      order = LAST)
  private String device;

  @Option(
      names = "--precision",
      paramLabel = "fp32|tf32|bf16",
      defaultValue = "fp32",
      description =
          "arithmetic of matrix products, and on a GPU of attention; tf32 is for GPUs (default:"
              + " fp32)",
      order = LAST)
  private String precision;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads (default: all processors)",
      order = LAST + 1)
  private Integer threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "seed of every random draw (default: 0)",
      order = LAST + 2)
  private long seed;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with options under their names; the command line wins",
      order = LAST + 3)
  private Path config;

  @Option(names = "--debug", description = "show stack traces", order = LAST + 5)
  private boolean debug;

  /** Whether stdout gets JSON. */
  public boolean json() {
    return json;
  }

  /** CPU threads to use, at least 1. */
  public int threads() {
    int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (count < 1) {
      throw new UsageException("--threads must be at least 1, got " + count);
    }
    return count;
  }

  /** Seed of every random draw. */
  public long seed() {
    return seed;
  }

  /** Whether errors come with their stack trace. */
  public boolean debug() {
    return debug;
  }

  /** What {@code --precision} asks for. */
  public Precision precision() {
    return switch (precision.toLowerCase(Locale.ROOT)) {
      case "fp32" -> Precision.FP32;
      case "tf32" -> Precision.TF32;
      case "bf16" -> Precision.BF16;
      default ->
          throw new UsageException("--precision must be fp32, tf32 or bf16, got " + precision);
    };
  }

  /** The type of {@linkplain Device#activations() activations} on the device asked for. */
  public DType activations() {
    return device.equals("cpu") ? DType.F32 : precision().activations();
  }

  /**
   * Opens the device that {@code --device} names; the caller closes it. The number of threads is
   * settled then, so that a record of the options has it.
   */
  public Device openDevice() {
    Precision wanted = precision();
    threads = threads();
    if (device.equals("cpu")) {
      if (wanted == Precision.TF32) {
        throw new UsageException(
            "--precision tf32 needs --device cuda; the CPU computes in fp32 or bf16");
      }
      return Device.cpu(threads(), wanted);
    }
    if (device.matches("cuda(:\\d{1,3})?")) {
      int index = device.equals("cuda") ? 0 : Integer.parseInt(device.substring(5));
      return Device.cuda(index, wanted);
    }
    throw new UsageException("--device must be cpu, cuda or cuda:INDEX, got " + device);
  }
}
