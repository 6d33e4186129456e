package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.checkpoint.Hints;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.checkpoint.ModelKind;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.features.FeatureExtraction;
import dev.tenzing.everest.features.FeatureSettings;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipEncoder;
import dev.tenzing.everest.recipe.DataRecipe;
import dev.tenzing.everest.run.RunLock;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.tools.cli.Signals;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.HeadOptions;
import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.list.Part;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.sample.SlidingWindows;
import dev.tenzing.video.stream.Fit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tenzing features}: clip features of whole videos, for temporal action detection. */
@Command
public final class Features extends ToolCommand {
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "CKPT",
      description = "fine-tuned or pre-trained run or checkpoint of any format")
  private Path checkpoint;

  @Mixin private HeadOptions heads;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "LIST_OR_DIR_OR_VIDEO",
      description = "list file, folder of videos, or one video")
  private Path data;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description =
          "start of relative paths, and of the names of the features (default: the list's"
              + " folder)")
  private Path dataRoot;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "folder for the .npy files; continued if it is there")
  private Path output;

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "frames of a clip (default: the checkpoint's, else 16)")
  private Integer window;

  @Option(
      names = "--hop",
      defaultValue = "4",
      paramLabel = "N",
      description =
          "frames from one clip to the next; THUMOS14 has 4, FineAction 16 (default:"
              + " ${DEFAULT-VALUE})")
  private int hop;

  @Option(
      names = "--stride",
      defaultValue = "1",
      paramLabel = "N",
      description = "frames from one frame of a clip to the next (default: ${DEFAULT-VALUE})")
  private int stride;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description = "side of a clip (default: the checkpoint's, else 224)")
  private Integer size;

  @Option(
      names = "--fit",
      defaultValue = "stretch",
      paramLabel = "stretch|crop",
      description =
          "scale the whole frame to the square, or cut out its middle (default:"
              + " ${DEFAULT-VALUE})")
  private String fit;

  @Option(
      names = "--no-normalize",
      description =
          "pixels from 0 to 1, as VideoMAE V2's extraction script feeds them; models are trained on"
              + " normalised ones")
  private boolean raw;

  @Option(
      names = "--keep",
      paramLabel = "SHARE",
      description = "share of tokens kept by ReRo selection (default: as fine-tuned, else 1)")
  private Double keep;

  @Option(
      names = "--batch",
      defaultValue = "8",
      paramLabel = "N",
      description = "clips that go through the model together (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--strict",
      description = "fail at the first unreadable video instead of skipping it")
  private boolean strict;

  @Override
  protected void run(Console console) throws Exception {
    if (batch < 1) {
      throw new UsageException("--batch must be at least 1, got " + batch);
    }
    if (keep != null && !(keep > 0 && keep <= 1)) {
      throw new UsageException("--keep must be above 0 and at most 1, got " + keep);
    }
    Fit fitting = fit();
    DataRecipe.checkOutput(data, output);
    List<Path> videos = videos(console);
    long start = System.nanoTime();
    Hints hints = new Hints(heads.heads, heads.decoderHeads, window, size, null, keep);
    try (ModelFile file = ModelFile.open(checkpoint, hints);
        Device device = common.openDevice()) {
      file.notes().forEach(console::note);
      ModelDescription about = file.description();
      boolean headed = file.kind() == ModelKind.CLASSIFIER;
      TokenSelection selection =
          headed
              ? about.selection()
              : keep == null || keep == 1 ? null : new ReRoSelection(1 - keep);
      FeatureSettings settings =
          new FeatureSettings(
              new SlidingWindows(about.clip().frames(), stride, hop),
              about.clip().height(),
              fitting,
              !raw,
              selection == null ? 1 : 1 - selection.removed());
      try (ClipEncoder encoder = file.encoder(device, selection)) {
        console.note(
            "features of width %s, %s, of clips of %s frames every %s, %s apart, %s to %s px"
                .formatted(
                    encoder.width(),
                    headed ? "as the head sees them" : "mean of the encoder's tokens",
                    settings.windows().length(),
                    hop,
                    stride,
                    fitting == Fit.STRETCH ? "stretched" : "cropped",
                    settings.size()));
        report(extract(encoder, settings, videos, file.path(), console), start, console);
      }
    }
  }

  private Fit fit() {
    for (Fit one : Fit.values()) {
      if (one.label().equals(fit)) {
        return one;
      }
    }
    throw new UsageException("--fit is stretch or crop, not " + fit);
  }

  private List<Path> videos(Console console) throws Exception {
    VideoList list = DataOptions.list(data, dataRoot, VideoList.Labels.OPTIONAL, 0, List.of());
    list.notes().forEach(console::note);
    console.note("data: " + list.summary());
    for (VideoList.Entry entry : list.videos()) {
      boolean whole =
          switch (entry.part()) {
            case Part.Whole any -> true;
            case Part.Count any -> true;
            case Part.Frames part ->
                part.total() < 0
                    && (part.start() == 0 || part.start() == 1 && FrameFolder.is(entry.path()));
            case Part.Seconds any -> false;
          };
      if (!whole) {
        throw new UsageException(
            "features are those of whole videos, but %s asks for %s of %s; list paths alone"
                .formatted(data, entry.part(), entry.path()));
      }
    }
    return list.videos().stream().map(VideoList.Entry::path).distinct().toList();
  }

  private FeatureExtraction.Result extract(
      ClipEncoder encoder, FeatureSettings settings, List<Path> videos, Path model, Console console)
      throws Exception {
    Path absolute = data.toAbsolutePath().normalize();
    Path root =
        dataRoot != null
            ? dataRoot
            : Files.isDirectory(absolute) && !videos.contains(data)
                ? absolute
                : absolute.getParent();
    Signals.atOnce("stopped; the features written so far are kept, and the same command goes on");
    try (RunLock lock = RunLock.acquire(output, "tenzing features");
        Progress progress = console.progress("features", videos.size())) {
      FeatureExtraction.Listener listener =
          new FeatureExtraction.Listener() {
            @Override
            public void at(int done, long clips, int bad, double share) {
              progress.update(done, clips, bad, "", share);
            }

            @Override
            public void note(String sentence) {
              console.note(sentence);
            }
          };
      return new FeatureExtraction(encoder, settings, batch, strict, listener)
          .run(videos, root, output, Map.of("checkpoint", model.toAbsolutePath().toString()));
    }
  }

  private void report(FeatureExtraction.Result result, long start, Console console) {
    double seconds = (System.nanoTime() - start) / 1e9;
    console.print(
        "%s videos, %s clips of width %s in %s (%s videos now, in %s), %s skipped"
            .formatted(
                result.videos(),
                result.clips(),
                result.width(),
                output,
                result.extracted(),
                Progress.duration(Duration.ofMillis((long) (1000 * seconds))),
                result.skipped()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("output", output);
    json.put("videos", result.videos());
    json.put("clips", result.clips());
    json.put("extracted", result.extracted());
    json.put("skipped", result.skipped());
    json.put("width", result.width());
    json.put("seconds", seconds);
    console.result(json);
    if (result.videos() == 0) {
      throw new FailureException(
          "none of the %s videos can be read; %s says why"
              .formatted(result.skipped(), output.resolve(FeatureExtraction.SKIPPED)));
    }
  }
}
