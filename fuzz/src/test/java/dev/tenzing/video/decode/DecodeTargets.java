package dev.tenzing.video.decode;

import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.tools.picture.Picture;
import dev.tenzing.tools.picture.Png;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.EncoderSettings.Codec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/** Videos and pictures, and what is read of them without FFmpeg. */
public final class DecodeTargets {
  private static final int WIDTH = 32;
  private static final int HEIGHT = 24;
  private static final int FRAMES = 10;

  private static final ByteMutation CONTAINERS =
      ByteMutation.with(
          "RIFF",
          "AVI ",
          "LIST",
          "idx1",
          "movi",
          "00dc",
          "ftyp",
          "moov",
          "mdat",
          "stts",
          "stsz",
          "ctts",
          "elst",
          "free",
          "uuid",
          "\u001a\u0045\u00df\u00a3",
          "\u0018\u0053\u0080\u0067",
          "\u001f\u0043\u00b6\u0075",
          "\u0000\u0000\u0001",
          "\u0000\u0000\u0001\u00b6",
          "\u0000\u0000\u0000\u0001",
          "\u0001\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff");

  private static final ByteMutation PICTURES =
      ByteMutation.with(
          "\u00ff\u00d8",
          "\u00ff\u00d9",
          "\u00ff\u00c0",
          "\u00ff\u00c2",
          "\u00ff\u00da",
          "\u00ff\u00dd",
          "\u00ff\u00d0",
          "IHDR",
          "IDAT",
          "IEND",
          "PLTE",
          "acTL",
          "\u00ff\u00ff");

  private DecodeTargets() {}

  /** The targets. */
  public static List<Target> all() {
    EncoderSettings mpeg4 = EncoderSettings.mpeg4(48, 32, 25).withKeyFrameEvery(4);
    EncoderSettings h264 = EncoderSettings.h264(48, 32, 25).withKeyFrameEvery(4);
    EncoderSettings mjpeg = mpeg4.with(Codec.MJPEG).withQuantizer(5);
    return List.of(
        new Target("frame-index", 1, DecodeTargets::frameIndex),
        new Target("container-end", 1, DecodeTargets::containerEnd),
        new Target("entry-rule", 1, DecodeTargets::entryRule),
        new Target("picture-jpeg", 10, folder -> pictures(folder, "jpg", SmallVideos.jpeg(folder))),
        new Target("picture-png", 10, folder -> pictures(folder, "png", png())),
        video("video-h264", "mp4", h264),
        video("video-mpeg4", "avi", mpeg4.withBetweenFrames(2)),
        video("video-mpeg4-mov", "mov", mpeg4),
        video("video-mjpeg", "avi", mjpeg),
        video("video-vp8", "webm", mpeg4.with(Codec.VP8)),
        video("video-vp9", "mkv", mpeg4.with(Codec.VP9)));
  }

  private static Attack frameIndex(Path folder) throws Exception {
    Path file = folder.resolve("a.avi");
    List<byte[]> seeds = new ArrayList<>();
    for (int between : new int[] {0, 2}) {
      SmallVideos.write(
          file,
          EncoderSettings.mpeg4(32, 32, 25).withKeyFrameEvery(3).withBetweenFrames(between),
          FRAMES);
      seeds.add(VideoInfo.scan(file).index().toBytes());
    }
    return new Attack(
        seeds,
        ByteMutation.with("\u00ff\u00ff\u00ff\u00ff\u000f", "\u0080", "\u007f", "\u0000"),
        input -> {
          FrameIndex index = FrameIndex.fromBytes(input, FRAMES);
          FrameIndex.Map map = index.map();
          for (int frame = 0; frame < FRAMES; frame++) {
            int packet = map.packets()[frame];
            FrameIndex.Entry entry = map.entryFor(frame);
            if (map.frames()[packet] != frame || entry != null && entry.frame() > frame) {
              throw new AssertionError("the index contradicts itself");
            }
          }
        });
  }

  private static Attack containerEnd(Path folder) throws Exception {
    EncoderSettings mpeg4 = EncoderSettings.mpeg4(32, 32, 25);
    return Attack.onFile(
        folder.resolve("a"),
        List.of(
            SmallVideos.bytes(folder, "a.mp4", mpeg4, 2),
            SmallVideos.bytes(folder, "a.avi", mpeg4, 2),
            SmallVideos.bytes(folder, "a.webm", mpeg4.with(Codec.VP8), 2)),
        CONTAINERS,
        ContainerEnd::check);
  }

