package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.MadeVideos;
import dev.tenzing.video.MadeVideos.Form;
import dev.tenzing.video.Pictures;
import dev.tenzing.video.random.KeyedRandom;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a scan promises, reading keeps: a file that it calls good can be read from its first to its
 * last frame, and each frame has the same pixels whatever else is read, in whatever order, in one
 * pass or by the index.
 */
class PromiseTest {
  private static final int FRAMES = 24;
  private static final int SIZE = 24;
  private static final int BYTES = 3 * SIZE * SIZE;
  private static final int DAMAGES = 4;

  @TempDir Path folder;

  /** Codings, pixel formats, fields and containers; those of the entry rule first. */
  static Stream<Arguments> forms() {
    return Stream.of(
        Arguments.of("a.mp4", Form.of("libopenh264", "yuv420p")),
        Arguments.of("a.mkv", Form.of("libopenh264", "yuv420p").fields()),
        Arguments.of("a.ts", Form.of("libopenh264", "yuv420p")),
        Arguments.of("a.flv", Form.of("libopenh264", "yuv420p")),
        Arguments.of("a.avi", Form.of("mpeg4", "yuv420p").between(2)),
        Arguments.of("a.mp4", Form.of("mpeg4", "yuv420p").fields()),
        Arguments.of("a.mpg", Form.of("mpeg1video", "yuv420p").between(1)),
        Arguments.of("a.ts", Form.of("mpeg2video", "yuv422p").fields()),
        Arguments.of("b.mkv", Form.of("mpeg2video", "yuv420p").between(2).fields()),
        Arguments.of("a.mxf", Form.of("mpeg2video", "yuv422p").fields()),
        Arguments.of("a.webm", Form.of("libvpx", "yuv420p")),
        Arguments.of("a.webm", Form.of("libvpx-vp9", "yuv420p")),
        Arguments.of("b.mp4", Form.of("libvpx-vp9", "yuv444p").colours(8, 2)),
        Arguments.of("a.mkv", Form.of("libaom-av1", "yuv420p").colours(9, 16)),
        Arguments.of("a.avi", Form.of("mjpeg", "yuvj422p")),
        Arguments.of("a.mov", Form.of("prores_ks", "yuv422p10le").fields().colours(9, 16)),
        Arguments.of("a.mov", Form.of("rawvideo", "uyvy422").fields()),
        Arguments.of("b.avi", Form.of("rawvideo", "pal8")),
        Arguments.of("c.mov", Form.of("rawvideo", "pal8")),
        Arguments.of("a.nut", Form.of("rawvideo", "yuv420p10le").fields().colours(14, 18)),
        Arguments.of("a.mov", Form.of("v210", "yuv422p10le").fields()),
        Arguments.of("a.mkv", Form.of("ffv1", "yuv444p12le").fields().colours(11, 9)),
        Arguments.of("a.avi", Form.of("huffyuv", "yuv422p").fields()),
        Arguments.of("b.avi", Form.of("utvideo", "gbrp")),
        Arguments.of("a.dv", Form.of("dvvideo", "yuv411p").size(720, 480).fields()),
        Arguments.of("a.avi", Form.of("msrle", "pal8")),
        Arguments.of("a.mov", Form.of("smc", "pal8")),
        Arguments.of("a.mov", Form.of("qtrle", "gray")),
        Arguments.of("a.mov", Form.of("png", "rgb48be")),
        Arguments.of("a.gif", Form.of("gif", "rgb8")),
        Arguments.of("a.apng", Form.of("apng", "pal8")),
        Arguments.of("a.asf", Form.of("wmv2", "yuv420p")),
        Arguments.of("a.avi", Form.of("zmbv", "bgr0")));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void whatAScanPromisesReadingKeeps(String name, Form form) throws Exception {
    int frames = form.width() > 100 ? 4 : FRAMES;
    keeps(Files.readAllBytes(MadeVideos.write(folder.resolve(name), form, frames)), name, frames);
  }

  /** Codings that the FFmpeg at hand cannot write: see made/README.md. */
  @ParameterizedTest
  @MethodSource("files")
  void thatHoldsForCodingsThatOnlyOthersWrite(String name) throws Exception {
    try (InputStream file = PromiseTest.class.getResourceAsStream("made/" + name)) {
      keeps(file.readAllBytes(), name, FRAMES);
    }
  }

  static List<String> files() {
    return List.of("hevc.mp4", "hevc_layers.mkv", "h264_fields.mkv", "h264_pyramid.mp4");
  }

  private void keeps(byte[] whole, String name, int frames) throws Exception {
    Path file = Files.write(folder.resolve("whole-" + name), whole);
    assertEquals(frames, VideoInfo.scan(file).frames());
    assertTrue(keepsItsPromise(file, 0), "a good file is good");
    RandomGenerator random = new KeyedRandom(KeyedRandom.key(name.hashCode(), whole.length));
    for (int damage = 0; damage < DAMAGES * frames / FRAMES; damage++) {
      keepsItsPromise(Files.write(folder.resolve("bad-" + name), damage(whole, random)), damage);
    }
  }

  @Test
  void itHoldsForFoldersOfPictures() throws Exception {
    for (String pattern : new String[] {"%03d.jpg", "%03d.png"}) {
      Path pictures = Pictures.write(folder.resolve(pattern.substring(5)), pattern, 1, 6);
      assertTrue(keepsItsPromise(pictures, 0), "a good folder is good");
      Path one = pictures.resolve(String.format(Locale.ROOT, pattern, 4));
      byte[] whole = Files.readAllBytes(one);
      RandomGenerator random = new KeyedRandom(whole.length);
      int good = 0;
      for (int damage = 0; damage < 3 * DAMAGES; damage++) {
        Files.write(one, damage(whole, random));
        good += keepsItsPromise(pictures, damage) ? 1 : 0;
      }
      assertTrue(good < 2 * DAMAGES, good + " are good");
    }
  }

  /** Returns false for a file that the scan calls bad. */
  private static boolean keepsItsPromise(Path file, int seed) throws VideoException {
    VideoInfo info;
    try {
      info = VideoInfo.scan(file);
    } catch (VideoException e) {
      assertTrue(e.sentence().length() > 10, e.toString());
      return false;
    }
    byte[][] all = new byte[info.frames()][];
    try (Arena arena = Arena.ofConfined();
        ClipDecoder clips = new ClipDecoder()) {
      MemorySegment pixels = arena.allocate((long) BYTES * all.length);
      try (FrameSource source = FrameSource.open(file)) {
        for (int i = 0; i < all.length; i++) {
          assertTrue(source.next(), "frame " + i);
          source.read(pixels, SIZE, SIZE);
          all[i] = pixels.asSlice(0, BYTES).toArray(ValueLayout.JAVA_BYTE);
        }
        assertTrue(!source.next(), "no more than the scan found");
      }
      RandomGenerator random = new KeyedRandom(seed);
      for (int trial = 0; trial < 6; trial++) {
        int[] frames = draw(random, all.length, trial);
        clips.decode(info, frames, SIZE, SIZE, pixels);
        for (int i = 0; i < frames.length; i++) {
          byte[] frame = pixels.asSlice((long) BYTES * i, BYTES).toArray(ValueLayout.JAVA_BYTE);
          assertArrayEquals(all[frames[i]], frame, frames[i] + " of " + Arrays.toString(frames));
        }
      }
    }
    return true;
  }

  private static int[] draw(RandomGenerator random, int count, int trial) {
    int start = random.nextInt(count);
    int stride = 1 + random.nextInt(4);
    return switch (trial) {
      case 0 -> new int[] {0};
      case 1 -> new int[] {count - 1};
      case 2 -> IntStream.range(0, count).toArray();
      case 3 -> IntStream.range(start, count).filter(i -> (i - start) % stride == 0).toArray();
      default -> IntStream.generate(() -> random.nextInt(count)).limit(2).sorted().toArray();
    };
  }

  private static byte[] damage(byte[] whole, RandomGenerator random) {
    int at = random.nextInt(whole.length);
    int length = Math.min(whole.length - at, 1 + random.nextInt(200));
    byte[] bytes = whole.clone();
    switch (random.nextInt(6)) {
      case 0 -> {
        return Arrays.copyOf(whole, at);
      }
      case 1 ->
          System.arraycopy(whole, random.nextInt(whole.length - length + 1), bytes, at, length);
      case 2 -> Arrays.fill(bytes, at, at + length, (byte) random.nextInt(256));
      default -> {
        for (int flips = 1 << random.nextInt(3); flips > 0; flips--) {
          bytes[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return bytes;
  }
}
