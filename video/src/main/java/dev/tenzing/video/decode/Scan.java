package dev.tenzing.video.decode;

import dev.tenzing.video.decode.FrameIndex.Entry;
import dev.tenzing.video.decode.VideoException.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * One decode of a file from its first to its last frame, keeping no pixel: see {@link VideoInfo}.
 * Pixels are still decoded in full, because readers are compared with their checksums.
 */
final class Scan {
  /** Entries at which seeking is tried. */
  private static final int TRIED = 8;

  private final Path path;
  private final FileStamp stamp;
  private final OpenVideo source;
  private final EntryRule rule;
  private final IntStream.Builder framePackets = IntStream.builder();
  private final FrameSum sum = new FrameSum();
  private final StringBuilder sums = new StringBuilder();
  private final List<Candidate> candidates = new ArrayList<>();
  private final BitSet headers = new BitSet();
  private final BitSet standAlone = new BitSet();
  private boolean shared;
  private boolean changes;
  private int packets;
  private int frames;
  private double first;
  private double last;

  /**
   * Seconds from frame to frame; a clock that is set back, as where streams are joined, is none.
   */
  private double forward;

  private double shortest = Double.POSITIVE_INFINITY;
  private double longest = Double.NEGATIVE_INFINITY;

  /** A packet that may be an entry. */
  private record Candidate(int packet, long position, int size, long pts, long dts) {
    Entry entry(ToLongFunction<Candidate> stamp) {
      long asked = stamp.applyAsLong(this);
      return new Entry(
          packet,
          FrameIndex.NONE,
          position,
          size,
          asked == avutil.AV_NOPTS_VALUE ? Entry.NO_STAMP : asked);
    }
  }

  private Scan(Path path, FileStamp stamp, OpenVideo source) {
    this.path = path;
    this.stamp = stamp;
    this.source = source;
    this.rule = EntryRule.of(source.container().stream().codecpar());
  }

  /** Decodes a file; see {@link VideoInfo#scan}. */
  static VideoInfo run(Path path) throws VideoException {
    FileStamp stamp = FileStamp.of(path);
    try (OpenVideo source = OpenVideo.open(path)) {
      Scan scan = new Scan(path, stamp, source);
      scan.decode();
      return scan.info();
    }
  }

  private void decode() throws VideoException {
    Container container = source.container();
    Codec codec = source.codec();
    try (ConversionCheck conversion = new ConversionCheck();
        Codec twin = rule.isUsual() ? null : source.twin()) {
      while (container.next()) {
        note(container.packet());
        codec.send(container.packet(), packets, true);
        if (twin != null) {
          twin.send(container.packet(), packets, true);
        }
        packets++;
        takeFrames(conversion, twin);
      }
      codec.end();
      if (twin != null) {
        twin.end();
      }
      takeFrames(conversion, twin);
    }
    if (frames < Limits.MIN_FRAMES) {
      throw source
          .defects()
          .of(
              Reason.TOO_FEW_FRAMES,
              frames == 0 ? "no frame can be decoded" : "a single frame is a picture, not a video");
    }
  }

  private void note(AVPacket packet) {
    int kind = rule.kind(packet);
    // The first packet's is taken along by readers, see Container.
    changes |= packets > 0 && EntryRule.changesDecoder(packet);
    if ((kind & EntryRule.HEADERS) != 0) {
      headers.set(packets);
    }
    if ((kind & EntryRule.ENTRY) != 0 && packet.pos() >= 0 && !changes) {
      candidates.add(
          new Candidate(packets, packet.pos(), packet.size(), packet.pts(), packet.dts()));
    }
    shared |= (kind & EntryRule.SHARED) != 0;
  }

  /**
   * @param twin decodes the same packets; null for none. Decoders of rare codings show what
   *     happened to be in memory where damage left a gap, so what they show is held against a
   *     second one.
   */
  private void takeFrames(ConversionCheck conversion, Codec twin) throws VideoException {
    while (source.codec().receive()) {
      char found = sum.of(source.codec().frame());
      if (twin != null && !(twin.receive() && sum.of(twin.frame()) == found)) {
        throw source
            .defects()
            .of(
                Reason.DECODE_ERROR,
                "frame " + frames + " is damaged: it does not come out the same each time");
      }
      sums.append(found);
      source.checkConverted(conversion.check(source.codec().frame()));
      double seconds = source.seconds(frames);
      if (frames == 0) {
        first = seconds;
      } else {
        shortest = Math.min(shortest, seconds - last);
        longest = Math.max(longest, seconds - last);
        forward += Math.max(0, seconds - last);
      }
      last = seconds;
      int packet = source.codec().packet();
      framePackets.add(packet);
      if (packet >= 0 && (source.codec().frame().flags() & AVFrame.AV_FRAME_FLAG_KEY) != 0) {
        standAlone.set(packet);
      }
      if (++frames > Limits.MAX_FRAMES) {
        throw source.defects().of(Reason.TOO_LARGE, "more than " + Limits.MAX_FRAMES + " frames");
      }
    }
  }

  private VideoInfo info() throws VideoException {
    double fps = source.fps();
    double passed = shortest < 0 ? forward : last - first;
    double tick = avutil.av_q2d(source.container().stream().time_base());
    return new VideoInfo(
        path,
        stamp,
        source.width(),
        source.height(),
        source.orientation().degrees(),
        source.container().codec(),
        fps,
        // A constant rate is rounded to the container's unit.
        longest - shortest > 1.01 * tick,
        passed + (fps > 0 ? 1 / fps : passed / (frames - 1)),
        frames,
        index());
  }

  private FrameIndex index() throws VideoException {
    if (shared) {
      return null;
    }
    // Parameters that lie among the packets count from there on: a decode that begins later must
    // meet the same ones, so then only entries that bring their own are used.
    candidates.removeIf(candidate ->
        !standAlone.get(candidate.packet)
            || (!headers.isEmpty() && !headers.get(candidate.packet)));
    return FrameIndex.of(
        framePackets.build().toArray(), sums.toString().toCharArray(), packets, entries());
  }

  /** The candidates with the stamps by which they are found: each container has its own idea. */
  private List<Entry> entries() throws VideoException {
    for (ToLongFunction<Candidate> stamp :
        List.<ToLongFunction<Candidate>>of(Candidate::pts, Candidate::dts)) {
      List<Entry> entries = candidates.stream().map(candidate -> candidate.entry(stamp)).toList();
      if (seeksLand(entries)) {
        return entries;
      }
    }
    return candidates.stream().map(candidate -> candidate.entry(any -> Entry.NO_STAMP)).toList();
  }

  /** Tries to seek, so that readers need not find out each time that it leads nowhere. */
  private boolean seeksLand(List<Entry> entries) throws VideoException {
    int step = Math.max(1, entries.size() / TRIED);
    try {
      for (int i = step - 1; i < entries.size(); i += step) {
        Entry entry = entries.get(i);
        if (entry.packet() >= Jump.SEEK_FROM
            && !Jump.to(entry, source.container(), entry.packet() / 2)) {
          return false;
        }
      }
      return true;
    } catch (VideoException e) {
      if (e.reason() == Reason.TIMEOUT) {
        throw e;
      }
      return false; // a file that was read to its end is good, wherever a seek leads
    }
  }
}
