package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.EncoderSettings.Codec;
import dev.tenzing.video.random.KeyedRandom;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chosen frames equal those of a decode from the start, bit for bit, wherever decoding began. */
class ClipDecoderTest {
  private static final int FRAMES = 90;
  private static final int WIDTH = 64;
  private static final int HEIGHT = 48;
  private static final long BYTES = 3L * WIDTH * HEIGHT;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "a.mp4, MPEG4, 7, 0",
    "a.mp4, MPEG4, 12, 2",
    "a.mov, MPEG4, 1, 0",
    "a.mkv, MPEG4, 9, 3",
    "a.avi, MPEG4, 5, 0",
    "a.avi, MPEG4, 13, 2",
    "a.mp4, H264, 10, 0",
    "a.mkv, H264, 1, 0",
    "a.avi, H264, 16, 0",
    "a.webm, VP8, 11, 0",
    "a.webm, VP9, 20, 0",
    "a.mp4, MPEG4, 200, 1",
    "a.avi, MJPEG, 1, 0"
  })
  void framesFoundByTheIndexAreThoseOfADecodeFromTheStart(
      String name, Codec coding, int keyFrameEvery, int between) throws Exception {
    Path file = write(name, coding, keyFrameEvery, between);
    VideoInfo info = VideoInfo.scan(file);
    assertNotNull(info.index(), "an index");
    int entries = info.index().map().entries().size();
    int expected = (FRAMES - 1) / keyFrameEvery;
    assertTrue(entries >= expected / 2 && entries <= expected + 1, entries + " entries");
    check(info, file.hashCode());
  }

  private void check(VideoInfo info, long seed) throws VideoException {
    RandomGenerator random = new KeyedRandom(seed);
    try (Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder()) {
      MemorySegment all = decodeAll(info.path(), arena);
      MemorySegment some = arena.allocate(BYTES * FRAMES);
      for (int trial = 0; trial < 40; trial++) {
        int[] frames = draw(random, trial);
        decoder.decode(info, frames, WIDTH, HEIGHT, some);
        for (int i = 0; i < frames.length; i++) {
          MemorySegment expected = all.asSlice(BYTES * frames[i], BYTES);
          assertEquals(-1, expected.mismatch(some.asSlice(BYTES * i, BYTES)), "frame " + frames[i]);
        }
      }
    }
  }

  /** A frame, a window with a stride, the last frames, or some anywhere. */
  private static int[] draw(RandomGenerator random, int trial) {
    int start = random.nextInt(FRAMES);
    int stride = 1 + random.nextInt(6);
    return switch (trial % 4) {
      case 0 -> new int[] {start};
      case 1 -> IntStream.range(0, 8).map(i -> Math.min(FRAMES - 1, start + stride * i)).toArray();
      case 2 -> IntStream.range(FRAMES - stride, FRAMES).toArray();
      default -> IntStream.range(0, 5).map(i -> random.nextInt(FRAMES)).sorted().toArray();
    };
  }

  private static MemorySegment decodeAll(Path file, Arena arena) throws VideoException {
    MemorySegment all = arena.allocate(BYTES * FRAMES);
    try (VideoDecoder decoder = VideoDecoder.open(file)) {
      while (decoder.next()) {
        decoder.read(all.asSlice(BYTES * decoder.index(), BYTES), WIDTH, HEIGHT);
      }
      assertEquals(FRAMES - 1, decoder.index());
    }
    return all;
  }

  @Test
  void anIndexOfAnotherFileGivesNoWrongFrames() throws Exception {
    VideoInfo stale = VideoInfo.scan(write("a.mp4", Codec.MPEG4, 10, 0));
    Path other = write("b.mp4", Codec.MPEG4, 7, 2);
    Files.move(other, stale.path(), StandardCopyOption.REPLACE_EXISTING);
    check(stale, 1);
  }

  @Test
  void anIndexSurvivesItsBytes() throws Exception {
    FrameIndex index = VideoInfo.scan(write("a.mp4", Codec.MPEG4, 7, 2)).index();
    byte[] bytes = index.toBytes();
    int sums = 2 * FRAMES;
    assertTrue(bytes.length - sums < 3 * FRAMES, bytes.length + " bytes");
    assertEquals(index, FrameIndex.fromBytes(bytes, FRAMES));
    assertEquals(index.map().entries(), FrameIndex.fromBytes(bytes, FRAMES).map().entries());
    assertThrows(IllegalArgumentException.class, () -> FrameIndex.fromBytes(bytes, FRAMES - 1));
    for (int cut = 0; cut < bytes.length; cut++) {
      byte[] part = Arrays.copyOf(bytes, cut);
      assertThrows(IllegalArgumentException.class, () -> FrameIndex.fromBytes(part, FRAMES));
    }
  }

  @Test
  void entriesWhoseLaterFramesNeedEarlierPacketsAreLeftOut() {
    // Packet 2 is shown first of the second group, but packet 1 is shown after it.
    int[] packets = {0, 2, 1, 3};
    FrameIndex.Entry early = new FrameIndex.Entry(2, FrameIndex.NONE, 20, 5, 2);
    FrameIndex.Entry good = new FrameIndex.Entry(3, FrameIndex.NONE, 30, 5, 3);
    FrameIndex index = FrameIndex.of(packets, new char[4], 4, List.of(early, good));
    assertEquals(1, index.map().entries().size());
    assertEquals(3, index.map().entryFor(3).packet());
    assertEquals(null, index.map().entryFor(2));
    assertEquals(null, FrameIndex.of(new int[] {0, 0}, new char[2], 2, List.of()));
    assertEquals(null, FrameIndex.of(new int[] {0, -1}, new char[2], 2, List.of()));
  }

  @Test
  void framesBeyondTheEndAreRefused() throws Exception {
    VideoInfo info = VideoInfo.scan(write("a.mp4", Codec.MPEG4, 10, 0));
    try (Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder()) {
      MemorySegment pixels = arena.allocate(BYTES);
      VideoException late =
          assertThrows(
              VideoException.class,
              () -> decoder.decode(info, new int[] {FRAMES}, WIDTH, HEIGHT, pixels));
      assertEquals(Reason.TRUNCATED, late.reason());
      assertFalse(late.sentence().isEmpty());
    }
  }

  private Path write(String name, Codec coding, int keyFrameEvery, int between) throws IOException {
    EncoderSettings settings =
        EncoderSettings.mpeg4(WIDTH, HEIGHT, 25)
            .with(coding)
            .withKeyFrameEvery(keyFrameEvery)
            .withBetweenFrames(between);
    return Clips.write(folder.resolve(name), settings, FRAMES);
  }
}
