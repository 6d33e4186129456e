package dev.tenzing.video.decode;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avdevice;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.SizeTPointer;

/** The FFmpeg libraries: loaded once, silenced, and bounded in memory. */
public final class FFmpeg {
  private FFmpeg() {}

  /**
   * Loads the libraries; called by everything that needs them, harmless to call again.
   *
   * @throws FFmpegMissingException when they cannot be loaded on this machine
   */
  public static void load() {
    String problem = Loaded.PROBLEM;
    if (problem != null) {
      throw new FFmpegMissingException(problem);
    }
  }

  /**
   * Loads the library for cameras of this machine, which needs libraries of the system that FFmpeg
   * itself does without; so only for who asks for a camera.
   *
   * @return why there are none here, or null
   */
  static String loadDevices() {
    return Devices.PROBLEM;
  }

  /**
   * The version of FFmpeg, such as {@code 8.0.1}.
   *
   * @throws FFmpegMissingException when the libraries cannot be loaded on this machine
   */
  public static String version() {
    load();
    return avutil.av_version_info().getString();
  }

  /** What an FFmpeg error code means, in FFmpeg's words. */
  public static String describe(int error) {
    byte[] text = new byte[avutil.AV_ERROR_MAX_STRING_SIZE];
    avutil.av_strerror(error, text, text.length);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new String(text, 0, end, StandardCharsets.UTF_8);
  }

  /** FFmpeg's name of a pixel format, such as {@code yuv420p}. */
  static String pixelFormat(int number) {
    BytePointer name = avutil.av_get_pix_fmt_name(number);
    return name == null ? "number " + number : name.getString();
  }

  /** What a packet brings beside its bytes, null for nothing of this type. */
  static byte[] sideData(AVPacket packet, int type) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      BytePointer data = avcodec.av_packet_get_side_data(packet, type, size);
      if (data == null) {
        return null;
      }
      byte[] bytes = new byte[Math.toIntExact(size.get())];
      data.get(bytes);
      return bytes;
    }
  }

  /** Adds to what a packet brings beside its bytes; returns an FFmpeg error, or 0. */
  static int addSideData(AVPacket packet, int type, byte[] bytes) {
    BytePointer data = avcodec.av_packet_new_side_data(packet, type, bytes.length);
    if (data == null) {
      return avutil.AVERROR_ENOMEM();
    }
    data.put(bytes);
    return 0;
  }

  /** Holder: the JVM runs this once, at the first load(). */
  private static final class Loaded {
    static final String PROBLEM = tryLoad();

    private static String tryLoad() {
      // By default JavaCPP refuses to allocate once the process holds more memory than four times
      // the Java heap, which off-heap tensors do; it reads these when its first class is loaded.
      setUnlessGiven("org.bytedeco.javacpp.maxBytes", "0");
      setUnlessGiven("org.bytedeco.javacpp.maxPhysicalBytes", "0");
      try {
        avutil.av_log_set_level(avutil.AV_LOG_QUIET);
        avutil.av_max_alloc(Limits.MAX_ALLOCATION);
        avcodec.avcodec_version();
        avformat.avformat_version();
        swscale.swscale_version();
        return null;
      } catch (LinkageError e) {
        return "FFmpeg's libraries cannot be loaded on "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + ", so videos and pictures can be neither read nor written ("
            + LibraryFolder.problem(e)
            + ")";
      }
    }

    private static void setUnlessGiven(String property, String value) {
      if (System.getProperty(property) == null
          && System.getProperty(property.toLowerCase(Locale.ROOT)) == null) {
        System.setProperty(property, value);
      }
    }
  }

  /** Holder: the JVM runs this once, at the first loadDevices(). */
  private static final class Devices {
    static final String PROBLEM = tryLoad();

    private static String tryLoad() {
      load();
      try {
        avdevice.avdevice_register_all();
      } catch (LinkageError e) {
        return "FFmpeg's libavdevice, which reads cameras, cannot be loaded on this machine; on"
            + " Debian and Ubuntu it needs the package libpulse0 ("
            + e.getMessage()
            + ")";
      }
      return avformat.av_find_input_format("video4linux2") == null
          ? "cameras are read through Video4Linux, which is on Linux alone"
          : null;
    }
  }
}
