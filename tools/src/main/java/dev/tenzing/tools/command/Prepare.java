package dev.tenzing.tools.command;

import dev.tenzing.everest.recipe.DataRecipe;
import dev.tenzing.everest.run.RunLock;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.tools.cli.Signals;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.encode.EncoderSettings.Codec;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoList.Labels;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.prepare.ClipFormat;
import dev.tenzing.video.prepare.Preparation;
import dev.tenzing.video.prepare.Preparation.Listed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tenzing prepare}: checks a data set and writes small copies of its videos. */
@Command
public final class Prepare extends ToolCommand {
  /** Codings of the copies. */
  enum Coding {
    /** MPEG-4 part 2. */
    MPEG4,
    /** Motion JPEG. */
    MJPEG,
    /** H.264. */
    H264
  }

  @Option(
      names = "--data",
      required = true,
      paramLabel = "LIST_OR_DIR",
      description = "list file or folder of videos; give it again for further lists of the set")
  private List<Path> data;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "start of relative paths (default: the list's folder)")
  private Path dataRoot;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "folder for videos.csv, the lists and the copies; continued if it is there")
  private Path output;

  @Option(names = "--clips", description = "write small copies that decode quickly")
  private boolean clips;

  @Option(
      names = "--short-side",
      defaultValue = "256",
      paramLabel = "PIXELS",
      description = "shorter side of a copy; none is enlarged (default: ${DEFAULT-VALUE})")
  private int shortSide;

  @Option(
      names = "--gop",
      defaultValue = "16",
      paramLabel = "N",
      description = "frames from key frame to key frame of a copy (default: ${DEFAULT-VALUE})")
  private int gop;

  @Option(
      names = "--codec",
      defaultValue = "mpeg4",
      description =
          "mpeg4, mjpeg (quicker to read, twice the size) or h264 (default: ${DEFAULT-VALUE})")
  private Coding codec;

  @Option(names = "--strict", description = "end with exit code 1 when a video is bad")
  private boolean strict;

  @Override
  protected void run(Console console) throws Exception {
    List<Listed> lists = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<Path> sources = new HashSet<>();
    Set<Path> videos = new LinkedHashSet<>();
    List<String> known = List.of();
    for (Path source : data) {
      DataRecipe.checkOutput(source, output);
      Listed listed = read(source, known);
      known = known.isEmpty() ? listed.list().classNames() : known;
      Path absolute = source.toAbsolutePath().normalize();
      if (!sources.add(absolute)) {
        throw new UsageException(source + " is given twice; once will do");
      }
      if (names.contains(listed.name())) {
        // Every set has its train.csv.
        String name = absolute.getParent().getFileName() + "-" + listed.name();
        listed = new Listed(listed.list(), listed.base(), name);
      }
      if (!names.add(listed.name())) {
        throw new UsageException("two lists are named " + listed.name() + "; rename one of them");
      }
      listed.list().notes().forEach(console::note);
      console.note(source + ": " + listed.list().summary());
      listed
          .list()
          .videos()
          .forEach(video -> videos.add(video.path().toAbsolutePath().normalize()));
      lists.add(listed);
    }
    ClipFormat format = clips ? new ClipFormat(Codec.valueOf(codec.name()), shortSide, gop) : null;
    long start = System.nanoTime();
    Preparation.Result result;
    Signals.atOnce("stopped; what was checked and written is kept, and the same command goes on");
    try (RunLock lock = RunLock.acquire(output, "tenzing prepare");
        Progress progress = console.progress("prepare", videos.size())) {
      result =
          new Preparation(
                  output,
                  format,
                  common.threads(),
                  (done, bad) -> progress.update(done, done, bad, ""))
              .run(lists);
    }
    report(result, (System.nanoTime() - start) / 1e9, console);
    if (result.good() == 0) {
      throw new FailureException(noneGood(result, videos.iterator().next()));
    }
    if (strict && result.good() < result.videos()) {
      throw new FailureException(
          "%s of %s videos are bad; %s names them"
              .formatted(
                  result.videos() - result.good(), result.videos(), output.resolve("videos.csv")));
    }
  }

  /**
   * Reads a list with its labels if it has any.
   *
   * @param known names of the classes of the lists before it
   */
  private Listed read(Path source, List<String> known) throws VideoListException {
    if (source.toString().matches("(?i).*\\.ya?ml")) {
      throw new UsageException(
          source + ": prepare takes lists and folders; give the list of each source");
    }
    boolean folder = Files.isDirectory(source);
    VideoList any = null;
    VideoListException unlabelled = null;
    try {
      any = VideoList.read(source, dataRoot, Labels.OPTIONAL, 0);
    } catch (VideoListException e) {
      unlabelled = e;
    }
    VideoList all;
    try {
      VideoList labelled = VideoList.read(source, dataRoot, Labels.REQUIRED, known.size(), known);
      // Folders of classes may lie beside videos of none.
      boolean whole = !folder || any == null || any.videos().size() == labelled.videos().size();
      all = whole ? labelled : any;
    } catch (VideoListException e) {
      if (e.isAboutClasses() || any == null) {
        throw e.isAboutClasses() ? e : unlabelled;
      }
      all = any;
    }
    Path absolute = source.toAbsolutePath().normalize();
    Path base = folder ? absolute : dataRoot != null ? dataRoot : absolute.getParent();
    return new Listed(all, base, Preparation.listName(source));
  }

  private String noneGood(Preparation.Result result, Path first) {
    int count = result.videos();
    if (result.problems().getOrDefault(VideoException.Reason.MISSING.code(), 0) == count) {
      return (count == 1
              ? "the one video is not there; it was looked for at "
              : "none of the %s videos is there; the first was looked for at ".formatted(count))
          + first
          + "; --data-root DIR says where relative paths start";
    }
    return "%s; %s says what is wrong"
        .formatted(
            count == 1 ? "the one video is bad" : "all %s videos are bad".formatted(count),
            output.resolve("videos.csv"));
  }

  private void report(Preparation.Result result, double seconds, Console console) {
    result.notes().forEach(console::note);
    console.print(
        String.format(
            Locale.ROOT,
            "%s: %d good with %,d frames, %d bad",
            result.videos() == 1 ? "1 video" : result.videos() + " videos",
            result.good(),
            result.frames(),
            result.videos() - result.good()));
    result.problems().forEach((problem, count) -> console.print("  " + problem + ": " + count));
    if (clips) {
      console.print(
          String.format(
              Locale.ROOT,
              "copies: %d written, %d there already; %.1f MiB for %.1f MiB of videos",
              result.written(),
              result.kept(),
              result.clipBytes() / 1048576.0,
              result.bytes() / 1048576.0));
    }
    console.print("table: " + output.resolve("videos.csv"));
    result.lists().forEach(list -> console.print("list: " + list));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("output", output);
    json.put("videos", result.videos());
    json.put("ok", result.good());
    json.put("bad", result.videos() - result.good());
    json.put("problems", result.problems());
    json.put("frames", result.frames());
    json.put("scanned", result.scanned());
    json.put("clips_written", result.written());
    json.put("clips_kept", result.kept());
    json.put("bytes", result.bytes());
    json.put("clip_bytes", result.clipBytes());
    json.put("table", output.resolve("videos.csv"));
    json.put("lists", result.lists());
    json.put("manifest", output.resolve("SHA256SUMS"));
    json.put("notes", result.notes());
    json.put("seconds", seconds);
    console.result(json);
  }
}
