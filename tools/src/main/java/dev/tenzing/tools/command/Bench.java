package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.profile.Peaks;
import dev.tenzing.engine.profile.Profile;
import dev.tenzing.everest.cost.ForwardCost;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.description.Purpose;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.run.Emulation;
import dev.tenzing.everest.task.Tasks;
import dev.tenzing.everest.training.TrainingTask;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.FrameOptions;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tenzing bench}: times training steps on random input, or the decoding of clips. */
@Command
public final class Bench extends ToolCommand {
  private static final int CLASSES = 101;

  /** What is timed. */
  enum Task {
    /** Masked pre-training. */
    PRETRAIN,
    /** Supervised training. */
    FINETUNE,
    /** Clips from video files, without training. */
    DECODE
  }

  @Option(
      names = "--task",
      defaultValue = "pretrain",
      description = "pretrain, finetune or decode (default: ${DEFAULT-VALUE})")
  private Task task;

  @Option(
      names = "--model",
      defaultValue = "vit-s",
      paramLabel = "SIZE",
      description = "size of the model (default: ${DEFAULT-VALUE})")
  private String model;

  @Option(
      names = "--method",
      defaultValue = "everest",
      description = {
        "everest, videomae, st-mae or videomae-v2; in fine-tuning all but everest",
        "take all tokens (default: ${DEFAULT-VALUE})"
      })
  private String method;

  @Mixin private FrameOptions frameOptions;

  @Option(
      names = "--batch",
      defaultValue = "4",
      paramLabel = "N",
      description = "clips a step (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--frames",
      defaultValue = "16",
      paramLabel = "N",
      description = "frames of a clip (default: ${DEFAULT-VALUE})")
  private int frames;

  @Option(
      names = "--size",
      defaultValue = "224",
      paramLabel = "N",
      description = "side of a clip (default: ${DEFAULT-VALUE})")
  private int size;

  @Option(
      names = "--data",
      paramLabel = "LIST_OR_DIR",
      description = "videos to decode; for --task decode alone")
  private Path data;

  @Option(
      names = "--stride",
      defaultValue = "4",
      paramLabel = "N",
      description = "frames from one to the next of a decoded clip (default: ${DEFAULT-VALUE})")
  private int stride;

  @Option(
      names = "--steps",
      defaultValue = "7",
      paramLabel = "N",
      description = "steps that are timed (default: ${DEFAULT-VALUE})")
  private int steps;

  @Option(
      names = "--warmup",
      defaultValue = "15",
      paramLabel = "N",
      description = "steps before them, while the JVM compiles (default: ${DEFAULT-VALUE})")
  private int warmup;

  @Option(
      names = "--profile",
      description = {
        "tell where a step goes, kernel by kernel; each kernel is waited for, and",
        "steps are not captured"
      })
  private boolean profile;

  @Option(
      names = "--recompute",
      description = "run blocks again in the backward instead of keeping their activations")
  private boolean recompute;

  @Override
  protected void run(Console console) throws IOException, VideoException, VideoListException {
    if (batch < 1 || steps < 1 || warmup < 0) {
      throw new UsageException("--batch and --steps must be at least 1 and --warmup at least 0");
    }
    if ((task == Task.DECODE) != (data != null)) {
      throw new UsageException("--task decode needs --data LIST_OR_DIR, and only it does");
    }
    if (task == Task.DECODE && profile) {
      throw new UsageException("--profile tells about training steps; --task decode has none");
    }
    if (task == Task.DECODE) {
      VideoList list = DataOptions.list(data, null, VideoList.Labels.OPTIONAL, 0, List.of());
      try (Device device = common.openDevice()) {
        new DecodeBench(
                list, frames, stride, size, batch, warmup, steps, common.threads(), common.seed())
            .run(device, console);
      }
      return;
    }
    Method chosen = Method.named(method);
    VitConfig config = task == Task.PRETRAIN ? chosen.model(model) : VitConfig.named(model);
    ClipShape clip = ClipShape.square(frames, size);
    clip.grid(config);
    Purpose purpose =
        task == Task.PRETRAIN
            ? Pretraining.official(chosen)
            : new Classification(
                VideoClassifier.Options.official(
                        CLASSES, chosen.selects() ? ReRoSelection.finetuning() : null)
                    .withoutDropPath());
    ModelDescription description =
        new ModelDescription(config, clip, 4, purpose).withFrames(frameOptions.over(null));
    ForwardCost cost =
        purpose instanceof Pretraining pretraining
            ? ForwardCost.pretrainingAsRun(config, clip.grid(config), pretraining.masking())
                .withFrameSelection(description)
            : ForwardCost.of(description);
    try (Device device = common.openDevice()) {
      UnaryOperator<Hyper> clipped = hyper -> hyper.clipped(5);
      time(Tasks.of(description, clipped, device, Rng.seed(0), recompute), device, cost, console);
    }
  }

  private void time(TrainingTask<?> training, Device device, ForwardCost cost, Console console)
      throws IOException {
    TrainingBench bench = new TrainingBench(training, device, batch, warmup, steps, common.seed());
    if (!profile) {
      report(bench.run(null, console), null, cost, device, console);
      return;
    }
    boolean captures = device.captures();
    try (Profile profiled = device.profile()) {
      Peaks peaks = profiled.peaks();
      TrainingBench.Times times = bench.run(profiled, console);
      Peaks reached = peaks.reachedBy(profiled.shapes());
      report(times, new ProfileTable(profiled, reached, captures), cost, device, console);
    }
  }

  private void report(
      TrainingBench.Times times,
      ProfileTable table,
      ForwardCost cost,
      Device device,
      Console console)
      throws IOException {
    double median = times.median();
    // Forward once, backward twice but for what chooses frames; a multiply-add is two operations.
    double gflops = 2.0 * (3 * cost.macs() - 2 * cost.frameSelection()) * batch / 1e9;
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("task", task.name().toLowerCase(Locale.ROOT));
    result.put("model", model);
    result.put("method", method);
    result.put("batch", batch);
    result.put("threads", common.threads());
    result.put("device", device.name());
    result.put("precision", common.precision().name().toLowerCase(Locale.ROOT));
    Emulation.of(device)
        .ifPresent(sentence -> {
          console.note(sentence);
          result.put("emulated", true);
        });
    result.put("captured", times.captured());
    result.put("median_ms", median);
    result.put("min_ms", times.fastest());
    if (times.captured()) {
      // What the host does for a step before it could go on to the next.
      result.put("host_ms", times.hostMedian());
    }
    result.put("loss", times.loss());
    result.put("clips_per_s", batch / median * 1e3);
    result.put("gflops_per_s", gflops / median * 1e3);
    result.put("peak_mib", device.memory().peak() / 1048576.0);
    result.put("process_peak_mib", processPeakMib());
    console.print(
        String.format(
            Locale.ROOT,
            "%s %s %s, batch %d, %d threads: median %.1f ms, min %.1f ms, %.2f clips/s, %.0f"
                + " GFLOP/s, peak %.0f MiB of tensors, %.0f MiB of the process",
            result.get("task"),
            model,
            method,
            batch,
            common.threads(),
            median,
            times.fastest(),
            batch / median * 1e3,
            gflops / median * 1e3,
            result.get("peak_mib"),
            result.get("process_peak_mib")));
    if (table != null) {
      table.lines().forEach(console::print);
      result.put("profile", table.json());
    }
    console.result(result);
  }

  /** Most memory this process has had resident, where the system tells; else NaN. */
  private static double processPeakMib() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.isReadable(status)) {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmHWM:")) {
          return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
        }
      }
    }
    return Double.NaN;
  }
}
