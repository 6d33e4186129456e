package dev.tenzing.video.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VideoListTest {
  @TempDir Path folder;

  @Test
  void pathAndLabel() throws Exception {
    Files.createFile(folder.resolve("my clip 12"));
    VideoList list =
        read(
            """
            # a comment

            a.mp4 0
            b c/d e.mp4\t 2
            /abs/f.avi 1
            "quo ted.mp4" 3
            "quo ted 7.mp4" 3
            "say ""hi"".mp4" 3
            my clip 12 1
            """,
            Labels.REQUIRED);
    assertEquals(
        List.of(
            entry("a.mp4", 0),
            entry("b c/d e.mp4", 2),
            entry("/abs/f.avi", 1),
            entry("quo ted.mp4", 3),
            entry("quo ted 7.mp4", 3),
            entry("say \"hi\".mp4", 3),
            entry("my clip 12", 1)),
        list.videos());
    assertEquals(4, list.classes());
    assertEquals(List.of(), list.classNames());
  }

  @Test
  void oneFileSpelledInTwoWaysHasOneLabel() throws Exception {
    for (String other :
        new String[] {"./1.avi", "b/../1.avi", folder.resolve("1.avi").toString()}) {
      Exception error =
          assertThrows(
              VideoListException.class, () -> read("1.avi 0\n" + other + " 1\n", Labels.REQUIRED));
      assertTrue(error.getMessage().contains("has label 1 here and label 0 on line 1"), other);
    }
    VideoList list = read("1.avi 0\n./1.avi 0\n", Labels.REQUIRED);
    assertEquals(List.of(entry("1.avi", 0), entry("./1.avi", 0)), list.videos());
    assertEquals(1, list.notes().size());
  }

  @Test
  void pathTotalAndLabel() throws Exception {
    VideoList list = read("SomethingV2/frames/74225 62 140\nb c 51 127\n", Labels.REQUIRED);
    assertEquals(
        List.of(
            new Entry(folder.resolve("SomethingV2/frames/74225"), 140, new Part.Count(62)),
            new Entry(folder.resolve("b c"), 127, new Part.Count(51))),
        list.videos());
  }

  @Test
  void pathStartAndTotal() throws Exception {
    String text = "k400/a.mp4 0 -1\nAVA/frames/z 9601 300\nSomethingV2/frames/1 1 58\n";
    VideoList list = read(text, Labels.OPTIONAL);
    assertEquals(
        List.of(
            entry("k400/a.mp4", -1),
            new Entry(folder.resolve("AVA/frames/z"), -1, new Part.Frames(9601, 300)),
            new Entry(folder.resolve("SomethingV2/frames/1"), -1, new Part.Frames(1, 58))),
        list.videos());
    assertEquals(0, list.classes());
  }

  @Test
  void pathStartTotalAndLabel() throws Exception {
    VideoList list = read("a.mp4 0 -1 4\nf 1 58 2\n", Labels.REQUIRED);
    assertEquals(
        List.of(entry("a.mp4", 4), new Entry(folder.resolve("f"), 2, new Part.Frames(1, 58))),
        list.videos());
  }

  @Test
  void pathsAlone() throws Exception {
    assertEquals(
        List.of(entry("a.mp4", -1), entry("b c.mp4", -1)),
        read("a.mp4\nb c.mp4\n", Labels.OPTIONAL).videos());
    assertEquals(List.of(entry("a.mp4", -1)), read("a.mp4 5\n", Labels.OPTIONAL).videos());
  }

  @Test
  void commas() throws Exception {
    assertEquals(
        List.of(entry("a b.mp4", 2), entry("c,d.mp4", 3)),
        read("a b.mp4,2\n\"c,d.mp4\", 3\n", Labels.REQUIRED).videos());
    assertEquals(
        List.of(new Entry(folder.resolve("f"), 3, new Part.Count(62))),
        read("f,62,3\n", Labels.REQUIRED).videos());
    assertEquals(
        List.of(entry("a.mp4", -1), new Entry(folder.resolve("f"), -1, new Part.Frames(1, 58))),
        read("a.mp4,0,-1\nf,1,58\n", Labels.OPTIONAL).videos());
    // A comma in a name does not make it a table.
    assertEquals(List.of(entry("a,1", 7)), read("a,1 7\n", Labels.REQUIRED).videos());
  }

  /** The official lists of two tasks look alike; the folders tell which is meant. */
  @Test
  void aListForFineTuningServesPreTraining() throws Exception {
    for (String name : List.of("one", "two")) {
      Files.createDirectories(folder.resolve(name));
      for (int i = 1; i <= 5; i++) {
        Files.createFile(folder.resolve(name).resolve("img_0000%s.jpg".formatted(i)));
      }
    }
    assertEquals(
        List.of(
            new Entry(folder.resolve("one"), -1, new Part.Count(5)),
            new Entry(folder.resolve("two"), -1, new Part.Count(5))),
        read("one 5 140\ntwo 5 3\n", Labels.OPTIONAL).videos());
    assertEquals(
        List.of(
            new Entry(folder.resolve("one"), -1, new Part.Frames(1, 5)),
            new Entry(folder.resolve("two"), -1, new Part.Frames(2, 3))),
        read("one 1 5\ntwo 2 3\n", Labels.OPTIONAL).videos());
  }

  @Test
  void byteOrderMarkAndForeignLineEnds() throws Exception {
    VideoList list = read("\uFEFFä.mp4 4\r\n\r\nb.mp4 2\r\n", Labels.REQUIRED);
    assertEquals(List.of(entry("ä.mp4", 4), entry("b.mp4", 2)), list.videos());
  }

  @Test
  void relativePathsStartFromTheRoot() throws Exception {
    Path file = Files.writeString(folder.resolve("list.csv"), "a.mp4 0\n");
    VideoList list = VideoList.read(file, Path.of("elsewhere"), Labels.REQUIRED, 0);
    assertEquals(Path.of("elsewhere/a.mp4"), list.videos().get(0).path());
  }

  @Test
  void classNamesBesideTheList() throws Exception {
    Files.writeString(folder.resolve("classes.txt"), "hug\nkick\npush\n");
    VideoList list = read("a.mp4 0\nb.mp4 1\n", Labels.REQUIRED);
    assertEquals(List.of("hug", "kick", "push"), list.classNames());
    assertEquals(3, list.classes());
  }

  @Test
  void folders() throws Exception {
    Files.createDirectories(folder.resolve("videos/kick/deep"));
    Files.createDirectories(folder.resolve("videos/hug"));
    for (String name : List.of("kick/2.mp4", "kick/deep/1.AVI", "hug/3.webm", "hug/notes.txt")) {
      Files.createFile(folder.resolve("videos").resolve(name));
    }
    Path videos = folder.resolve("videos");
    VideoList labelled = VideoList.read(videos, null, Labels.REQUIRED, 0);
    assertEquals(List.of("hug", "kick"), labelled.classNames());
    assertEquals(
        List.of(
            entry("videos/hug/3.webm", 0),
            entry("videos/kick/2.mp4", 1),
            entry("videos/kick/deep/1.AVI", 1)),
        labelled.videos());
    VideoList plain = VideoList.read(videos, null, Labels.OPTIONAL, 0);
    assertEquals(3, plain.videos().size());
    assertEquals(-1, plain.videos().get(0).label());
    Path none = Files.createDirectory(folder.resolve("none"));
    assertMessage(() -> VideoList.read(none, null, Labels.OPTIONAL, 0), "holds no videos");
    assertMessage(() -> VideoList.read(none, null, Labels.REQUIRED, 0), "no folder for each class");
    assertMessage(() -> VideoList.read(videos, null, Labels.REQUIRED, 1), "2 classes, not 1");
  }

  @ParameterizedTest
  @CsvSource({
    "'', holds no videos",
    "'# nothing', holds no videos",
    "a.mp4, line 1: no label follows the path",
    "'a.mp4,punch', 'line 1: the label must be a whole number, but is \"punch\"'",
    "'a 1 2|\"b\" 3|c 4 5', 'line 2: 1 number follows the path, but 2 in this list'",
    "'a.mp4 0|b.mp4 punch', 'line 2: the label must be a whole number, but is \"punch\"'",
    "'a.mp4 -1', line 1: the label must not be negative",
    "'a.mp4 0||b.mp4 6', line 3: label 6 is out of range",
    "'a.mp4 0||b.mp4 2147483647', line 3: label 2147483647 is no number of a class",
    "'a.mp4 99999999999', line 1: the label must be a whole number",
    "'\"a.mp4\" 1 2 3 4', line 1: more than 3 numbers",
    "'a.mp4 1|b.mp4 0 -1', 'line 2: 2 numbers follow the path, but 1 in this list'",
    "'a.mp4,1|b.mp4 2', 'line 2: the fields are not separated by commas as in the rest'",
    "'a.mp4 1|b.mp4,2|c.mp4 3', 'line 2: the fields are not separated by blanks as in the rest'",
    "'a.mp4 1|b.mp4 2|a.mp4 3', 'has label 3 here and label 1 on line 1'",
    "'a.mp4 0 -1', 'a list of path, start and total has no labels'",
    "'f 0 3', line 1: the number of frames must be at least 1",
    "'\"a.mp4\"', line 1: no label"
  })
  void badListsAreOneSentence(String text, String expected) throws Exception {
    Path file = Files.writeString(folder.resolve("list.csv"), text.replace('|', '\n'));
    assertMessage(() -> VideoList.read(file, null, Labels.REQUIRED, 6), expected);
  }

  @Test
  void whatIsNoListIsOneSentence() throws Exception {
    assertMessage(
        () -> VideoList.read(folder.resolve("none.csv"), null, Labels.REQUIRED, 0),
        "there is no such list");
    Path zeros = Files.write(folder.resolve("zeros"), new byte[100]);
    assertMessage(() -> VideoList.read(zeros, null, Labels.OPTIONAL, 0), "no list of videos");
    Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xFF, (byte) 0xD8, 1});
    assertMessage(() -> VideoList.read(bytes, null, Labels.OPTIONAL, 0), "no list of videos");
  }

  private interface Reading {
    void read() throws VideoListException;
  }

  private static void assertMessage(Reading reading, String expected) {
    String message = assertThrows(VideoListException.class, reading::read).getMessage();
    assertTrue(message.contains(expected) && !message.contains("\n"), message);
  }

  private VideoList read(String text, Labels labels) throws IOException, VideoListException {
    Path file = Files.writeString(folder.resolve("list.csv"), text);
    return VideoList.read(file, null, labels, 0);
  }

  private Entry entry(String path, int label) {
    return new Entry(folder.resolve(path), label);
  }
}
