package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.EncoderSettings.Codec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VideoDecoderTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "MPEG4, 0, a.mp4, mpeg4",
    "MPEG4, 2, a.mp4, mpeg4",
    "MPEG4, 2, a.avi, mpeg4",
    "H264, 0, a.mp4, h264",
    "H264, 0, a.mkv, h264",
    "H264, 0, a.mov, h264",
    "VP8, 0, a.webm, vp8",
    "VP9, 0, a.webm, vp9"
  })
  void everyFrameComesOnceAndInOrder(Codec coding, int between, String name, String codec)
      throws Exception {
    EncoderSettings settings =
        EncoderSettings.mpeg4(96, 64, 25).with(coding).withBetweenFrames(between);
    Path file = Clips.write(folder.resolve(name), settings, 40);
    VideoInfo info = VideoInfo.scan(file);
    assertEquals(40, info.frames());
    assertEquals(96, info.width());
    assertEquals(64, info.height());
    assertEquals(codec, info.codec());
    assertEquals(25, info.fps(), 0.01);
    assertEquals(1.6, info.seconds(), 0.05);
    try (Arena arena = Arena.ofConfined();
        VideoDecoder decoder = VideoDecoder.open(file)) {
      MemorySegment pixels = arena.allocate(3 * 96 * 64);
      for (int i = 0; i < 40; i++) {
        assertTrue(decoder.next());
        assertEquals(i, decoder.index());
        decoder.read(pixels, 96, 64);
        assertEquals(i, Clips.index(pixels, 96, 64));
      }
      assertFalse(decoder.next());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.avi", "a.mp4"})
  void chosenFramesAreTheFramesOfAFullDecode(String name) throws Exception {
    Path file =
        Clips.write(
            folder.resolve(name), EncoderSettings.mpeg4(96, 64, 25).withBetweenFrames(2), 40);
    VideoInfo info = VideoInfo.scan(file);
    int[] wanted = {0, 3, 3, 17, 38, 39, 39};
    long bytes = 3 * 48 * 32;
    try (Arena arena = Arena.ofConfined();
        ClipDecoder clips = new ClipDecoder()) {
      MemorySegment pixels = arena.allocate(wanted.length * bytes);
      clips.decode(info, wanted, 48, 32, pixels);
      for (int i = 0; i < wanted.length; i++) {
        assertEquals(wanted[i], Clips.index(pixels.asSlice(i * bytes, bytes), 48, 32));
      }
      VideoException late =
          assertThrows(
              VideoException.class, () -> clips.decode(info, new int[] {40}, 48, 32, pixels));
      assertEquals(Reason.TRUNCATED, late.reason());
    }
  }

  @ParameterizedTest
  @CsvSource({"90, 48, 64", "180, 64, 48", "270, 48, 64"})
  void rotationOfTheContainerIsApplied(int degrees, int width, int height) throws Exception {
    EncoderSettings settings = EncoderSettings.mpeg4(64, 48, 25).withRotation(degrees);
    Path file = Clips.write(folder.resolve("a.mp4"), settings, 3);
    VideoInfo info = VideoInfo.scan(file);
    assertEquals(width, info.width());
    assertEquals(height, info.height());
    try (Arena arena = Arena.ofConfined();
        ClipDecoder clips = new ClipDecoder()) {
      MemorySegment pixels = arena.allocate(3L * width * height);
      clips.decode(info, new int[] {0}, width, height, pixels);
      // Frame 0 is black above, red at the lower left: turned clockwise, red comes to the upper
      // left, the upper right and the lower right.
      int x = degrees == 90 ? width / 4 : width * 3 / 4;
      int y = degrees == 270 ? height * 3 / 4 : height / 4;
      long red = 3L * (y * width + x);
      assertTrue(Clips.get(pixels, red) > 180, "red there");
      assertTrue(Clips.get(pixels, red + 2) < 80, "no blue there");
    }
  }

  @Test
  void theFileDecidesNotItsName() throws Exception {
    Path webm =
        Clips.write(folder.resolve("a.webm"), EncoderSettings.mpeg4(64, 48, 25).with(Codec.VP8), 5);
    Path named = Files.move(webm, folder.resolve("käse 猫 (1) %d.mp4"));
    assertEquals("vp8", VideoInfo.scan(named).codec());
  }

  @Test
  void whatIsNoVideoHasAReason() throws Exception {
    assertEquals(Reason.MISSING, reason(folder.resolve("none.mp4")));
    assertEquals(Reason.UNREADABLE, reason(Files.createDirectory(folder.resolve("dir.mp4"))));
    assertEquals(Reason.EMPTY, reason(write("empty.mp4", new byte[0])));
    assertEquals(Reason.UNREADABLE, reason(write("zeros.mp4", new byte[65_536])));
    assertEquals(Reason.UNREADABLE, reason(write("text.mp4", "no video\n".repeat(300).getBytes())));
    assertEquals(Reason.TOO_FEW_FRAMES, reason(Clips.write(folder.resolve("one.mp4"), 1)));
    assertEquals(
        Reason.TOO_SMALL,
        reason(Clips.write(folder.resolve("low.mp4"), EncoderSettings.mpeg4(64, 4, 25), 5)));
    assertEquals(
        Reason.TOO_SMALL,
        reason(Clips.write(folder.resolve("thin.mp4"), EncoderSettings.mpeg4(16, 320, 25), 5)));
  }

  @Test
  void aPlaylistOpensNoOtherFile() throws Exception {
    Clips.write(folder.resolve("a.mp4"), 5);
    String concat = "ffconcat version 1.0\nfile a.mp4\n";
    assertEquals(Reason.UNREADABLE, reason(write("list.mp4", concat.getBytes())));
    String hls = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.mp4\n#EXT-X-ENDLIST\n";
    assertEquals(Reason.UNREADABLE, reason(write("hls.mp4", hls.getBytes())));
  }

  @ParameterizedTest
  @CsvSource({"a.mp4, MPEG4", "a.avi, MPEG4", "a.webm, VP8", "a.mkv, H264"})
  void aFileThatIsCutOffIsTruncated(String name, Codec coding) throws Exception {
    EncoderSettings settings = EncoderSettings.mpeg4(64, 48, 25).with(coding);
    byte[] whole = Files.readAllBytes(Clips.write(folder.resolve(name), settings, 40));
    for (int percent : new int[] {40, 90, 99}) {
      byte[] part = Arrays.copyOf(whole, whole.length * percent / 100);
      assertEquals(Reason.TRUNCATED, reason(write("cut-" + name, part)), percent + " %");
    }
  }

  @Test
  void anInterruptedThreadStopsReading() throws Exception {
    Path file = Clips.write(folder.resolve("a.mp4"), 40);
    Thread.currentThread().interrupt();
    assertThrows(CancellationException.class, () -> VideoInfo.scan(file));
    assertTrue(Thread.interrupted(), "the mark stays");
  }

  @Test
  void aDecoderThatTakesTooLongIsGivenUp() throws Exception {
    Path file = Clips.write(folder.resolve("a.mp4"), 40);
    VideoException late =
        assertThrows(VideoException.class, () -> OpenVideo.open(file, -1).close());
    assertEquals(Reason.TIMEOUT, late.reason());
  }

  @Test
  void aDecoderThatStopsInTheMiddleIsGivenUp() throws Exception {
    Path file = Clips.write(folder.resolve("a.mp4"), 40);
    long patience = TimeUnit.MILLISECONDS.toNanos(200);
    try (OpenVideo source = OpenVideo.open(file, patience)) {
      assertTrue(source.container().next());
      source.codec().send(source.container().packet(), 0, true);
      assertTrue(source.codec().receive());
      Thread.sleep(250);
      VideoException late = assertThrows(VideoException.class, () -> source.container().next());
      assertEquals(Reason.TIMEOUT, late.reason());
      assertTrue(late.sentence().endsWith("after 1 frame"), late.sentence());
    }
  }

  /** The header of a file of 100 KiB asks for frames of 3 GiB. */
  @Test
  void absurdSizesAreRefusedBeforeMemoryIsTaken() throws Exception {
    EncoderSettings settings = EncoderSettings.mpeg4(64, 48, 25).with(Codec.MJPEG).withQuantizer(5);
    byte[] bytes = Files.readAllBytes(Clips.write(folder.resolve("a.avi"), settings, 5));
    ByteBuffer file = ByteBuffer.wrap(bytes);
    int patched = 0;
    for (int at = 0; at < bytes.length - 4; at++) {
      boolean jpegFrame = bytes[at] == (byte) 0xFF && bytes[at + 1] == (byte) 0xC0;
      if (jpegFrame && file.getShort(at + 5) == 48 && file.getShort(at + 7) == 64) {
        file.putShort(at + 5, (short) 32_000).putShort(at + 7, (short) 32_000);
        patched++;
      }
    }
    assertEquals(5, patched);
    Reason reason = reason(write("large.avi", bytes));
    assertTrue(reason == Reason.TOO_LARGE || reason == Reason.DECODE_ERROR, reason.code());
  }

  @Test
  void aDamagedIndexIsNoCutFile() throws Exception {
    byte[] bytes = Files.readAllBytes(Clips.write(folder.resolve("a.mp4"), 40));
    // The first box's length, then that of the last frame.
    byte[] header = bytes.clone();
    header[1] ^= (byte) 0x80;
    assertEquals(Reason.UNREADABLE, reason(write("header.mp4", header)));
    byte[] index = bytes.clone();
    String text = new String(index, StandardCharsets.ISO_8859_1);
    index[text.indexOf("stsz") + 16 + 4 * 39] ^= (byte) 0x01;
    assertEquals(Reason.DECODE_ERROR, reason(write("index.mp4", index)));
  }

  private Reason reason(Path file) {
    return assertThrows(VideoException.class, () -> VideoInfo.scan(file)).reason();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }
}
