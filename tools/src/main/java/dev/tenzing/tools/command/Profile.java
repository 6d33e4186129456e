package dev.tenzing.tools.command;

import dev.tenzing.everest.cost.ForwardCost;
import dev.tenzing.everest.cost.MemoryPlan;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Table;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.FrameOptions;
import dev.tenzing.tools.run.MaskOptions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tenzing profile}: parameters, FLOPs and memory of a configuration, without running it. */
@Command
public final class Profile extends ToolCommand {
  private static final double FINETUNING_KEEP = 0.6;

  @Option(
      names = "--task",
      defaultValue = "pretrain",
      description = "pretrain or finetune (default: ${DEFAULT-VALUE})")
  private Bench.Task task;

  @Option(
      names = "--model",
      defaultValue = "vit-s",
      paramLabel = "SIZE",
      description = "tiny, vit-s, vit-b, vit-l, vit-h or vit-g (default: ${DEFAULT-VALUE})")
  private String model;

  @Option(
      names = "--method",
      defaultValue = "everest",
      description = {
        "everest, videomae, st-mae or videomae-v2; in fine-tuning only everest",
        "selects tokens: --keep, or 0.6 of them (default: ${DEFAULT-VALUE})"
      })
  private String method;

  @Mixin private MaskOptions masks;
  @Mixin private FrameOptions frameOptions;

  @Option(
      names = "--classes",
      defaultValue = "400",
      paramLabel = "N",
      description = "fine-tuning: number of classes (default: ${DEFAULT-VALUE})")
  private int classes;

