package dev.tenzing.tools.run;

import dev.tenzing.everest.recipe.DataRecipe;
import dev.tenzing.everest.run.ListReader;
import dev.tenzing.tools.cli.Heading;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.sample.SamplingRule;
import java.nio.file.Path;
import java.util.List;
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

  /** The data asked for. */
  public DataRecipe recipe() {
    return new DataRecipe(
        data,
        dataRoot,
        frames,
        stride,
        sampling == null ? null : SamplingRule.named(sampling),
        temporalJitter,
        size,
        decodeThreads,
        cacheMib,
        strict);
  }

  /** Reads a list, a folder or a file of several sources. */
  public static VideoList read(
      Path data, Path root, VideoList.Labels labels, int classes, List<String> known)
      throws VideoListException {
    return SourcesFile.is(data)
        ? SourcesFile.read(data, labels, classes, known)
        : VideoList.read(data, root, labels, classes, known);
  }

  /** The same, which refuses a list none of whose videos exists. */
  public static VideoList list(
      Path data, Path root, VideoList.Labels labels, int classes, List<String> known)
      throws VideoListException {
    ListReader reader = DataOptions::read;
    return reader.existing(data, root, labels, classes, known);
  }
}
