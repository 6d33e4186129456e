package dev.tenzing.tools.command;

import dev.tenzing.engine.CapturedStep;
import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.cost.ForwardCost;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.recipe.Method;
import dev.tenzing.everest.recipe.Pretraining;
import dev.tenzing.everest.training.ClipLabels;
import dev.tenzing.everest.training.Criterion;
import dev.tenzing.everest.training.FinetuneTask;
import dev.tenzing.everest.training.PretrainTask;
import dev.tenzing.everest.training.TrainingTask;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.FrameOptions;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
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
    try (Device device = common.openDevice()) {
      if (task == Task.PRETRAIN) {
        Pretraining pretraining = Pretraining.official(chosen);
        ModelDescription description =
            new ModelDescription(config, clip, 4, pretraining, null, List.of())
                .withFrames(frameOptions.over(null));
        try (MaskedAutoencoder network =
            new MaskedAutoencoder(config, clip, device, Rng.seed(0), recompute)) {
          ForwardCost cost =
              ForwardCost.pretrainingAsRun(config, clip.grid(config), pretraining.masking());
          time(
              new PretrainTask(network, description, Hyper.pretraining().clipped(5), device),
              device,
              cost.withFrameSelection(description),
              console);
        }
      } else {
        ReRoSelection selection = chosen.selects() ? ReRoSelection.finetuning() : null;
        VideoClassifier.Options options =
            VideoClassifier.Options.official(CLASSES, selection).withoutDropPath();
        ModelDescription description =
            new ModelDescription(config, clip, 4, null, options, List.of())
                .withFrames(frameOptions.over(null));
        try (VideoClassifier network =
            new VideoClassifier(config, clip, options, device, Rng.seed(0), recompute)) {
          ForwardCost cost = ForwardCost.classification(config, clip.grid(config), options);
          time(
              new FinetuneTask(
                  network,
                  description,
                  Hyper.finetuning().clipped(5),
                  Criterion.labels(0.1),
                  device),
              device,
              cost.withFrameSelection(description),
              console);
        }
      }
    }
  }

  private void time(TrainingTask training, Device device, ForwardCost cost, Console console)
      throws IOException {
    boolean chooses = training.description().frames() != null;
    ClipShape clip = training.description().loadedClip();
    try (Tensor input = chooses ? pixels(clip, device) : video(clip, device);
        Progress progress = console.progress("bench", warmup + steps)) {
      ClipLabels labels = ClipLabels.of(new int[batch]);
      Masking.Draw draw = new Masking.Draw(Rng.seed(common.seed()), 0, 0);
      Function<Step, Tensor> pass =
          tape -> {
            Tensor value =
                training.loss(chooses ? training.video(input, draw) : input, labels, draw);
            tape.backward(value);
            return value;
          };
      double[] millis = new double[steps];
      double[] hostMillis = new double[steps];
      double loss = Double.NaN;
      CapturedStep captured = null;
      for (int i = -warmup; i < steps; i++) {
        if (i == 0) {
          device.resetPeakMemory();
        }
        draw.moveTo(i + warmup, 0);
        // As in training: the first step runs as it is, the second is captured.
        if (i == 1 - warmup && i < 0 && device.captures() && training.notCapturable().isEmpty()) {
          captured = device.capture(pass);
        }
        long start = System.nanoTime();
        if (captured != null) {
          captured.replay();
          training.optimizer().update(1e-4, 0.05);
          hostMillis[Math.max(i, 0)] = (System.nanoTime() - start) / 1e6;
          loss = captured.output().item(); // Waits for the whole step.
        } else {
          try (Step step = device.step()) {
            loss = pass.apply(step).item();
          }
          training.optimizer().update(1e-4, 0.05);
        }
        training.optimizer().clearGradients();
        double elapsed = (System.nanoTime() - start) / 1e6;
        if (i >= 0) {
          millis[i] = elapsed;
        }
        progress.update(
            i + warmup + 1,
            (long) (i + warmup + 1) * batch,
            0,
            "%.0f ms, loss %.4f".formatted(elapsed, loss));
      }
      report(millis, captured == null ? null : hostMillis, loss, cost, device, console);
      if (captured != null) {
        captured.close();
      }
    }
  }

  /** What the selection of frames starts from, so that it is timed too. */
  private Tensor pixels(ClipShape clip, Device device) {
    Tensor pixels =
        device.persistent(DType.U8, Shape.of(batch, clip.frames(), clip.height(), clip.width(), 3));
    byte[] values = new byte[Math.toIntExact(pixels.size())];
    Rng.Stream draws = Rng.seed(common.seed()).purpose("bench").at(0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) draws.nextInt();
    }
    try (Arena arena = Arena.ofConfined()) {
      pixels.copyFrom(arena.allocateFrom(ValueLayout.JAVA_BYTE, values));
    }
    return pixels;
  }

  private Tensor video(ClipShape clip, Device device) {
    Tensor video =
        device.persistent(
            DType.F32, Shape.of(batch, 3, clip.frames(), clip.height(), clip.width()));
    float[] values = new float[Math.toIntExact(video.size())];
    Rng.Stream draws = Rng.seed(common.seed()).purpose("bench").at(0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = draws.nextGaussian();
    }
    video.copyFrom(values);
    return video;
  }

  private void report(
      double[] millis,
      double[] hostMillis,
      double loss,
      ForwardCost cost,
      Device device,
      Console console)
      throws IOException {
    double[] sorted = sorted(millis);
    double median = median(sorted);
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
    result.put("captured", hostMillis != null);
    result.put("median_ms", median);
    result.put("min_ms", sorted[0]);
    if (hostMillis != null) {
      // What the host does for a step before it could go on to the next.
      result.put("host_ms", median(sorted(hostMillis)));
    }
    result.put("loss", loss);
    result.put("clips_per_s", batch / median * 1e3);
    result.put("gflops_per_s", gflops / median * 1e3);
    result.put("peak_mib", device.memory().peak() / 1048576.0);
    result.put("process_peak_mib", processPeakMib());
    console.print(
        "%s %s %s, batch %d, %d threads: median %.1f ms, min %.1f ms, %.2f clips/s, %.0f GFLOP/s, peak %.0f MiB of tensors, %.0f MiB of the process"
            .formatted(
                result.get("task"),
                model,
                method,
                batch,
                common.threads(),
                median,
                sorted[0],
                batch / median * 1e3,
                gflops / median * 1e3,
                result.get("peak_mib"),
                result.get("process_peak_mib")));
    console.result(result);
  }

  private static double[] sorted(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  private static double median(double[] sorted) {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
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
