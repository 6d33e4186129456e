package dev.tenzing.tools.run;

import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options that say which videos, and how clips are made of them. */
public final class DataOptions {
  /** The list or folder. */
  @Option(
      names = "--data",
      required = true,
      paramLabel = "LIST_OR_DIR",
      description = "list file, or folder of videos")
  public Path data;

  /** What relative paths start from. */
  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "start of relative paths (default: the list's folder)")
  public Path dataRoot;

  /** T. */
  @Option(
      names = "--frames",
      defaultValue = "16",
      description = "frames of a clip (default: ${DEFAULT-VALUE})")
  public int frames = 16;

  /** Frames from one frame of a clip to the next. */
  @Option(
      names = "--stride",
      defaultValue = "4",
      description = "frames from one frame of a clip to the next (default: ${DEFAULT-VALUE})")
  public int stride = 4;

  /** Side of a clip in pixels. */
  @Option(
      names = "--size",
      defaultValue = "224",
      description = "side of a clip in pixels (default: ${DEFAULT-VALUE})")
  public int size = 224;

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
    positive("--frames", frames);
    positive("--stride", stride);
    positive("--size", size);
    positive("--decode-threads", decodeThreads);
    if (cacheMib < 0) {
      throw new UsageException("--cache-mib cannot be negative, got " + cacheMib);
    }
  }

  /** Reads the list. */
  public VideoList list(VideoList.Labels labels, int classes) throws VideoListException {
    return VideoList.read(data, dataRoot, labels, classes);
  }

  static void positive(String option, long value) {
    if (value < 1) {
      throw new UsageException(option + " must be at least 1, got " + value);
    }
  }
}
