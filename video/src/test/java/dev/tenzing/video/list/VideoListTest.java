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
  void labelledLines() throws Exception {
    Files.createFile(folder.resolve("my clip 12"));
    VideoList list =
        read(
            """
            # a comment

            a.mp4 0
            b c/d e.mp4\t 2
            /abs/f.avi 120 1
            "quo ted.mp4" 3
            "quo ted 7.mp4" 64 3
            my clip 12 1
            my cut 12 1
            """,
            Labels.REQUIRED);
    assertEquals(
        List.of(
            entry("a.mp4", 0),
            entry("b c/d e.mp4", 2),
            entry("/abs/f.avi", 1),
            entry("quo ted.mp4", 3),
            entry("quo ted 7.mp4", 3),
            entry("my clip 12", 1),
            entry("my cut", 1)),
        list.videos());
    assertEquals(4, list.classes());
    assertEquals(List.of(), list.classNames());
  }

  @Test
  void unlabelledLines() throws Exception {
    VideoList list = read("a.mp4\nb c.mp4\nd.mp4 5\ne.mp4 30 64\nf.mp4 0 -1\n", Labels.OPTIONAL);
    assertEquals(
        List.of(
            entry("a.mp4", -1),
            entry("b c.mp4", -1),
            entry("d.mp4", -1),
            new Entry(folder.resolve("e.mp4"), -1, 30, 64),
            entry("f.mp4", -1)),
        list.videos());
    assertEquals(0, list.classes());
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
    "'a.mp4 0|b.mp4 punch', 'line 2: the label must be a whole number, but is \"punch\"'",
    "'a.mp4 -1', line 1: the label must not be negative",
    "'a.mp4 0||b.mp4 6', line 3: label 6 is out of range",
    "'a.mp4 99999999999', line 1: the label must be a whole number",
    "'\"a.mp4\" 1 2 3', line 1: more than two numbers",
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
    return new Entry(folder.resolve(path), label, 0, -1);
  }
}
