package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.frames.ClipInput;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.task.classification.Scores;
import dev.tenzing.everest.task.classification.Views;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.CheckpointOptions;
import dev.tenzing.tools.run.FrameOptions;
import dev.tenzing.tools.run.WindowPredictor;
import dev.tenzing.video.decode.StreamAddress;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.LabelMap;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.Catalog;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.ClipReader;
import dev.tenzing.video.sample.SlidingWindows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
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

  @Parameters(
      arity = "1..*",
      paramLabel = "VIDEO",
      description =
          "videos to classify, or folders of them; or streams: http://, https://, rtsp://, udp://,"
              + " tcp://, a camera as /dev/video0, or - for the standard input")
  private List<String> videos;

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
      names = "--classes",
      paramLabel = "FILE",
      description = "names of the classes, one a line (default: the checkpoint's)")
  private Path classes;

  @Option(names = "--views", description = "segments x crops of a video (default: 5x3)")
  private String views;

  @Option(
      names = "--hop",
      paramLabel = "N",
      description =
          "predict every N frames instead of once a video; streams always do (default: the frames"
              + " of a clip)")
  private Integer hop;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "with --hop or a stream: stop after N seconds of it (default: at its end)")
  private Double seconds;

  @Option(
      names = "--timeout",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "give a stream up that brings no frame for so long (default: ${DEFAULT-VALUE})")
  private int timeout;

  @Option(
      names = "--batch",
      defaultValue = "8",
      paramLabel = "N",
      description = "views that go through the model together (default: ${DEFAULT-VALUE})")
  private int batch;

  /** What {@code --json} prints. */
  private record Report(List<Prediction> predictions, List<Skipped> skipped) {}

  /** The likeliest classes of a video, best first. */
  private record Prediction(String path, List<Candidate> classes) {}

  /** A video that could not be read. */
  record Skipped(String path, String reason, String sentence) {}

  @Override
  protected void run(Console console) throws Exception {
    if (top < 1 || batch < 1) {
      throw new UsageException("--top and --batch must be at least 1");
    }
    videos = withoutFolders(console);
    boolean windows =
        hop != null || videos.stream().anyMatch(video -> StreamAddress.of(video).isPresent());
    check(windows);
    try (ModelFile file = ModelFile.open(checkpoint, model.hints(keep));
        Device device = common.openDevice();
        VideoClassifier classifier = file.classifier(device)) {
      file.notes().forEach(console::note);
      ModelDescription held = file.description();
      ModelDescription about = held.withFrames(frames.over(held.frames()));
      List<String> names = names(about, classifier.classes());
      if (windows) {
        predictWindows(classifier, about, names, console);
      } else {
        predictVideos(classifier, about, names, console);
      }
    }
  }

  /** Folders of videos as the videos in them; a folder of pictures is a video. */
  private List<String> withoutFolders(Console console) throws VideoListException {
    List<String> all = new ArrayList<>();
    for (String video : videos) {
      if (StreamAddress.of(video).isPresent()) {
        all.add(video);
        continue;
      }
      Path path = dataRoot == null ? Path.of(video) : dataRoot.resolve(video);
      if (!Files.isDirectory(path)) {
        all.add(video);
        continue;
      }
      VideoList list = VideoList.read(path, null, VideoList.Labels.OPTIONAL, 0);
      list.notes().forEach(console::note);
      for (VideoList.Entry entry : list.videos()) {
        // The folder itself, when it holds the pictures of one video.
        all.add(entry.path().equals(path) ? video : entry.path().toAbsolutePath().toString());
      }
    }
    return all;
  }

  private void check(boolean windows) {
    if (!windows && seconds != null) {
      throw new UsageException("--seconds is for streams and --hop; a video is seen as a whole");
    }
    if (windows && views != null) {
      throw new UsageException(
          "--views is for whole videos; a window of --hop or of a stream is a view");
    }
    if (hop != null && hop < 1 || seconds != null && !(seconds > 0) || timeout < 1) {
      throw new UsageException("--hop, --seconds and --timeout must be above 0");
    }
  }

  private List<String> names(ModelDescription about, int count) throws VideoListException {
    if (classes == null) {
      return about.classNames();
    }
    List<String> names = LabelMap.readNames(classes);
    if (names.size() != count) {
      throw new UsageException(
          "%s names %s classes, the model has %s".formatted(classes, names.size(), count));
    }
    return names;
  }

  private void predictVideos(
      VideoClassifier classifier, ModelDescription about, List<String> names, Console console)
      throws VideoException {
    Views testViews = Views.parse(views == null ? "5x3" : views);
    Report report = new Report(new ArrayList<>(), new ArrayList<>());
    ClipPolicy policy =
        ClipPolicy.testing(
            about.loaded(about.sampler()),
            about.clip().height(),
            testViews.segments(),
            testViews.crops());
    Scores scores = new Scores(classifier, about.input(classifier::tokens), batch);
    try (Arena arena = Arena.ofConfined();
        ClipReader reader = new ClipReader(policy, new Catalog(), null)) {
      MemorySegment pixels = arena.allocate(ClipReader.bytes(policy));
      for (String video : videos) {
        try {
          Path path = dataRoot == null ? Path.of(video) : dataRoot.resolve(video);
          reader.read(new VideoList.Entry(path, -1), 0, pixels);
          double[] score = scores.of(pixels, List.of(path), policy.views())[0];
          Prediction prediction = new Prediction(video, best(score, names));
          report.predictions.add(prediction);
          console.print(video);
          prediction.classes().forEach(candidate -> console.print("  " + candidate.text()));
        } catch (VideoException e) {
          report.skipped.add(new Skipped(video, e.reason().code(), e.sentence()));
          console.note("skipped " + video + ": " + e.sentence());
        }
      }
    }
    console.result(report);
    if (!report.skipped.isEmpty()) {
      throw new FailureException(
          "%s of %s videos could not be read".formatted(report.skipped.size(), videos.size()));
    }
  }

  private void predictWindows(
      VideoClassifier classifier, ModelDescription about, List<String> names, Console console)
      throws InterruptedException {
    if (about.frames() != null) {
      console.note("frames are not selected in windows: a window has the frames of a clip");
    }
    SlidingWindows sliding =
        new SlidingWindows(
            about.clip().frames(), about.stride(), hop == null ? about.clip().frames() : hop);
    WindowPredictor predictor =
        new WindowPredictor(
            new Scores(classifier, ClipInput.whole(about.clip()), 1),
            sliding,
            about.clip().height(),
            seconds == null ? Double.POSITIVE_INFINITY : seconds,
            timeout);
    new WindowPredictions(predictor, dataRoot, score -> best(score, names), common.json(), console)
        .run(videos);
  }

  private List<Candidate> best(double[] score, List<String> names) {
    return IntStream.range(0, score.length)
        .mapToObj(label ->
            new Candidate(label, label < names.size() ? names.get(label) : null, score[label]))
        .sorted(Comparator.comparingDouble(Candidate::score).reversed())
        .limit(top)
        .toList();
  }
}
