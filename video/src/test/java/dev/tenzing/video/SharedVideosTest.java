package dev.tenzing.video;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.video.decode.ClipDecoder;
import dev.tenzing.video.decode.VideoDecoder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Real videos from cameras and the web, which are not part of the project. Runs when {@code
 * -Dtest.flags=-Dtenzing.videos=FOLDER} names a folder with {@code manifest.csv}, whose columns
 * {@code path}, {@code frames}, {@code width} and {@code height} say what every file holds (width
 * and height as stored; a column {@code rotation} says whether they are exchanged).
 */
@EnabledIfSystemProperty(
    named = "tenzing.videos",
    matches = ".+",
    disabledReason = "no folder of real videos: give -Dtest.flags=-Dtenzing.videos=FOLDER")
class SharedVideosTest {
  @TestFactory
  Stream<DynamicTest> everyFrameOfEveryFile() throws IOException {
    Path folder = Path.of(System.getProperty("tenzing.videos"));
    List<List<String>> rows =
        Files.readAllLines(folder.resolve("manifest.csv")).stream()
            .map(SharedVideosTest::fields)
            .toList();
    List<String> columns = rows.get(0);
    return rows.stream()
        .skip(1)
        .map(row ->
            DynamicTest.dynamicTest(
                row.get(columns.indexOf("path")), () -> check(folder, columns, row)));
  }

  private static void check(Path folder, List<String> columns, List<String> row)
      throws VideoException {
    VideoInfo info = VideoInfo.scan(folder.resolve(row.get(columns.indexOf("path"))));
    int width = number(columns, row, "width");
    int height = number(columns, row, "height");
    boolean turned = number(columns, row, "rotation") % 180 != 0;
    assertEquals(number(columns, row, "frames"), info.frames());
    assertEquals(turned ? height : width, info.width());
    assertEquals(turned ? width : height, info.height());
    compareWithFullDecode(info);
  }

  private static void compareWithFullDecode(VideoInfo info) throws VideoException {
    int width = 64;
    int height = 48;
    long bytes = 3L * width * height;
    try (Arena arena = Arena.ofConfined();
        ClipDecoder clips = new ClipDecoder();
        VideoDecoder decoder = VideoDecoder.open(info.path())) {
      MemorySegment all = arena.allocate(bytes * info.frames());
      while (decoder.next()) {
        decoder.read(all.asSlice(bytes * decoder.index(), bytes), width, height);
      }
      for (int offset = 0; offset < 4; offset++) {
        int from = offset;
        int[] frames = IntStream.range(0, info.frames()).filter(i -> i % 4 == from).toArray();
        MemorySegment some = arena.allocate(bytes * frames.length);
        clips.decode(info, frames, width, height, some);
        for (int i = 0; i < frames.length; i++) {
          MemorySegment expected = all.asSlice(bytes * frames[i], bytes);
          assertEquals(-1, expected.mismatch(some.asSlice(bytes * i, bytes)), "frame " + frames[i]);
        }
      }
    }
  }

  private static int number(List<String> columns, List<String> row, String column) {
    return Integer.parseInt(row.get(columns.indexOf(column)));
  }

  /** The fields of a CSV line, with commas inside of quotes. */
  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>(List.of(""));
    boolean quoted = false;
    for (char c : line.toCharArray()) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add("");
      } else {
        fields.set(fields.size() - 1, fields.getLast() + c);
      }
    }
    return fields;
  }
}
