package dev.tenzing.video.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.decode.ClipDecoder;
import dev.tenzing.video.decode.FrameSource;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.Catalog;
import dev.tenzing.video.load.ClipPlan;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.ClipReader;
import dev.tenzing.video.sample.DenseSampling;
import dev.tenzing.video.sample.SlidingWindows;
import dev.tenzing.video.stream.WindowReader.Place;
import dev.tenzing.video.transform.Crop;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows of one pass are those that are decoded one by one. */
class WindowReaderTest {
  private static final int SIZE = 24;
  private static final int FRAMES = 61;

  @TempDir static Path folder;
  private static Path video;

  @BeforeAll
  static void write() throws IOException {
    video = Clips.write(folder.resolve("a.mp4"), FRAMES);
  }

  @ParameterizedTest
  @CsvSource({
    "16, 1, 4",
    "16, 1, 16",
    "16, 2, 3",
    "4, 5, 7",
    "4, 4, 4",
    "3, 2, 50",
    "16, 4, 1",
    "16, 5, 4",
    "61, 1, 1",
    "1, 1, 1"
  })
  void windowsAreThoseOfSingleDecodes(int length, int stride, int hop) throws Exception {
    SlidingWindows windows = new SlidingWindows(length, stride, hop);
    long bytes = 3L * length * SIZE * SIZE;
    try (Arena arena = Arena.ofConfined();
        FrameSource source = FrameSource.open(video);
        WindowReader reader = new WindowReader(source, windows, Fit.STRETCH, SIZE);
        ClipDecoder decoder = new ClipDecoder()) {
      VideoInfo info = VideoInfo.scan(video);
      MemorySegment pixels = arena.allocate(bytes);
      MemorySegment expected = arena.allocate(bytes);
      for (int clip = 0; clip < windows.count(FRAMES); clip++) {
        int[] frames = windows.frames(FRAMES, clip);
        decoder.decode(info, frames, SIZE, SIZE, expected);
        Place place = reader.next(pixels);
        assertEquals(-1, pixels.mismatch(expected), "window " + clip);
        assertEquals(clip, place.index());
        assertEquals(frames[0], place.frame());
        assertEquals(frames[0] / 25.0, place.start(), 1e-3);
        assertEquals(frames[length - 1] / 25.0, place.end(), 1e-3);
      }
      assertNull(reader.next(pixels));
      assertNull(reader.next(pixels));
      assertEquals(FRAMES, reader.frames());
      assertTrue(reader.capacity() <= (length - 1) * stride + 1, "a ring of a window");
    }
  }

  /** Cut out of the middle they are test views. */
  @Test
  void croppedWindowsAreTestViews() throws Exception {
    SlidingWindows windows = new SlidingWindows(4, 3, 5);
    ClipPolicy policy =
        new ClipPolicy(
            new DenseSampling(4, 3),
            SIZE,
            windows.count(FRAMES),
            SIZE,
            true,
            (any, total, width, height, random) ->
                IntStream.range(0, windows.count(total))
                    .mapToObj(clip ->
                        new ClipPlan(
                            windows.frames(total, clip), Crop.alongLongSide(width, height, 0, 1)))
                    .toList());
    try (Arena arena = Arena.ofConfined();
        ClipReader clips = new ClipReader(policy, new Catalog(), null);
        FrameSource source = FrameSource.open(video);
        WindowReader reader = new WindowReader(source, windows, Fit.CROP, SIZE)) {
      MemorySegment expected = arena.allocate(ClipReader.bytes(policy));
      clips.read(new VideoList.Entry(video, -1), 0, expected);
      MemorySegment pixels = arena.allocate(reader.bytes());
      for (int clip = 0; clip < policy.views(); clip++) {
        reader.next(pixels);
        MemorySegment one = expected.asSlice(clip * reader.bytes(), reader.bytes());
        assertEquals(-1, pixels.mismatch(one), "window " + clip);
      }
      assertNull(reader.next(pixels));
    }
  }

  @Test
  void aHeldFrameIsNeverKeptLonger() throws Exception {
    try (FrameSource source = FrameSource.open(video)) {
      for (var expected :
          List.of(
              new int[] {16, 1, 4, 16},
              new int[] {16, 4, 4, 16},
              new int[] {16, 4, 2, 31},
              new int[] {16, 4, 100, 16},
              new int[] {16, 4, 3, 61})) {
        SlidingWindows windows = new SlidingWindows(expected[0], expected[1], expected[2]);
        try (WindowReader reader = new WindowReader(source, windows, Fit.STRETCH, SIZE)) {
          assertEquals(expected[3], reader.capacity(), windows::toString);
        }
      }
      SlidingWindows huge = new SlidingWindows(5000, 1, 1);
      assertThrows(
          IllegalArgumentException.class,
          () -> new WindowReader(source, huge, Fit.STRETCH, SIZE).close());
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 16, 1, 4", "7, 16, 1, 16", "7, 4, 4, 3", "30, 16, 2, 50"})
  void aShortVideoHasOneWindow(int frames, int length, int stride, int hop) throws Exception {
    Path shorter = Clips.write(folder.resolve("short-" + frames + ".mp4"), frames);
    SlidingWindows windows = new SlidingWindows(length, stride, hop);
    try (Arena arena = Arena.ofConfined();
        FrameSource source = FrameSource.open(shorter);
        WindowReader reader = new WindowReader(source, windows, Fit.STRETCH, 48)) {
      MemorySegment pixels = arena.allocate(reader.bytes());
      reader.next(pixels);
      for (int i = 0; i < length; i++) {
        long bytes = 3L * 48 * 48;
        assertEquals(
            Math.min(i * stride, frames - 1),
            Clips.index(pixels.asSlice(i * bytes, bytes), 48, 48));
      }
      assertNull(reader.next(pixels));
    }
  }

  @Test
  void aPictureIsNoVideo() throws Exception {
    Path picture = Clips.write(folder.resolve("one.mp4"), 1);
    try (Arena arena = Arena.ofConfined();
        FrameSource source = FrameSource.open(picture);
        WindowReader reader =
            new WindowReader(source, new SlidingWindows(4, 1, 1), Fit.STRETCH, SIZE)) {
      VideoException e =
          assertThrows(VideoException.class, () -> reader.next(arena.allocate(reader.bytes())));
      assertEquals(Reason.TOO_FEW_FRAMES, e.reason());
      assertEquals(picture, e.path());
    }
  }
}
