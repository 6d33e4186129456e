package dev.tenzing.video.decode;

/** What a video may claim before memory or time is spent on it. */
public final class Limits {
  /** Shorter sides hold no patch worth looking at. */
  public static final int MIN_SIDE = 8;

  /** How many times the shorter side the longer one may be. */
  public static final int MAX_ASPECT = 16;

  /** The longest side, twice that of 8K video. */
  public static final int MAX_SIDE = 16_384;

  /** The most pixels in a frame, twice as many as 8K video has. */
  public static final long MAX_PIXELS = 64L << 20;

  /** The most frames in a file: 38 hours at 30 frames a second. */
  public static final int MAX_FRAMES = 1 << 22;

  /** One frame is not a video. */
  public static final int MIN_FRAMES = 2;

  /** A decoder that brings no frame for so long is given up. */
  public static final int STALL_SECONDS = 30;

  /** The largest single piece of memory that FFmpeg may ask for: a frame of MAX_PIXELS, 64 bit. */
  static final long MAX_ALLOCATION = 512L << 20;

  private Limits() {}
}
