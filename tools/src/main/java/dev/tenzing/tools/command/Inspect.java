package dev.tenzing.tools.command;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.everest.checkpoint.Checkpoint;
import dev.tenzing.everest.checkpoint.CheckpointException;
import dev.tenzing.everest.checkpoint.DescriptionJson;
import dev.tenzing.everest.checkpoint.Fit;
import dev.tenzing.everest.checkpoint.ModelKind;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.CheckpointOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tenzing inspect}: what a checkpoint holds, and how it fits a model. */
@Command
public final class Inspect extends ToolCommand {
  /** Classes of a head that the checkpoint does not have: those of Kinetics-400. */
  private static final int CLASSES = 400;

  private static final int LONGEST = 160;

  /** Tensors that are listed of what holds no model, unless all are asked for. */
  private static final int SOME = 20;

  @Parameters(paramLabel = "CKPT", description = "run or checkpoint of any format")
  private Path path;

  @Option(
      names = "--model",
      paramLabel = "SIZE",
      description = "model to compare with (default: the one the checkpoint holds)")
  private String model;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = "pretrain or finetune: model to compare with (default: the checkpoint's)")
  private String task;

  @Option(names = "--tensors", description = "list every tensor with its type and shape")
  private boolean tensors;

  @Mixin private CheckpointOptions options;

  /** What {@code --json} prints. */
  private record Report(
      Path path,
      String format,
      String stateDict,
      String prefix,
      String head,
      List<String> copies,
      int tensorCount,
      long parameters,
      long bytes,
      Map<String, Object> metadata,
      Map<String, Object> provenance,
      Object model,
      Object clip,
      Object pretraining,
      Object classifier,
      String problem,
      FitReport fit,
      List<TensorReport> tensors) {}

  private record TensorReport(String name, String dtype, List<Long> shape) {}

  private record FitReport(
      String model,
      String task,
      List<String> matched,
      List<String> missing,
      List<String> unexpected,
      List<MismatchReport> mismatched) {}

  private record MismatchReport(String name, List<Long> found, List<Long> needed) {}

  @Override
  protected void run(Console console) {
    if (task != null && !task.equals("pretrain") && !task.equals("finetune")) {
      throw new UsageException("--task must be pretrain or finetune, got " + task);
    }
    VitConfig asked = model == null ? null : VitConfig.named(model);
    try (Checkpoint checkpoint = Checkpoint.look(path)) {
      checkpoint.notes().forEach(console::note);
      ModelDescription held = null;
      String problem = null;
      try {
        held = checkpoint.description(options.hints(null));
      } catch (CheckpointException e) {
        problem = e.getMessage();
      }
      Report report = report(checkpoint, held, problem, fit(checkpoint, held, asked));
      print(report, held, tensors, console);
      console.result(report);
    }
  }

  private FitReport fit(Checkpoint checkpoint, ModelDescription held, VitConfig asked) {
    if (asked == null && held == null) {
      return null;
    }
    ModelKind kind = checkpoint.kind();
    boolean pretrain = task == null ? kind == ModelKind.PRETRAINING : task.equals("pretrain");
    Map<String, Shape> shapes = checkpoint.shapes();
    boolean own = asked == null && (task == null || pretrain == (kind == ModelKind.PRETRAINING));
    ModelDescription target =
        own ? held : official(asked == null ? held.config() : asked, pretrain, shapes);
    Map<String, Shape> found = shapes;
    if (!pretrain && kind == ModelKind.PRETRAINING) {
      Map<String, Shape> stripped = new LinkedHashMap<>();
      shapes.forEach((name, shape) ->
          stripped.put(name.startsWith("encoder.") ? name.substring(8) : name, shape));
      found = stripped;
    }
    Map<String, Shape> needed = new LinkedHashMap<>(target.shapes());
    if (own && kind == ModelKind.ENCODER) { // which may end in either norm
      for (String name : List.of("norm.weight", "norm.bias", "fc_norm.weight", "fc_norm.bias")) {
        if (found.containsKey(name)) {
          needed.put(name, Shape.of(target.config().width()));
        }
      }
    }
    Fit fit = Fit.of(found, needed);
    return new FitReport(
        target.config().name(),
        pretrain ? "pretrain" : "finetune",
        fit.matched(),
        fit.missing(),
        fit.unexpected(),
        fit.mismatched().stream()
            .map(m -> new MismatchReport(m.name(), dims(m.found()), dims(m.needed())))
            .toList());
  }

  private static ModelDescription official(
      VitConfig config, boolean pretrain, Map<String, Shape> shapes) {
    Shape head = shapes.get("head.weight");
    int classes = head == null || head.rank() == 0 ? CLASSES : (int) head.dim(0);
    return new ModelDescription(
        config,
        ClipShape.square(16, 16 * config.patch()),
        4,
        pretrain
            ? Pretraining.official(Method.VIDEOMAE)
            : new Classification(VideoClassifier.Options.official(classes, null)));
  }

  private static Report report(
      Checkpoint checkpoint, ModelDescription held, String problem, FitReport fit) {
    List<TensorReport> tensors = new ArrayList<>();
    long parameters = 0;
    long bytes = 0;
    for (Map.Entry<String, StoredTensor> entry : checkpoint.tensors().entrySet()) {
      StoredTensor tensor = entry.getValue();
      tensors.add(new TensorReport(entry.getKey(), tensor.type().name(), dims(tensor.shape())));
      parameters += tensor.shape().size();
      bytes += tensor.byteSize();
    }
    Map<String, Object> said =
        held == null ? Map.of() : Json.parseObject(DescriptionJson.write(held));
    return new Report(
        checkpoint.path(),
        checkpoint.format().label(),
        checkpoint.stateDict(),
        checkpoint.prefix(),
        checkpoint.head(),
        checkpoint.copies(),
        tensors.size(),
        parameters,
        bytes,
        checkpoint.metadata(),
        checkpoint.provenance(),
        said.get("model"),
        held == null ? null : clip(held),
        said.get("pretraining"),
        said.get("classifier"),
        problem,
        fit,
        tensors);
  }

  private static Map<String, Object> clip(ModelDescription held) {
    Map<String, Object> clip = new LinkedHashMap<>();
    clip.put("frames", held.clip().frames());
    clip.put("height", held.clip().height());
    clip.put("width", held.clip().width());
    clip.put("stride", held.stride());
    return clip;
  }

  private static List<Long> dims(Shape shape) {
    return Arrays.stream(shape.toArray()).boxed().toList();
  }

  private static void print(Report report, ModelDescription held, boolean all, Console to) {
    Lines console = new Lines(to);
    console.print(
        String.format(
            Locale.ROOT,
            "%s: %s%s%s, %d tensors, %,d parameters, %.1f MiB",
            report.path,
            report.format,
            report.stateDict.isEmpty() ? "" : ", state dict at " + report.stateDict,
            report.prefix.isEmpty() ? "" : ", prefix " + report.prefix + " taken off",
            report.tensorCount,
            report.parameters,
            report.bytes / 1048576.0));
    if (!report.head.isEmpty()) {
      console.print("  its head is " + report.head);
    }
    report.copies.forEach(
        copy -> console.print("  another copy of the model, under " + copy + ", is left aside"));
    report.metadata.forEach((key, value) -> {
      if (!key.equals(DescriptionJson.KEY)) { // told below, for people
        console.print("  " + key + ": " + brief(value));
      }
    });
    report.provenance.forEach((key, value) -> console.print("  " + key + ": " + brief(value)));
    console.print("  " + (held == null ? report.problem : sentence(held)));
    int width = report.tensors.stream().mapToInt(tensor -> tensor.name.length()).max().orElse(0);
    List<TensorReport> listed =
        all ? report.tensors : held == null ? first(report.tensors) : List.of();
    for (TensorReport tensor : listed) {
      console.print(
          String.format(
              Locale.ROOT,
              "    %-" + Math.max(1, width) + "s  %-4s  %s",
              tensor.name,
              tensor.dtype,
              tensor.shape));
    }
    if (listed.size() < report.tensors.size()) {
      console.print(
          "  %s%s tensors; --tensors lists all"
              .formatted(listed.isEmpty() ? "" : "and more of ", report.tensors.size()));
    }
    if (report.fit != null) {
      FitReport fit = report.fit;
      console.print(
          "as %s for %s: %s matched, %s missing, %s unexpected, %s of another shape"
              .formatted(
                  fit.model,
                  fit.task,
                  fit.matched.size(),
                  fit.missing.size(),
                  fit.unexpected.size(),
                  fit.mismatched.size()));
      fit.missing.forEach(name -> console.print("    missing     " + name));
      fit.unexpected.forEach(name -> console.print("    unexpected  " + name));
      fit.mismatched.forEach(m ->
          console.print("    shape       %s is %s, needs %s".formatted(m.name, m.found, m.needed)));
    }
  }

  private static List<TensorReport> first(List<TensorReport> tensors) {
    return tensors.subList(0, Math.min(SOME, tensors.size()));
  }

  /**
   * Prints lines with text out of files, which may hold anything: nothing in it moves the cursor.
   */
  private record Lines(Console console) {
    void print(String line) {
      StringBuilder out = new StringBuilder(line.length());
      line.codePoints()
          .map(c ->
              Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? 0xfffd : c)
          .forEach(out::appendCodePoint);
      console.print(out.toString());
    }
  }

  private static String sentence(ModelDescription held) {
    VitConfig config = held.config();
    StringBuilder text = new StringBuilder("model: ").append(config.name());
    text.append(
        ": width %s, depth %s, %s heads, patches of %s x %s x %s"
            .formatted(
                config.width(),
                config.depth(),
                config.heads(),
                config.tubelet(),
                config.patch(),
                config.patch()));
    text.append(
        switch (held.purpose()) {
          case Pretraining any ->
              "; decoder of width %s, depth %s, %s heads"
                  .formatted(config.decoderWidth(), config.decoderDepth(), config.decoderHeads());
          case Classification known -> "; %s classes".formatted(known.classes());
          case EncoderAlone any -> "";
        });
    return text.append(
            "; clips of %s x %s x %s, stride %s"
                .formatted(
                    held.clip().frames(), held.clip().height(), held.clip().width(), held.stride()))
        .toString();
  }

  private static String brief(Object value) {
    String text = value instanceof String string ? string : Json.write(value);
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }
}
