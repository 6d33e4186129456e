package dev.tenzing.video.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people are told about JSON that they have to correct: the line, and what belongs there. */
class JsonReaderTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "[1| 2] ~ 2 ~ a comma or \"]\" is expected",
        "[1,|] ~ 2 ~ a value is expected",
        "[1,||tru] ~ 3 ~ \"true\" is expected",
        "[fals] ~ 1 ~ \"false\" is expected",
        "[nul] ~ 1 ~ \"null\" is expected",
        "[1,|x] ~ 2 ~ a value is expected",
        "[-] ~ 1 ~ a value is expected",
        "{\"a\": 1| \"b\": 2} ~ 2 ~ a comma or \"}\" is expected",
        "{\"a\": 1,|} ~ 2 ~ a name in quotes is expected",
        "{|b: 2} ~ 2 ~ a name in quotes is expected",
        "{\"a\"| 1} ~ 2 ~ a colon is expected after \"a\"",
        "{\"a\":|} ~ 2 ~ a value is expected",
        "[|\"a|b\"] ~ 2 ~ a text is not closed by a quote",
        "[\"a ~ 1 ~ a text is not closed by a quote",
        "[|\"\\x\"] ~ 2 ~ there is no such escape in JSON",
        "[|\"\\u12g4\"] ~ 2 ~ four hexadecimal digits are expected",
        "[|1, ~ 2 ~ the file ends too early",
        "[1]|x ~ 2 ~ nothing is expected after the end",
      })
  void errorsSayWhatIsExpectedAtTheirLine(String text, int line, String expected) throws Exception {
    Path file = Files.writeString(folder.resolve("a.json"), text.replace('|', '\n'));
    try (JsonReader json = new JsonReader(file)) {
      String message = assertThrows(VideoListException.class, json::read).getMessage();
      assertEquals(file + " line " + line + ": not JSON: " + expected, message);
    }
  }

  @Test
  void elementsComeWithTheLineThatTheyBeginOn() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("a.json"), "\uFEFF\n[\n\n{\"a\":\n1, \"a\": 2},\n\n2\n,\"x\"\n]\n");
    List<String> seen = new ArrayList<>();
    try (JsonReader json = new JsonReader(file)) {
      json.each("", (element, line) -> seen.add(line + " " + element));
    }
    assertEquals(List.of("4 " + Map.of("a", 2.0), "7 2.0", "8 x"), seen);
  }
}
