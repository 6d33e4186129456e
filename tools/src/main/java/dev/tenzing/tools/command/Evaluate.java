package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.task.classification.ListEvaluation;
import dev.tenzing.everest.task.classification.Views;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.CheckpointOptions;
import dev.tenzing.tools.run.ConsoleListener;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.EvaluationRun;
import dev.tenzing.tools.run.FrameOptions;
import dev.tenzing.video.list.LabelMap;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.sample.SamplingRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tenzing evaluate}: multi-view accuracy of a classifier. */
@Command
public final class Evaluate extends ToolCommand {
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "CKPT",
      description = "fine-tuned run or checkpoint of any format")
  private Path checkpoint;

  @Mixin private CheckpointOptions model;

  @Option(
      names = "--keep",
      paramLabel = "SHARE",
      description = "share of tokens kept by ReRo selection (default: as fine-tuned)")
  private Double keep;

  @Mixin private FrameOptions frames;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "LIST",
      description = "list of videos with labels")
  private Path data;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "start of relative paths (default: the list's folder)")
  private Path dataRoot;

  @Option(
      names = "--label-map",
      paramLabel = "FILE",
      description =
          "class of the model by label of the list, where the model was trained on a merged set: a"
              + " JSON array, or names one a line")
  private Path labelMap;

  @Option(
      names = "--sampling",
      paramLabel = "dense|sparse",
      description = "which frames make a view (default: as fine-tuned)")
  private String sampling;

  @Option(
      names = "--views",
      defaultValue = "5x3",
      description = "segments x crops (default: ${DEFAULT-VALUE})")
  private String views;

  @Option(
      names = "--batch",
      defaultValue = "8",
      paramLabel = "N",
      description = "views that go through the model together (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--decode-threads",
      defaultValue = "2",
      paramLabel = "N",
      description = "threads that decode ahead (default: ${DEFAULT-VALUE})")
  private int decodeThreads;

  @Option(
      names = "--allow-skips",
      description = "leave out videos that cannot be read instead of failing")
  private boolean allowSkips;

  @Override
  protected void run(Console console) throws Exception {
    Views testViews = Views.parse(views);
    if (batch < 1 || decodeThreads < 1) {
      throw new UsageException("--batch and --decode-threads must be at least 1");
    }
    try (ModelFile file = ModelFile.open(checkpoint, model.hints(keep));
        Device device = common.openDevice();
        VideoClassifier classifier = file.classifier(device)) {
      file.notes().forEach(console::note);
      ModelDescription held = file.description();
      ModelDescription about =
          (sampling == null ? held : held.withSampling(SamplingRule.named(sampling)))
              .withFrames(frames.over(held.frames()));
      LabelMap map =
          labelMap == null
              ? null
              : LabelMap.read(labelMap, about.classNames(), classifier.classes(), Map.of());
      VideoList list =
          DataOptions.list(
              data,
              dataRoot,
              VideoList.Labels.REQUIRED,
              map == null ? classifier.classes() : map.labels(),
              map == null ? about.classNames() : List.of());
      EvaluationResult result =
          new ListEvaluation(
                  list, testViews, decodeThreads, batch, allowSkips, map, new SkipLog(null))
              .run(classifier, about, new ConsoleListener(console));
      console.print(result.toLine());
      console.result(EvaluationRun.toMap(result));
    }
  }
}
