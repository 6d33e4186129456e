package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.Pictures;
import dev.tenzing.video.decode.VideoException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameFolderTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "img_%05d.jpg, 1, mjpeg",
    "img_%05d.jpg, 0, mjpeg",
    "image_%06d.JPEG, 9601, mjpeg",
    "%d.png, 8, png",
    "a 2-%d.PNG, 98, png"
  })
  void picturesAreFrames(String pattern, int first, String codec) throws Exception {
    Path video = Pictures.write(folder.resolve("v"), pattern, first, 12);
    Files.createFile(video.resolve("notes.txt"));
    VideoInfo info = VideoInfo.scan(video);
    assertEquals(12, info.frames());
    assertEquals(64, info.width());
    assertEquals(48, info.height());
    assertEquals(codec, info.codec());
    assertEquals(first, FrameFolder.open(video).first());
    int[] frames = {0, 3, 3, 11};
    try (Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder()) {
      MemorySegment pixels = arena.allocate(4L * 3 * 64 * 48);
      decoder.decode(info, frames, 64, 48, pixels);
      for (int i = 0; i < frames.length; i++) {
        MemorySegment frame = pixels.asSlice(i * 3L * 64 * 48, 3L * 64 * 48);
        assertEquals(frames[i], Clips.index(frame, 64, 48));
        long left = 3L * (36 * 64 + 10);
        assertTrue(Clips.get(frame, left) > 225 && Clips.get(frame, left + 2) < 30, "red");
      }
    }
  }

  @Test
  void aPatternChoosesOneOfSeveralRows() throws Exception {
    Path video = Pictures.write(folder.resolve("v"), "rgb_%05d.jpg", 1, 5);
    Pictures.write(video, "flow_%05d.jpg", 1, 4);
    assertBad(video, Reason.UNREADABLE, "several rows of pictures (flow_*.jpg, rgb_*.jpg)");
    for (String pattern : new String[] {"rgb_{:05}.jpg", "rgb_{:05d}.jpg", "rgb_%05d.jpg"}) {
      assertEquals(5, VideoInfo.scan(video.resolve(pattern)).frames());
    }
    assertEquals(4, VideoInfo.scan(video.resolve("flow_{:05}.jpg")).frames());
    assertBad(video.resolve("x_{:05}.jpg"), Reason.UNREADABLE, "no pictures of that name");
    // The name that the reference lists mean needs no pattern.
    Pictures.write(video, "img_%05d.jpg", 1, 3);
    assertEquals(3, VideoInfo.scan(video).frames());
    assertFalse(FrameFolder.is(folder.resolve("none.mp4")));
  }

  @Test
  void whatIsWrongIsNamed() throws Exception {
    Path gap = Pictures.write(folder.resolve("gap"), "img_%05d.jpg", 1, 5);
    Files.delete(gap.resolve("img_00003.jpg"));
    assertBad(gap, Reason.MISSING, "picture 3 is missing before img_00004.jpg");
    Path cut = Pictures.write(folder.resolve("cut"), "img_%05d.jpg", 1, 3);
    byte[] bytes = Files.readAllBytes(cut.resolve("img_00002.jpg"));
    Files.write(cut.resolve("img_00002.jpg"), Arrays.copyOf(bytes, bytes.length / 2));
    assertBad(cut, Reason.TRUNCATED, "img_00002.jpg is cut off or no JPEG picture");
    Files.write(cut.resolve("img_00002.jpg"), new byte[0]);
    assertBad(cut, Reason.EMPTY, "img_00002.jpg");
    Path one = Pictures.write(folder.resolve("one"), "img_%05d.jpg", 1, 1);
    assertBad(one, Reason.TOO_FEW_FRAMES, "a single frame");
    Path same = Pictures.write(folder.resolve("same"), "%d.jpg", 1, 2);
    Pictures.write(same, "%02d.jpg", 1, 1);
    assertBad(same, Reason.UNREADABLE, "have the same number");
    Path none = Files.createDirectory(folder.resolve("none"));
    assertBad(none, Reason.UNREADABLE, "a folder without numbered .jpg or .png pictures");
    assertBad(folder.resolve("gone/img_{:05}.jpg"), Reason.MISSING, "no such folder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg"})
  void damageInsideOfAnyPictureIsFoundByTheScan(String kind) throws Exception {
    Path video = Pictures.write(folder.resolve("v"), "%03d." + kind, 1, 4);
    Path picture = video.resolve("003." + kind);
    byte[] bytes = Files.readAllBytes(picture);
    Arrays.fill(bytes, bytes.length - 120, bytes.length - 20, (byte) 0x55);
    Files.write(picture, bytes);
    assertBad(video, Reason.DECODE_ERROR, "003." + kind + ": it is damaged");
  }

  /** A JPEG without tables takes those of the picture before it, whichever that was. */
  @Test
  void aPictureDoesNotDependOnTheOneBeforeIt() throws Exception {
    Path video = Pictures.write(folder.resolve("v"), "%03d.jpg", 1, 3);
    Path picture = video.resolve("002.jpg");
    byte[] bytes = Files.readAllBytes(picture);
    int tables = 0;
    for (int at = 0; at + 1 < bytes.length; at++) {
      if (bytes[at] == (byte) 0xFF && bytes[at + 1] == (byte) 0xDB) {
        bytes[at + 1] = (byte) 0xEC; // a segment for applications
        tables++;
      }
    }
    assertTrue(tables > 0, "tables");
    Files.write(picture, bytes);
    VideoInfo info = VideoInfo.scan(video);
    long size = 3L * 64 * 48;
    try (Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder()) {
      MemorySegment alone = arena.allocate(size);
      decoder.decode(info, new int[] {1}, 64, 48, alone);
      MemorySegment both = arena.allocate(2 * size);
      decoder.decode(info, new int[] {0, 1}, 64, 48, both);
      assertEquals(-1, alone.mismatch(both.asSlice(size)));
    }
  }

  @Test
  void whatIsKnownOfAFolderHoldsUntilOneOfItsPicturesChanges() throws Exception {
    Path video = Pictures.write(folder.resolve("v"), "%03d.jpg", 1, 3);
    FileStamp stamp = FileStamp.of(video);
    assertEquals(stamp, VideoInfo.scan(video).stamp());
    assertEquals(stamp, FileStamp.of(video.resolve("%03d.jpg")));
    Files.setLastModifiedTime(video.resolve("002.jpg"), FileTime.fromMillis(1));
    assertNotEquals(stamp, FileStamp.of(video));
    assertEquals(FileStamp.NONE, FileStamp.of(folder));
  }

  private static void assertBad(Path video, Reason reason, String sentence) {
    VideoException e = assertThrows(VideoException.class, () -> VideoInfo.scan(video));
    assertEquals(reason, e.reason(), e.getMessage());
    assertTrue(e.sentence().contains(sentence), e.getMessage());
  }
}
