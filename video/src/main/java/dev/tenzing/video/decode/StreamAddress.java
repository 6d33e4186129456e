package dev.tenzing.video.decode;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a stream comes from, as a user names it: {@code http://…}, {@code https://…}, {@code
 * rtsp://…}, {@code udp://…}, {@code tcp://…}, {@code /dev/video0}, or {@code -} for the standard
 * input.
 *
 * <p>FFmpeg may use the protocols that such an address needs and no others, and never opens a local
 * file for it: a playlist may only name what can be had by the playlist's own way.
 *
 * @param url what FFmpeg opens
 * @param name what messages call it: without a password
 * @param kind how it is opened
 */
public record StreamAddress(String url, String name, Kind kind) {
  private static final Pattern URL = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+)://.+");
  private static final Pattern CAMERA = Pattern.compile("/dev/video\\d{1,3}");

  /** Ways to a stream. */
  public enum Kind {
    /** A file on a web server, or an HLS playlist and the segments it names. */
    WEB("http,https,httpproxy,tcp,tls,crypto", ",hls,aac", false),
    /** A camera in the network. */
    RTSP("rtsp,rtp,udp,tcp", ",rtsp,rtp,sdp", true),
    /** Packets of a transport stream. */
    UDP("udp", "", true),
    /** A connection that brings a file or a transport stream. */
    TCP("tcp", "", true),
    /** A camera of this machine, by Video4Linux. */
    CAMERA("file", ",video4linux2,v4l2,rawvideo,mjpeg", true),
    /** What a pipe into the command brings. */
    PIPE("pipe", "", false);

    final String protocols;
    final String formats;
    private final boolean live;

    Kind(String protocols, String formats, boolean live) {
      this.protocols = protocols;
      this.formats = formats;
      this.live = live;
    }

    /**
     * Whether it goes on at its own speed, so that whoever is slower has to leave something out.
     */
    public boolean live() {
      return live;
    }
  }

  private static final Map<String, Kind> SCHEMES =
      Map.of(
          "http", Kind.WEB,
          "https", Kind.WEB,
          "rtsp", Kind.RTSP,
          "udp", Kind.UDP,
          "tcp", Kind.TCP);

  /**
   * The stream that a word of the command line means; empty when it is a path.
   *
   * @throws IllegalArgumentException for an address of another kind
   */
  public static Optional<StreamAddress> of(String word) {
    if (word.equals("-")) {
      return Optional.of(new StreamAddress("pipe:0", "standard input", Kind.PIPE));
    }
    if (CAMERA.matcher(word).matches()) {
      return Optional.of(new StreamAddress(word, word, Kind.CAMERA));
    }
    Matcher url = URL.matcher(word);
    if (!url.matches()) {
      return Optional.empty();
    }
    String name = word.replaceFirst("://[^/@]*@", "://");
    Kind kind = SCHEMES.get(url.group(1).toLowerCase(Locale.ROOT));
    if (kind == null) {
      throw new IllegalArgumentException(
          "%s: streams come by http, https, rtsp, udp or tcp, not by %s; a file is given as a path"
              .formatted(name, url.group(1)));
    }
    return Optional.of(new StreamAddress(word, name, kind));
  }
}
