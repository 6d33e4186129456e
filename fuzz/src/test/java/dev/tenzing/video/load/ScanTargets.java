package dev.tenzing.video.load;

import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.fuzz.TextMutation;
import dev.tenzing.video.decode.ClipDecoder;
import dev.tenzing.video.decode.SmallVideos;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.encode.EncoderSettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/** What scans leave behind. */
public final class ScanTargets {
  private ScanTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target("scan-index", 1, ScanTargets::index),
        new Target("scan-record", 1, ScanTargets::records),
        new Target("skip-log", 2, ScanTargets::skips));
  }

  /** A folder with a video and the index of it. */
  private record Scanned(Path folder, Path video, byte[] index) {
    static Scanned in(Path folder) throws Exception {
      Path video = folder.resolve("a.avi");
      SmallVideos.write(video, EncoderSettings.mpeg4(32, 32, 25).withKeyFrameEvery(4), 8);
      Path text = Files.writeString(folder.resolve("b.mp4"), "no video");
      for (Path file : List.of(video, text)) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L));
      }
      try (ScanIndex index = ScanIndex.open(folder)) {
        Catalog catalog = new Catalog(index);
        catalog.info(video);
        try {
          catalog.info(text);
          throw new AssertionError("a text is a video");
        } catch (VideoException e) {
          // It is in the index now.
        }
      }
      return new Scanned(folder, video, Files.readAllBytes(folder.resolve(ScanIndex.NAME)));
    }

    /** Reads the index as training does, and to add to it, and uses what it says. */
    void use() throws Exception {
      try (ScanIndex index = ScanIndex.open(folder)) {
        index.size();
      }
      ScanIndex index = ScanIndex.beside(folder);
      VideoInfo info = index.find(video);
      if (info != null) {
        try (ClipDecoder decoder = new ClipDecoder();
            Arena arena = Arena.ofConfined()) {
          int[] frames = {0, Math.max(0, Math.min(info.frames(), 1 << 20) - 1)};
          decoder.decode(info, frames, 8, 8, arena.allocate(2 * 3 * 8 * 8));
        }
      }
    }
  }

  private static Attack index(Path folder) throws Exception {
    Scanned scanned = Scanned.in(folder);
    return Attack.onFile(
        folder.resolve(ScanIndex.NAME),
        List.of(scanned.index),
        ByteMutation.with(
            "tenzing videos 1\n", "\u007f\u00ff\u00ff\u00ff", "\u0000\u0000\u0000\u0000"),
        file -> scanned.use());
  }

  /** Records whose length and checksum are right. */
  private static Attack records(Path folder) throws Exception {
    Scanned scanned = Scanned.in(folder);
    ByteBuffer in = ByteBuffer.wrap(scanned.index);
    while (in.get() != '\n') {
      // The header ends with its line.
    }
    byte[] header = Arrays.copyOf(scanned.index, in.position());
    List<byte[]> seeds = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] record = new byte[in.getInt()];
      in.getInt();
      in.get(record);
      seeds.add(record);
    }
    return new Attack(
        seeds,
        ByteMutation.with("\u0000\u0005a.avi", "mpeg4", "UNREADABLE", "\u0001", "\u00ff"),
        input -> {
          CRC32 sum = new CRC32();
          sum.update(input);
          ByteBuffer file = ByteBuffer.allocate(header.length + 8 + input.length);
          file.put(header).putInt(input.length).putInt((int) sum.getValue()).put(input);
          Files.write(folder.resolve(ScanIndex.NAME), file.array());
          scanned.use();
        });
  }

  private static Attack skips(Path folder) throws IOException {
    String table =
        "path,reason,sentence\na.mp4,unreadable,\"no video, at all\"\n\"b, c.mp4\",empty,nothing\n";
    VideoException defect =
        new VideoException(Path.of("x.mp4"), VideoException.Reason.EMPTY, "the file is empty");
    return Attack.onFile(
        folder.resolve("skipped.csv"),
        List.of(table.getBytes(StandardCharsets.UTF_8)),
        Mutation.anyOf(
            TextMutation.with("path,reason,sentence", "a.mp4", "\"", ","),
            ByteMutation.with("\n", "\"", "\u0000", "\u00c3")),
        file -> {
          new SkipLog(file).add(defect);
          String end = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
          if (!end.endsWith("\n")) {
            throw new AssertionError("the last line has no end");
          }
        });
  }
}
