package dev.tenzing.video.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists as data sets' own sites, spreadsheets and people write them. */
class PeoplesListsTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private VideoList read(Path file) throws VideoListException {
    return VideoList.read(file, null, Labels.REQUIRED, 0);
  }

  private VideoList read(String text) throws Exception {
    return read(file("list.csv", text));
  }

  private static List<Integer> labels(VideoList list) {
    return list.videos().stream().map(Entry::label).toList();
  }

  private List<String> paths(VideoList list) {
    return list.videos().stream().map(v -> folder.relativize(v.path()).toString()).toList();
  }

  private void refused(Path file, int classes, String... expected) {
    String message =
        assertThrows(
                VideoListException.class,
                () -> VideoList.read(file, null, Labels.REQUIRED, classes))
            .getMessage();
    for (String part : expected) {
      assertTrue(message.contains(part), message);
    }
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void filesNamedWithANumberSignAreNoComments() throws Exception {
    String odd = "A&B;[x]_clap.mp4";
    for (String name : List.of("#20_Rhythm.mp4", "#a b 7.mp4", "# c.mp4", odd, "it's \"it\".mp4")) {
      file(name, "");
    }
    VideoList list =
        read(
            """
            # a comment
            #20_Rhythm.mp4 0
            #a b 7.mp4 1
            # c.mp4 0
            #gone.mp4 1
            A&B;[x]_clap.mp4 0
            it's "it".mp4 1
            """);
    assertEquals(
        List.of("#20_Rhythm.mp4", "#a b 7.mp4", "# c.mp4", odd, "it's \"it\".mp4"), paths(list));
    assertEquals(
        List.of(
            folder.resolve("list.csv")
                + ": 2 lines begin with # and are comments, the first is line 1"),
        list.notes());
    assertEquals(1, read("#20_Rhythm.mp4,0\n#gone,1\n").videos().size());
    assertEquals(2, read("path,label\n#20_Rhythm.mp4,0\n#gone.mp4,1\n# note\n").videos().size());
    assertEquals(1, read("#20_Rhythm.mp4;3\n# x\n").videos().size());
    assertEquals(
        List.of("#20_Rhythm.mp4"),
        paths(VideoList.read(file("bare.txt", "#20_Rhythm.mp4\n"), null, Labels.OPTIONAL, 0)));
  }

  @ParameterizedTest
  @CsvSource({"UTF-16LE, true", "UTF-16BE, true", "UTF-8, true", "UTF-8, false"})
  void encodingsAndLineEnds(String name, boolean mark) throws Exception {
    Charset charset = Charset.forName(name);
    for (String end : List.of("\n", "\r\n", "\r")) {
      String text =
          String.join(end, (mark ? "\uFEFF" : "") + "path,label", "ä 動画𝄞.mp4,1", "b.mp4,0", "");
      Path csv = Files.write(folder.resolve("list.csv"), text.getBytes(charset));
      assertEquals(List.of("ä 動画𝄞.mp4", "b.mp4"), paths(read(csv)));
      String json = (mark ? "\uFEFF" : "") + "[{\"id\": \"ä𝄞\", \"label\": \"x\"}]";
      Path array = Files.write(folder.resolve("list.json"), json.getBytes(charset));
      assertEquals(List.of("ä𝄞.mp4"), paths(read(array)));
    }
  }

  @Test
  void whatIsNoTextIsToldAtItsLine() throws Exception {
    byte[] good = "\uFEFFa.mp4 0\nb".getBytes(StandardCharsets.UTF_16LE);
    Path odd = Files.write(folder.resolve("odd.csv"), Arrays.copyOf(good, good.length - 1));
    refused(odd, 0, "odd.csv line 2: this is no list of videos in UTF-8");
    byte[] alone = "\uFEFFa.mp4 0\n".getBytes(StandardCharsets.UTF_16BE);
    alone[2] = (byte) 0xD8;
    refused(Files.write(folder.resolve("alone.csv"), alone), 0, "alone.csv line 1: ");
    byte[] bare = "a.mp4 0\n".getBytes(StandardCharsets.UTF_16LE);
    refused(Files.write(folder.resolve("bare.csv"), bare), 0, "UTF-16 without a byte order mark");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "clip_name,clip_path,label\n0,v/a.mp4,right\n1,v/b.mp4,left\n",
        "Video Path;Class\nv/a.mp4;right\nv/b.mp4;left\n",
        "file_name\tlabel\tnote\nv/a.mp4\tright\t\nv/b.mp4\tleft\tx\n",
        "video_id,label_name\na,right\nb,left\n",
        "filename,class,split\nv/a.mp4,right,train\n\"v/b.mp4\",left,train\n",
        "\tpath\tcategory\n0\tv/a.mp4\tright\n1\tv/b.mp4\tleft\n",
        "id;action\na;right\nb;left\n"
      })
  void tablesOfAllKinds(String text) throws Exception {
    file("v/a.mp4", "");
    file("v/b.mp4", "");
    VideoList list = read(text);
    assertEquals(List.of("v/a.mp4", "v/b.mp4"), paths(list));
    assertEquals(List.of("left", "right"), list.classNames());
    assertEquals(List.of(1, 0), labels(list));
  }

  @Test
  void unknownColumnsAreNamed() throws Exception {
    refused(
        file("k.csv", "kuva,luokka\na.mp4,3\nb.mp4,1\n"),
        0,
        "line 1: no column of this table is known",
        "it has kuva, luokka",
        "looked for path, video_path");
    refused(
        file("l.csv", "path,luokka\na.mp4,3\n"),
        0,
        "line 2: there is no label: looked for the columns",
        "found path, luokka");
  }

  @Test
  void semicolonsAndTabsSeparateFields() throws Exception {
    assertEquals(List.of(3, 0), labels(read("a b.mp4;3\nc.mp4;0\n")));
    assertEquals(List.of("my clip 12", "c.mp4"), paths(read("my clip 12\t3\nc.mp4\t0\n")));
    refused(file("list.csv", "a.mp4;1\nb.mp4 2\n"), 0, "line 2", "separated by semicolons");
    refused(file("list.csv", "a.mp4 and more\n"), 0, "known are lists", "Kinetics", "UCF101");
  }

  private static final String UCF =
      """
      Archery/a1.avi 2
      Archery/a2.avi 2
      ApplyEyeMakeup/b1.avi 1
      BabyCrawling/c1.avi 3
      """;

  @Test
  void labelsFromOne() throws Exception {
    VideoList bare = read(file("trainlist01.txt", UCF));
    assertEquals(List.of(1, 1, 0, 2), labels(bare));
    assertEquals(3, bare.classes());
    assertTrue(
        bare.notes().getFirst().contains("its labels count from 1"), bare.notes().toString());
    for (String names :
        List.of(
            "1 ApplyEyeMakeup\n2 Archery\n3 BabyCrawling\n",
            "ApplyEyeMakeup\nArchery\nBabyCrawling\n",
            "id,name\n0,ApplyEyeMakeup\n1,Archery\n2,BabyCrawling\n")) {
      file("classes.txt", names);
      if (names.startsWith("id")) {
        // A file that counts from 0 says that these do not.
        refused(file("trainlist01.txt", UCF), 0, "line 4: label 3 has no name");
        continue;
      }
      VideoList list = read(file("trainlist01.txt", UCF));
      assertEquals(List.of(1, 1, 0, 2), labels(list));
      assertEquals(List.of("ApplyEyeMakeup", "Archery", "BabyCrawling"), list.classNames());
      assertEquals(3, list.classes());
    }
    Files.delete(folder.resolve("classes.txt"));
    file("classInd.txt", "1 ApplyEyeMakeup\n2 Archery\n3 BabyCrawling\n4 Biking\n");
    assertEquals(List.of(1, 1, 0, 2), labels(read(file("trainlist01.txt", UCF))));
    assertEquals(4, read(file("trainlist01.txt", UCF)).classes());
    // One 0 among them, and they count from 0.
    assertEquals(List.of(2, 2, 1, 3, 0), labels(read(file("l.txt", UCF + "x/d.avi 0\n"))));
  }

  @Test
  void tablesCountFromOneToo() throws Exception {
    file("classes.txt", "a\nb\n");
    assertEquals(List.of(0, 1), labels(read("path,label\nx.mp4,1\ny.mp4,2\n")));
    assertEquals(List.of(0, 1), labels(read("path,label\nx.mp4,0\ny.mp4,1\n")));
    refused(file("list.csv", "path,label\nx.mp4,0\ny.mp4,2\n"), 0, "line 3: label 2 has no name");
  }

  @Test
  void namesThatDoNotFitAreAnError() throws Exception {
    file("classes.txt", "right\nleft\n");
    refused(
        file("v.csv", "a.mp4 0\nb.mp4 2\n"),
        0,
        "v.csv line 2: label 2 has no name",
        "classes.txt names 2 classes");
    refused(file("v.csv", "a.mp4 0\nb.mp4 1\n"), 3, "classes.txt names 2 classes, but 3 are");
    VideoList among = read(file("v.csv", "a.mp4 0\nb.mp4 1\n")).among(3);
    assertEquals(3, among.classes(), "a model may have more classes than the list");
    assertEquals(List.of(), among.classNames());
    assertThrows(VideoListException.class, () -> among.among(1));
    Path list = file("v.csv", "a.mp4 1\nb.mp4 3\n");
    assertThrows(
        VideoListException.class,
        () -> VideoList.read(list, null, Labels.REQUIRED, 2, List.of("right", "left")));
  }

  @Test
  void listsWithoutLabelsTakeThemFromTheFolders() throws Exception {
    file("classInd.txt", "1 ApplyEyeMakeup\n2 Archery\n");
    Path list = file("testlist01.txt", "Archery/v_1.avi\nApplyEyeMakeup/v_2.avi\n");
    VideoList read = read(list);
    assertEquals(List.of(1, 0), labels(read));
    assertTrue(read.notes().getFirst().contains("the folders of the videos are their classes"));
    refused(file("testlist01.txt", "Archery/v_1.avi\nBiking/v.avi\n"), 0, "line 2: no label");
    refused(file("testlist01.txt", "Archery/v_1.avi\nArchery/v.avi 2\n"), 0, "line 2: a label");
    Files.delete(folder.resolve("classInd.txt"));
    refused(file("testlist01.txt", "Archery/v_1.avi\n"), 0, "line 1: no label follows the path");
    VideoList known =
        VideoList.read(
            file("testlist01.txt", "Archery/v_1.avi\n"),
            null,
            Labels.REQUIRED,
            2,
            List.of("ApplyEyeMakeup", "Archery"));
    assertEquals(List.of(1), labels(known));
  }

  @Test
  void annotationsOfDataSets() throws Exception {
    file("videos/78687.webm", "");
    file("videos/34899/00001.jpg", "");
    file("videos/34899/00002.jpg", "");
    Path json =
        file(
            "train.json",
            """
            [{"id": "78687", "label": "holding potato", "template": "Holding [something]", "placeholders": ["potato"]},
             {"id": "42326", "label": "putting pencil", "template": "Putting [something] down"}]
            """);
    VideoList sth = read(json);
    assertEquals(List.of("videos/78687.webm", "42326.mp4"), paths(sth));
    assertEquals(List.of("Holding something", "Putting something down"), sth.classNames());
    file(
        "something-something-v2-labels.json",
        "{\"Putting something down\": \"0\", \"Holding something\": \"1\", \"Moving\": \"2\"}");
    assertEquals(List.of(1, 0), labels(read(json)));
    assertEquals(3, read(json).classes());

    Files.delete(folder.resolve("something-something-v2-labels.json"));
    VideoList old = read("34899;Lifting something\n1;Moving something\n");
    assertEquals(List.of("videos/34899", "1.mp4"), paths(old));
    assertEquals(List.of("Lifting something", "Moving something"), old.classNames());

    VideoList diving =
        read(
            file(
                "Diving48_V2_train.json",
                "[{\"vid_name\": \"d_1\", \"label\": 26, \"start_frame\": 0, \"end_frame\": 94}]"));
    assertEquals(List.of(26), labels(diving));

    String kinetics =
        """
        {"-a": {"annotations": {"label": "zumba", "segment": [84.0, 94.0]}, "subset": "train", "url": "u"},
         "b": {"annotations": {"label": "abseiling", "segment": [0.0, 10.0]}, "subset": "train"}}
        """;
    VideoList k = read(file("kinetics.json", kinetics));
    assertEquals(List.of("-a_000084_000094.mp4", "b_000000_000010.mp4"), paths(k));
    assertEquals(List.of("abseiling", "zumba"), k.classNames());
    refused(file("mixed.json", kinetics.replaceFirst("train", "val")), 0, "the subsets train, val");
    VideoList activity =
        read(
            file(
                "activity.json",
                "{\"version\": \"1\", \"database\": {\"x\": {\"subset\": \"t\", \"annotations\":"
                    + " [{\"label\": \"hug\", \"segment\": [1, 2.5]}, {\"label\": \"kick\","
                    + " \"segment\": [3, 4]}]}}}"));
    assertEquals(List.of(0, 1), labels(activity));
    refused(file("what.json", "{\"videos\": [], \"x\": {}}"), 0, "Kinetics", "Something-Something");
    refused(file("clap_test_split1.txt", "a.avi 1\nb.avi 2\n"), 0, "a split file of HMDB51");
  }

  /** No line, number or nesting that a parser cannot leave. */
  @Test
  void budgets() throws Exception {
    refused(file("deep.json", "[".repeat(200_000)), 0, "nested too deeply");
    refused(file("deep.json", "[{\"a\":".repeat(200_000)), 0, "nested too deeply");
    refused(file("long.csv", "a,".repeat(100_000)), 0, "the line is longer than");
    refused(file("commas.csv", ",".repeat(60_000) + "\n"), 0, "commas.csv line 1");
    refused(file("quotes.csv", "\"\"".repeat(30_000) + "\n"), 0, "quotes.csv line 1");
    refused(file("blanks.csv", "a" + " ".repeat(60_000) + "b\n"), 0, "blanks.csv line 1");
    file("classes.txt", "a" + " ".repeat(60_000) + "b\n1 x\n");
    assertEquals(1, read("a.mp4 0\n").videos().size());
  }
}