  @Option(
      names = "--batch",
      defaultValue = "8",
      paramLabel = "N",
      description = "clips a forward pass (default: ${DEFAULT-VALUE})")
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
      description = "side of a clip in pixels (default: ${DEFAULT-VALUE})")
  private int size;

  @Option(
      names = "--recompute",
      description = "run blocks again in the backward instead of keeping their activations")
  private boolean recompute;

  @Override
  protected void run(Console console) {
    if (batch < 1) {
      throw new UsageException("--batch must be at least 1, got " + batch);
    }
    ModelDescription description = description().withFrames(frameOptions.over(null));
    description.input(UnaryOperator.identity());
    ForwardCost forward = ForwardCost.of(description);
    long parameters = description.parameterCount();
    MemoryPlan kept = MemoryPlan.of(description, batch, false, false, common.activations());
    MemoryPlan recomputed = MemoryPlan.of(description, batch, false, true, common.activations());
    print(description, parameters, forward, kept, recomputed, console);
    console.result(toMap(description, parameters, forward, kept, recomputed));
  }

  private ModelDescription description() {
    Method chosen = Method.named(method);
    VitConfig config = task == Bench.Task.PRETRAIN ? chosen.model(model) : VitConfig.named(model);
    ClipShape clip = ClipShape.square(frames, size);
    if (task == Bench.Task.PRETRAIN) {
      return new ModelDescription(config, clip, 4, masks.over(Pretraining.official(chosen)));
    }
    if (masks.maskRatio != null || masks.decoderMask != null) {
      throw new UsageException("--mask-ratio and --decoder-mask are for --task pretrain");
    }
    double share = masks.keep != null ? masks.keep : chosen.selects() ? FINETUNING_KEEP : 1;
    TokenSelection selection = share == 1 ? null : new ReRoSelection(1 - share);
    return new ModelDescription(
        config, clip, 4, new Classification(VideoClassifier.Options.official(classes, selection)));
  }

  private static Map<String, Integer> tokens(ModelDescription description) {
    TokenGrid grid = description.clip().grid(description.config());
    Map<String, Integer> tokens = new LinkedHashMap<>();
    tokens.put("all", grid.tokens());
    if (description.frames() != null) {
      tokens.put("candidates", description.loadedClip().grid(description.config()).tokens());
    }
    switch (description.purpose()) {
      case Pretraining pretraining -> {
        Masking masking = pretraining.masking();
        tokens.put("visible", masking.visibleTokens(grid));
        tokens.put("predicted", masking.targetTokens(grid));
      }
      case Classification known -> tokens.put("visible", known.options().keptTokens(grid));
      case EncoderAlone any -> tokens.put("visible", grid.tokens());
    }
    return tokens;
  }

  private Map<String, Object> toMap(
      ModelDescription description,
      long parameters,
      ForwardCost forward,
      MemoryPlan kept,
      MemoryPlan recomputed) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("task", task.name().toLowerCase(Locale.ROOT));
    map.put("model", model);
    map.put("method", method);
    map.put("batch", batch);
    map.put("recompute", recompute);
    map.put("tokens", tokens(description));
    map.put("params", parameters);
    map.put("gflops", forward.flops() / 1e9);
    map.put("train_gflops", forward.trainingFlops(recompute) / 1e9);
    map.put("macs", forward.macs());
    map.put("macs_by_part", forward.macsByPart());
    map.put("layernorm_elements", forward.layerNormElements());
    map.put("fvcore_like", forward.flops());
    MemoryPlan chosen = recompute ? recomputed : kept;
    Map<String, Long> memory = new LinkedHashMap<>();
    memory.put("weights", chosen.weights());
    memory.put("gradients", chosen.gradients());
    memory.put("optimizer", chosen.optimizer());
    memory.put("positions", chosen.positions());
    memory.put("input", chosen.input());
    memory.put("activations", kept.activations());
    memory.put("activations_recompute", recomputed.activations());
    memory.put("workspace", chosen.workspace());
    memory.put("peak", chosen.peak());
    memory.put("peak_recompute", recomputed.peak());
    memory.put("reserved", chosen.reserved());
    map.put("memory_bytes", memory);
    return map;
  }

  private void print(
      ModelDescription description,
      long parameters,
      ForwardCost forward,
      MemoryPlan kept,
      MemoryPlan recomputed,
      Console console) {
    Map<String, Integer> tokens = tokens(description);
    StringBuilder title = new StringBuilder();
    title.append("%s, %s, %s: ".formatted(model, task.name().toLowerCase(Locale.ROOT), method));
    title.append("%s tokens a clip".formatted(tokens.remove("all")));
    tokens.forEach((name, count) -> title.append(", %s %s".formatted(count, name)));
    console.print(title.toString());
    console.print("");
    Table cost = new Table();
    cost.row("parameters", String.format(Locale.ROOT, "%,d", parameters));
    cost.row("forward of a clip, GFLOPs", giga(forward.flops()));
    forward
        .macsByPart()
        .forEach((part, macs) -> cost.row("  " + part.replace('_', ' '), giga(macs)));
    cost.row("  layer norms", giga(forward.flops() - forward.macs()));
    cost.row("training on a clip, GFLOPs", giga(forward.trainingFlops(recompute)));
    cost.lines().forEach(console::print);
    console.print("");
    Table memory = new Table();
    memory.row("memory of a step of " + batch + ", MiB", "", "--recompute");
    memory.row("  weights", mib(kept.weights()), mib(recomputed.weights()));
    memory.row("  gradients", mib(kept.gradients()), mib(recomputed.gradients()));
    memory.row("  optimizer", mib(kept.optimizer()), mib(recomputed.optimizer()));
    memory.row("  positions", mib(kept.positions()), mib(recomputed.positions()));
    memory.row("  input", mib(kept.input()), mib(recomputed.input()));
    memory.row("  activations", mib(kept.activations()), mib(recomputed.activations()));
    memory.row("  workspace", mib(kept.workspace()), mib(recomputed.workspace()));
    memory.row("  peak", mib(kept.peak()), mib(recomputed.peak()));
    memory.row("  from the system", mib(kept.reserved()), mib(recomputed.reserved()));
    memory.lines().forEach(console::print);
  }

  private static String giga(long count) {
    return String.format(Locale.ROOT, "%,.2f", count / 1e9);
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%,.1f", bytes / 1048576.0);
  }
}
