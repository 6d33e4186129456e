package dev.tenzing.video.decode;

import java.nio.file.Path;
import java.util.Locale;

/** A video that cannot be used, with the reason as a code and as one sentence. */
public final class VideoException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Path path;
  private final String name;
  private final Reason reason;
  private final String sentence;

  /**
   * @param sentence what is wrong, without the file's name and without a full stop
   */
  public VideoException(Path path, Reason reason, String sentence) {
    this(path, path.toString(), reason, sentence);
  }

  /**
   * @param path null for a stream
   * @param name what messages call it
   */
  public VideoException(Path path, String name, Reason reason, String sentence) {
    super(name + ": " + sentence);
    this.path = path;
    this.name = name;
    this.reason = reason;
    this.sentence = sentence;
  }

  /** The file; null for a stream. */
  public Path path() {
    return path;
  }

  /** What messages call it: the path, or the address of a stream. */
  public String name() {
    return name;
  }

  /** What kind of defect it is. */
  public Reason reason() {
    return reason;
  }

  /** The defect in words, without the file's name. */
  public String sentence() {
    return sentence;
  }

  /** The kinds of defect. A file has the first one that is met while it is read. */
  public enum Reason {
    /** There is no such file. */
    MISSING,
    /** Not a regular file, not allowed to be read, or no container that FFmpeg knows. */
    UNREADABLE,
    /** A file of no bytes. */
    EMPTY,
    /** A container without moving pictures: sound only, or a cover picture. */
    NO_VIDEO_STREAM,
    /** The file ends before the container says that it does. */
    TRUNCATED,
    /** A single frame, or none: there is no motion in it. */
    TOO_FEW_FRAMES,
    /** A side shorter than {@link Limits#MIN_SIDE}, or much shorter than the other. */
    TOO_SMALL,
    /** More pixels or frames than {@link Limits} allows. */
    TOO_LARGE,
    /** The decoder met data that it could not decode. */
    DECODE_ERROR,
    /** No frame came out for {@link Limits#STALL_SECONDS}. */
    TIMEOUT;

    /** The reason as written in {@code skipped.csv}, such as {@code no-video-stream}. */
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
