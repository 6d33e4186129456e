package dev.tenzing.tools.run;

import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.tools.cli.Heading;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.sample.DenseSampling;
import dev.tenzing.video.sample.Sampling;
import dev.tenzing.video.sample.SamplingRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say which videos, and how clips are made of them. */
@Heading("Data")
public final class DataOptions {
  /** The list or folder. */
  @Option(
      names = "--data",
      required = true,
      paramLabel = "LIST_OR_DIR",
      description = "list file, folder of videos, or YAML file of several sources")
  public Path data;

  /** What relative paths start from. */
  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "start of relative paths (default: the list's folder)")
  public Path dataRoot;

  /** T. */
  @Option(names = "--frames", description = "frames of a clip (default: the checkpoint's, else 16)")
  public Integer frames;

  /** Frames from one frame of a clip to the next. */
  @Option(
      names = "--stride",
      description =
          "frames from one frame of a clip to the next (default: the checkpoint's, else 4)")
  public Integer stride;

  /** Which frames. */
  @Option(
      names = "--sampling",
      paramLabel = "dense|sparse",
      description =
          "a window of frames at a fixed stride, or frames spread over the whole video as for"
              + " Something-Something (default: as the checkpoint, else dense)")
  public String sampling;

  /** Whether frames move. */
  @Option(
      names = "--temporal-jitter",
      description = "move each frame of a dense clip on by less than the stride, drawn")
  public boolean temporalJitter;

  /** Side of a clip in pixels. */
  @Option(
      names = "--size",
      description = "side of a clip in pixels (default: the checkpoint's, else 224)")
  public Integer size;

  /** Decoder threads. */
  @Option(
      names = "--decode-threads",
      defaultValue = "2",
      description = "threads that decode ahead (default: ${DEFAULT-VALUE})")
  public int decodeThreads = 2;

  /** MiB of decoded frames kept in memory. */
  @Option(
      names = "--cache-mib",
      defaultValue = "0",
      description =
          "MiB of decoded frames to keep, so that small sets are decoded once (default:"
              + " ${DEFAULT-VALUE})")
  public long cacheMib;

  /** Whether a bad video ends the run. */
  @Option(
      names = "--strict",
      description = "fail at the first unreadable video instead of skipping it")
  public boolean strict;

  /** Rejects impossible values. */
  public void check() {
    positive("--frames", frames == null ? 1 : frames);
    positive("--stride", stride == null ? 1 : stride);
    positive("--size", size == null ? 1 : size);
    positive("--decode-threads", decodeThreads);
    if (cacheMib < 0) {
      throw new UsageException("--cache-mib cannot be negative, got " + cacheMib);
    }
  }

  /**
   * Reads the list.
   *
   * @param known names of the classes when something has named them already, else empty
   */
  public VideoList list(VideoList.Labels labels, int classes, List<String> known)
      throws VideoListException {
    return list(data, dataRoot, labels, classes, known);
  }

  /** Reads a list, folder or sources file, and refuses one none of whose videos exists. */
  public static VideoList list(
      Path data, Path root, VideoList.Labels labels, int classes, List<String> known)
      throws VideoListException {
    VideoList list =
        SourcesFile.is(data)
            ? SourcesFile.read(data, labels, classes, known)
            : VideoList.read(data, root, labels, classes, known);
    if (list.videos().stream().noneMatch(video -> exists(video.path()))) {
      throw new VideoListException(
          "%s: none of the %s videos exists, the first would be %s; --data-root DIR says where the paths of a list start"
              .formatted(
                  data, list.videos().size(), list.videos().getFirst().path().toAbsolutePath()));
    }
    return list;
  }

  private static boolean exists(Path video) {
    Path file = FrameFolder.isTemplate(video) ? video.toAbsolutePath().getParent() : video;
    return Files.exists(file);
  }

  /** Refuses to write into the folder that is read: what is written there would be data next. */
  public static void checkOutput(Path data, Path output) {
    if (data == null || !Files.isDirectory(data)) {
      return;
    }
    if (real(output).startsWith(real(data))) {
      throw new UsageException(
          "--output %s lies inside of the data folder %s; give a folder outside of it"
              .formatted(output, data));
    }
  }

  /** The path without links, as far as it exists. */
  private static Path real(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path there = absolute; there != null; there = there.getParent()) {
      try {
        return there.toRealPath().resolve(there.relativize(absolute)).normalize();
      } catch (IOException e) {
        // The folder around it may exist.
      }
    }
    return absolute;
  }

  /**
   * Settles what clips are made of: as asked for, else as a checkpoint's clips, else 16 frames of
   * 224 pixels, 4 apart.
   *
   * @param checkpoint whose model goes on or teaches, or null
   * @return a sentence that says what the checkpoint decided, if it did
   */
  public Optional<String> settle(ModelFile checkpoint) {
    List<String> taken = new ArrayList<>();
    ModelDescription made = checkpoint == null ? null : checkpoint.description();
    if (made != null) {
      taken(taken, frames, "--frames", made.clip().frames());
      taken(taken, size, "--size", made.clip().height());
      taken(taken, stride, "--stride", made.stride());
    }
    frames = frames != null ? frames : made == null ? 16 : (Integer) made.clip().frames();
    size = size != null ? size : made == null ? 224 : (Integer) made.clip().height();
    stride = stride != null ? stride : made == null ? 4 : (Integer) made.stride();
    return taken.isEmpty()
        ? Optional.empty()
        : Optional.of("clips are those of " + checkpoint.path() + ": " + String.join(" ", taken));
  }

  private static void taken(List<String> taken, Integer asked, String option, int value) {
    if (asked == null) {
      taken.add(option + " " + value);
    }
  }

  /** The sampling rule asked for, {@code otherwise} when none is. */
  public SamplingRule rule(SamplingRule otherwise) {
    SamplingRule rule = sampling == null ? otherwise : SamplingRule.named(sampling);
    if (temporalJitter && rule == SamplingRule.SPARSE) {
      throw new UsageException(
          "--temporal-jitter moves the frames of dense clips; sparse ones are drawn anyway");
    }
    return rule;
  }

  /** How training draws frames. */
  public Sampling sampling(SamplingRule rule) {
    return rule == SamplingRule.DENSE
        ? new DenseSampling(frames, stride, temporalJitter)
        : rule.of(frames, stride);
  }

  static void positive(String option, long value) {
    if (value < 1) {
      throw new UsageException(option + " must be at least 1, got " + value);
    }
  }
}
