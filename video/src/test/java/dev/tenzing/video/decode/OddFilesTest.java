package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.MadeVideos;
import dev.tenzing.video.MadeVideos.Form;
import dev.tenzing.video.Pictures;
import dev.tenzing.video.decode.VideoException.Reason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that break a rule and are good all the same, and some that are not. */
class OddFilesTest {
  @TempDir Path folder;

  /** Only the first packet brings the palette, whichever frame is read. */
  @ParameterizedTest
  @CsvSource({"a.avi, rawvideo, true", "a.mov, rawvideo, true", "a.avi, msrle, false"})
  void thePaletteOfTheFirstPacketHoldsForAll(String name, String encoder, boolean entries)
      throws Exception {
    int count = 80;
    Path file = MadeVideos.write(folder.resolve(name), Form.of(encoder, "pal8"), count);
    VideoInfo info = VideoInfo.scan(file);
    assertEquals(entries, info.index().map().entries().size() > count / 2);
    try (Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder()) {
      MemorySegment pixels = arena.allocate(3L * 48 * 32);
      for (int frame : new int[] {0, 1, 30, 50, count - 1}) {
        decoder.decode(info, new int[] {frame}, 48, 32, pixels);
        for (int x = 0; x < 48; x++) {
          int wanted = MadeVideos.palette(x + 5 + 3 * frame & 0xFF) & 0xFFFFFF;
          assertEquals(wanted, colour(pixels, 5 * 48 + x), "frame " + frame + ", x " + x);
        }
      }
    }
  }

  private static int colour(MemorySegment pixels, long at) {
    int colour = 0;
    for (int channel = 0; channel < 3; channel++) {
      colour = colour << 8 | pixels.get(ValueLayout.JAVA_BYTE, 3 * at + channel) & 0xFF;
    }
    return colour;
  }

