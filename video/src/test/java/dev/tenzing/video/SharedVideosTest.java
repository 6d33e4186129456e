package dev.tenzing.video;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
