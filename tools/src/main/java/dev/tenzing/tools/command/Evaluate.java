package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.evaluation.EvaluationResult;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.CheckpointOptions;
import dev.tenzing.tools.run.EvaluationRun;
import dev.tenzing.tools.run.Views;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.SkipLog;
import java.nio.file.Path;
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
      VideoList list =
          VideoList.read(data, dataRoot, VideoList.Labels.REQUIRED, classifier.classes());
      EvaluationResult result =
          new EvaluationRun(list, testViews, decodeThreads, batch, allowSkips, new SkipLog(null))
              .run(classifier, file.description(), console);
      console.print(EvaluationRun.toLine(result));
      console.result(EvaluationRun.toMap(result));
    }
  }
}