  /** The counters of packets and the clock start again in each of them. */
  @Test
  void joinedTransportStreamsAreRead() throws Exception {
    byte[] one =
        Files.readAllBytes(
            MadeVideos.write(folder.resolve("a.ts"), Form.of("libopenh264", "yuv420p"), 20));
    byte[] joined = Arrays.copyOf(one, 3 * one.length);
    System.arraycopy(one, 0, joined, one.length, one.length);
    System.arraycopy(one, 0, joined, 2 * one.length, one.length);
    VideoInfo info = VideoInfo.scan(Files.write(folder.resolve("joined.ts"), joined));
    assertEquals(60, info.frames());
    assertTrue(info.seconds() > 0, info.seconds() + " s");
    try (Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder()) {
      MemorySegment pixels = arena.allocate(3 * 3L * 48 * 32);
      decoder.decode(info, new int[] {7, 27, 47}, 48, 32, pixels);
      MemorySegment first = pixels.asSlice(0, 3L * 48 * 32);
      assertEquals(-1, first.mismatch(pixels.asSlice(3L * 48 * 32, 3L * 48 * 32)));
      assertEquals(-1, first.mismatch(pixels.asSlice(2 * 3L * 48 * 32, 3L * 48 * 32)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 5000})
  void aSizeThatIsTooLargeIsNoCutWhenTheIndexIsThere(int more) throws Exception {
    Form mpeg4 = Form.of("mpeg4", "yuv420p");
    byte[] avi = Files.readAllBytes(MadeVideos.write(folder.resolve("a.avi"), mpeg4, 12));
    ByteBuffer little = ByteBuffer.wrap(avi).order(ByteOrder.LITTLE_ENDIAN);
    little.putInt(4, little.getInt(4) + more);
    good("size.avi", avi);
    int list = find(avi, "movi") - 4;
    little.putInt(list, little.getInt(list) + more);
    good("list.avi", avi);
    truncated("cut.avi", Arrays.copyOf(avi, avi.length - 5));

    Map<String, String> inFront = Map.of("movflags", "faststart");
    byte[] mp4 = Files.readAllBytes(MadeVideos.write(folder.resolve("a.mp4"), mpeg4, 12, inFront));
    ByteBuffer big = ByteBuffer.wrap(mp4);
    int data = find(mp4, "mdat") - 4;
    big.putInt(data, big.getInt(data) + more);
    good("size.mp4", mp4);
    truncated("cut.mp4", Arrays.copyOf(mp4, mp4.length - 5));

    byte[] mkv = Files.readAllBytes(MadeVideos.write(folder.resolve("a.mkv"), mpeg4, 12));
    int segment = find(mkv, "\u0018\u0053\u0080\u0067") + 5;
    ByteBuffer matroska = ByteBuffer.wrap(mkv);
    matroska.putInt(segment + 3, matroska.getInt(segment + 3) + more);
    good("size.mkv", mkv);
    truncated("cut.mkv", Arrays.copyOf(mkv, mkv.length - 5));
  }

  private static int find(byte[] bytes, String name) {
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(name);
    assertTrue(at >= 0, name);
    return at;
  }

  private void good(String name, byte[] bytes) throws Exception {
    assertEquals(12, VideoInfo.scan(Files.write(folder.resolve(name), bytes)).frames());
  }

  private void truncated(String name, byte[] bytes) throws IOException {
    assertBad(Files.write(folder.resolve(name), bytes), Reason.TRUNCATED, "cut off");
  }

  @Test
  void animatedPicturesAreVideosAndStillOnesAreNamed() throws Exception {
    for (String kind : new String[] {"gif", "apng"}) {
      String pixels = kind.equals("gif") ? "rgb8" : "rgb24";
      Path file = MadeVideos.write(folder.resolve("a." + kind), Form.of(kind, pixels), 12);
      assertEquals(12, VideoInfo.scan(file).frames());
      byte[] bytes = Files.readAllBytes(file);
      truncated("cut." + kind, Arrays.copyOf(bytes, bytes.length * 2 / 3));
    }
    Path pictures = Pictures.write(folder.resolve("p"), "%d.png", 1, 1);
    assertBad(pictures.resolve("1.png"), Reason.UNREADABLE, "FFmpeg takes this for piped png");
  }

  @Test
  void picturesWhoseHeadersAreMissingHaveNoSize() throws Exception {
    Path whole = MadeVideos.write(folder.resolve("a.ts"), Form.of("mpeg2video", "yuv420p"), 30);
    byte[] bytes = Files.readAllBytes(whole);
    byte[] headless = bytes.clone();
    for (int at = 0; at + 4 < bytes.length; at++) {
      if (bytes[at] == 0 && bytes[at + 1] == 0 && bytes[at + 2] == 1) {
        headless[at + 3] = bytes[at + 3] == (byte) 0xB3 ? (byte) 0xB2 : bytes[at + 3];
      }
    }
    Path file = Files.write(folder.resolve("headless.ts"), headless);
    assertBad(file, Reason.UNREADABLE, "the headers of the coding are missing");
  }

  /** Decoders put up with it, and leave a part of the frame as the memory was. */
  @Test
  void aDamagedFrameInTheMiddleIsBad() throws Exception {
    Form mjpeg = Form.of("mjpeg", "yuvj420p");
    byte[] bytes = Files.readAllBytes(MadeVideos.write(folder.resolve("a.avi"), mjpeg, 12));
    int end =
        new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\u00FF\u00D9", bytes.length / 2);
    Arrays.fill(bytes, end - 90, end - 2, (byte) 0x55);
    assertBad(Files.write(folder.resolve("b.avi"), bytes), Reason.DECODE_ERROR, "decoding fails");
  }

  private static void assertBad(Path file, Reason reason, String sentence) {
    VideoException e = assertThrows(VideoException.class, () -> VideoInfo.scan(file));
    assertEquals(reason, e.reason(), e.getMessage());
    assertTrue(e.sentence().contains(sentence), e.getMessage());
  }
}
