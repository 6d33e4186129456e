package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.evaluation.Scores;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.CheckpointOptions;
import dev.tenzing.tools.run.FrameOptions;
import dev.tenzing.tools.run.Views;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.Catalog;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.ClipReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tenzing predict}: the classes of videos, with scores. */
@Command
public final class Predict extends ToolCommand {
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

  @Parameters(arity = "1..*", paramLabel = "VIDEO", description = "videos to classify")
  private List<Path> videos;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "start of relative paths (default: the current folder)")
  private Path dataRoot;

  @Option(
      names = "--top",
      defaultValue = "5",
      paramLabel = "N",
      description = "classes to name of each video (default: ${DEFAULT-VALUE})")
  private int top;

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

  /** What {@code --json} prints. */
  private record Report(List<Prediction> predictions, List<Skipped> skipped) {}

  /** The likeliest classes of a video, best first. */
  private record Prediction(Path path, List<Candidate> classes) {}

  /**
   * A class of a video.
   *
   * @param name null when unknown
   * @param score probability, the mean of the views
   */
  private record Candidate(int label, String name, double score) {}

  /** A video that could not be read. */
  private record Skipped(Path path, String reason, String sentence) {}

  @Override
  protected void run(Console console) throws Exception {
    Views testViews = Views.parse(views);
    if (top < 1 || batch < 1) {
      throw new UsageException("--top and --batch must be at least 1");
    }
    Report report = new Report(new ArrayList<>(), new ArrayList<>());
    try (ModelFile file = ModelFile.open(checkpoint, model.hints(keep));
        Device device = common.openDevice();
        VideoClassifier classifier = file.classifier(device);
        Arena arena = Arena.ofConfined()) {
      ModelDescription held = file.description();
      ModelDescription about = held.withFrames(frames.over(held.frames()));
      ClipPolicy policy =
          ClipPolicy.testing(
              about.loaded(about.sampler()),
              about.clip().height(),
              testViews.segments(),
              testViews.crops());
      Scores scores = new Scores(classifier, about.input(classifier::tokens), batch);
      MemorySegment pixels = arena.allocate(ClipReader.bytes(policy));
      try (ClipReader reader = new ClipReader(policy, new Catalog(), null)) {
        for (Path video : videos) {
          try {
            Path path = dataRoot == null ? video : dataRoot.resolve(video);
            reader.read(new VideoList.Entry(path, -1), 0, pixels);
            double[] score = scores.of(pixels, List.of(path), policy.views())[0];
            Prediction prediction = new Prediction(video, best(score, about.classNames()));
            report.predictions.add(prediction);
            print(prediction, console);
          } catch (VideoException e) {
            report.skipped.add(new Skipped(video, e.reason().code(), e.sentence()));
            console.note("skipped " + video + ": " + e.sentence());
          }
        }
      }
    }
    console.result(report);
    if (!report.skipped.isEmpty()) {
      throw new FailureException(
          "%d of %d videos could not be read".formatted(report.skipped.size(), videos.size()));
    }
  }

  private List<Candidate> best(double[] score, List<String> names) {
    return IntStream.range(0, score.length)
        .mapToObj(label ->
            new Candidate(label, label < names.size() ? names.get(label) : null, score[label]))
        .sorted(Comparator.comparingDouble(Candidate::score).reversed())
        .limit(top)
        .toList();
  }

  private static void print(Prediction prediction, Console console) {
    console.print(prediction.path().toString());
    for (Candidate candidate : prediction.classes()) {
      console.print(
          "  %5.1f %%  %s"
              .formatted(
                  100 * candidate.score(),
                  candidate.name() == null ? "class " + candidate.label() : candidate.name()));
    }
  }
}