  /** The first byte says which coding it is, the second how long the headers are. */
  private static Attack entryRule(Path folder) throws Exception {
    FFmpeg.load();
    int[] codings = {
      avcodec.AV_CODEC_ID_H264,
      avcodec.AV_CODEC_ID_HEVC,
      avcodec.AV_CODEC_ID_MPEG4,
      avcodec.AV_CODEC_ID_MPEG2VIDEO,
      avcodec.AV_CODEC_ID_VP9
    };
    byte[] annexB = {0, 0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x65, 9, 9, 0, 0, 1, 0x41, 9};
    byte[] lengths = {0, 7, 1, 0x64, 0, 10, (byte) 0xFF, (byte) 0xE1, 0, 0, 0, 0, 2, 0x65, 9};
    byte[] hevc = {1, 0, 0, 0, 0, 1, 0x40, 1, 0, 0, 1, 0x26, 1, 9};
    byte[] mpeg4 = {2, 0, 0, 0, 1, (byte) 0xB6, 0x10, 0, 0, 1, (byte) 0xB6, 0x50};
    return new Attack(
        List.of(annexB, lengths, hevc, mpeg4),
        ByteMutation.with(
            "\u0000\u0000\u0001", "\u0000\u0000\u0000\u0001", "\u00ff\u00ff\u00ff\u00ff"),
        input -> {
          if (input.length < 2) {
            return;
          }
          int headers = Math.min(input[1] & 0xFF, input.length - 2);
          AVCodecParameters stream = avcodec.avcodec_parameters_alloc();
          AVPacket packet = avcodec.av_packet_alloc();
          try {
            stream.codec_id(codings[(input[0] & 0xFF) % codings.length]);
            BytePointer extra =
                new BytePointer(avutil.av_mallocz(headers + avcodec.AV_INPUT_BUFFER_PADDING_SIZE));
            extra.put(input, 2, headers);
            stream.extradata(extra).extradata_size(headers);
            int size = input.length - 2 - headers;
            if (size > 0 && avcodec.av_new_packet(packet, size) == 0) {
              packet.data().put(input, 2 + headers, size);
              EntryRule.of(stream).kind(packet);
            }
          } finally {
            avcodec.av_packet_free(packet);
            avcodec.avcodec_parameters_free(stream);
          }
        });
  }

  private static byte[] png() {
    Picture picture = new Picture(48, 32);
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < picture.width(); x++) {
        picture.set(x, y, 0x10407 * x ^ 0x30105 * y);
      }
    }
    return Png.encode(picture);
  }

  /** Makes the checksums of a PNG's chunks right again, as far as its lengths go. */
  private static byte[] checked(byte[] png) {
    ByteBuffer file = ByteBuffer.wrap(png.clone());
    int at = 8;
    while (at + 12 <= png.length) {
      int length = file.getInt(at);
      if (length < 0 || length > png.length - at - 12) {
        break;
      }
      CRC32 sum = new CRC32();
      sum.update(png, at + 4, 4 + length);
      file.putInt(at + 8 + length, (int) sum.getValue());
      at += 12 + length;
    }
    return file.array();
  }

  /** A folder of pictures of which the second is damaged. */
  private static Attack pictures(Path folder, String ending, byte[] picture) throws IOException {
    Path video = Files.createDirectory(folder.resolve("pictures"));
    for (int i = 1; i <= 3; i++) {
      Files.write(video.resolve("img_%05d.%s".formatted(i, ending)), picture);
    }
    return Attack.onFile(
            video.resolve("img_00002." + ending),
            List.of(picture),
            (seeds, random) -> {
              byte[] damaged = PICTURES.mutate(seeds, random);
              return random.nextInt(3) > 0 && ending.equals("png") ? checked(damaged) : damaged;
            },
            file -> keepsItsPromise(video))
        .allowing(16 << 20);
  }

  private static Target video(String name, String ending, EncoderSettings settings) {
    return new Target(
        name,
        25,
        folder ->
            Attack.onFile(
                    folder.resolve("a." + ending),
                    List.of(SmallVideos.bytes(folder, "seed." + ending, settings, FRAMES)),
                    CONTAINERS,
                    DecodeTargets::keepsItsPromise)
                .allowing(16 << 20));
  }

  /**
   * What a scan calls good can be read, every frame of it, in any order and in one pass, and gives
   * the same pixels each time.
   */
  private static void keepsItsPromise(Path file) throws VideoException {
    VideoInfo info = VideoInfo.scan(file);
    int frames = Math.min(info.frames(), 40);
    long bytes = 3L * WIDTH * HEIGHT;
    try (Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder();
        FrameSource pass = FrameSource.open(file)) {
      MemorySegment all = arena.allocate(frames * bytes, 64);
      MemorySegment one = arena.allocate(2 * bytes, 64);
      int[] order = new int[frames];
      for (int i = 0; i < frames; i++) {
        order[i] = i;
      }
      decoder.decode(info, order, WIDTH, HEIGHT, all);
      for (int i = frames - 1; i >= 0; i--) {
        decoder.decode(info, new int[] {i / 2, i}, WIDTH, HEIGHT, one);
        same(all, one, 0, i / 2, "by index");
        same(all, one, 1, i, "by index");
      }
      for (int i = 0; i < frames; i++) {
        if (!pass.next()) {
          throw new AssertionError("in one pass it ends before frame " + i);
        }
        pass.read(one, WIDTH, HEIGHT);
        same(all, one, 0, i, "in one pass");
      }
    } catch (VideoException e) {
      throw new AssertionError("good by the scan, but not to be read: " + e.getMessage(), e);
    }
  }

  private static void same(MemorySegment all, MemorySegment some, int at, int frame, String how) {
    long bytes = 3L * WIDTH * HEIGHT;
    ByteBuffer expected = all.asSlice(frame * bytes, bytes).asByteBuffer();
    if (!expected.equals(some.asSlice(at * bytes, bytes).asByteBuffer())) {
      throw new AssertionError("frame " + frame + " has other pixels when it is read " + how);
    }
  }
}
