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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Annotations that are no lists of paths: Kinetics' tables, Ego4D's JSON, maps of labels. */
class AnnotationsTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static final String KINETICS =
      """
      label,youtube_id,time_start,time_end,split
      "petting animal (not cat)",a-1,10,20,train
      abseiling,_b2,0,10,train
      zumba,c3,5,15,train
      abseiling,gone,7,17,train
      """;

  @Test
  void kineticsFindsCutAndWholeVideos() throws Exception {
    Path cut = file("abseiling/_b2_000000_000010.mp4", "");
    Path whole = file("raw/c3.webm", "");
    Path named = file("petting/a-1_000010_000020.mkv", "");
    VideoList list = VideoList.read(file("train.csv", KINETICS), null, Labels.REQUIRED, 0);
    assertEquals(
        List.of(
            new Entry(named, 1),
            new Entry(cut, 0),
            new Entry(whole, 2, new Part.Seconds(5, 15)),
            new Entry(folder.resolve("gone_000007_000017.mp4"), 0)),
        list.videos());
    assertEquals(List.of("abseiling", "petting animal (not cat)", "zumba"), list.classNames());
    assertEquals(3, list.classes());
    VideoList plain = VideoList.read(file("train.csv", KINETICS), null, Labels.OPTIONAL, 0);
    assertEquals(-1, plain.videos().get(0).label());
    assertEquals(4, plain.videos().size());
  }

  @Test
  void classesKnownAlreadyNumberTheLabels() throws Exception {
    Path val = file("val.csv", "label,youtube_id,time_start,time_end,split\nzumba,x,0,10,val\n");
    List<String> known = List.of("abseiling", "petting animal (not cat)", "zumba");
    VideoList list = VideoList.read(val, null, Labels.REQUIRED, 3, known);
    assertEquals(2, list.videos().get(0).label());
    assertEquals(known, list.classNames());
    assertMessage(
        () -> VideoList.read(val, null, Labels.REQUIRED, 2, List.of("hug", "kick")),
        "the class \"zumba\" is not among the 2 that are known");
    // The same for folders: a class without videos must not move the others.
    file("byclass/kick/1.mp4", "");
    VideoList folders =
        VideoList.read(folder.resolve("byclass"), null, Labels.REQUIRED, 2, List.of("hug", "kick"));
    assertEquals(1, folders.videos().get(0).label());
    assertMessage(
        () -> VideoList.read(folder.resolve("byclass"), null, Labels.REQUIRED, 2),
        "holds 1 classes, not 2");
  }

  @Test
  void tablesWithPaths() throws Exception {
    Path table = file("t.csv", "path,label\n\"a, b.mp4\",3\nc.mp4,0\n");
    assertEquals(
        List.of(new Entry(folder.resolve("a, b.mp4"), 3), new Entry(folder.resolve("c.mp4"), 0)),
        VideoList.read(table, null, Labels.REQUIRED, 0).videos());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "abseiling,x,10,5,train ~ line 2: the clip ends at 5.0, not after its start",
        "abseiling,x,ten,20,train ~ line 2: a time must be in seconds",
        "abseiling,x,-4,20,train ~ line 2: a time must be in seconds",
        "abseiling,,0,10,train ~ line 2: the youtube_id is empty",
        ",x,0,10,train ~ line 2: there is no label",
        "abseiling,x,0,10 ~ line 2: the line has 4 fields, the header 5",
        "'\"abseiling,x,0,10,train' ~ line 2: the line has an open quote",
      })
  void badTablesAreOneSentence(String line, String expected) throws Exception {
    Path file = file("bad.csv", "label,youtube_id,time_start,time_end,split\n" + line + "\n");
    assertMessage(() -> VideoList.read(file, null, Labels.REQUIRED, 0), expected);
  }

  private static final String EGO4D =
      """
      {"version": "v1", "split": "train", "extra": [{"a": []}, null],
       "clips": [
        {"unique_id": "u1", "video_uid": "v1", "clip_uid": "c1", "state_change": true,
         "parent_start_sec": 36.6, "parent_end_sec": 44.6,
         "parent_start_frame": 1098, "parent_end_frame": 1338,
         "clip_start_sec": 0.5, "clip_end_sec": 8.5,
         "clip_start_frame": 15, "clip_end_frame": 255},
        {"unique_id": "u2", "video_uid": "v1", "clip_uid": null, "state_change": false,
         "parent_start_sec": 1.5, "parent_end_sec": 9.5},
        {"unique_id": "u3", "video_uid": "v\\u00e4", "parent_start_frame": 0, "parent_end_frame": 240}
      ]}
      """;

  @Test
  void stateChanges() throws Exception {
    Path whole = file("full/v1.mp4", "");
    Path json = file("oscc.json", EGO4D);
    VideoList list = VideoList.read(json, null, Labels.REQUIRED, 2);
    assertEquals(
        List.of(
            new Entry(whole, 1, new Part.Frames(1098, 240)),
            new Entry(whole, 0, new Part.Seconds(1.5, 9.5)),
            new Entry(folder.resolve("vä.mp4"), 0, new Part.Frames(0, 240))),
        list.videos());
    assertEquals(List.of("no state change", "state change"), list.classNames());
    // Canonical clips and clips cut out before are taken first.
    Path canonical = file("clips/c1.mp4", "");
    Path cut = file("cut/u2.mp4", "");
    list = VideoList.read(json, null, Labels.REQUIRED, 2);
    assertEquals(new Entry(canonical, 1, new Part.Frames(15, 240)), list.videos().get(0));
    assertEquals(new Entry(cut, 0), list.videos().get(1));
    assertEquals(-1, VideoList.read(json, null, Labels.OPTIONAL, 0).videos().get(0).label());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{\"clips\": [{\"video_uid\": \"v\", \"parent_start_sec\": 1, \"parent_end_sec\": 2}]} ~ no"
            + " clip has a \"state_change\"",
        "{\"clips\": [{\"video_uid\": \"v\", \"state_change\": true}]} ~ line 1: the clip has no"
            + " \"parent_start_sec\"",
        "{\"clips\": [{\"video_uid\": \"v\", \"state_change\": true, \"parent_start_sec\": 3,"
            + " \"parent_end_sec\": 2}]} ~ line 1: the clip goes from",
        "{\"clips\": [{\"state_change\": \"yes\"}]} ~ line 1: \"state_change\" must be true or"
            + " false",
        "{\"clips\": [{\"state_change\": true}]} ~ line 1: the clip has no \"video_uid\"",
        "{\"clips\": [7]} ~ line 1: a clip must be an object",
        "{\"videos\": []} ~ has no \"clips\"",
        "{\"clips\": [} ~ line 1: not JSON",
        "{\"clips\": []} ~ holds no videos",
        "{\"clips\": [] ~ line 1: not JSON: a comma or",
        "7 ~ line 1: not JSON: an object or an array is expected",
      })
  void badAnnotationsAreOneSentence(String text, String expected) throws Exception {
    Path file = file("bad.json", text);
    assertMessage(() -> VideoList.read(file, null, Labels.REQUIRED, 2), expected);
  }

  @Test
  void jsonNestedWithoutEndIsRefused() throws Exception {
    Path file = file("deep.json", "{\"clips\": " + "[".repeat(100_000));
    assertMessage(() -> VideoList.read(file, null, Labels.OPTIONAL, 0), "nested too deeply");
  }

  @Test
  void labelMaps() throws Exception {
    Path numbers = file("label_5to3.json", "[\n 4,\n 0,\n 2\n]\n");
    LabelMap map = LabelMap.read(numbers, List.of(), 5, Map.of());
    assertEquals(List.of(4, 0, 2), map.classes());
    VideoList list = VideoList.read(file("a.csv", "a 0\nb 2\n"), null, Labels.REQUIRED, 3);
    VideoList merged = list.merged(map, 5, List.of());
    assertEquals(List.of(4, 2), merged.videos().stream().map(Entry::label).toList());
    assertEquals(5, merged.classes());
    assertMessage(
        () -> LabelMap.read(numbers, List.of(), 4, Map.of()),
        "label 0 becomes 4, but there are 4 classes");
    Path names = file("own.txt", "Making_bed\nhugging\n");
    Path same = file("same.json", "{\"making bed\": \"making the bed\"}");
    assertEquals(
        List.of(1, 0),
        LabelMap.read(names, List.of("hugging", "making the bed"), 0, LabelMap.readSynonyms(same))
            .classes());
    assertMessage(
        () -> LabelMap.read(names, List.of("hugging"), 0, Map.of()),
        "the class \"Making_bed\" is not among the 1");
    Path text = file("text.json", "[1, 2.5]");
    assertMessage(() -> LabelMap.read(text, List.of(), 0, Map.of()), "label 1 becomes \"2.5\"");
    Path object = file("object.json", "{}");
    assertMessage(() -> LabelMap.read(object, List.of(), 0, Map.of()), "an array of numbers");
  }

  @Test
  void mixturesMergeClassesByName() throws Exception {
    for (String video :
        List.of("one/kick/1.mp4", "one/hug/2.mp4", "two/wave/3.mp4", "two/kick/4.mp4")) {
      file(video, "");
    }
    List<VideoList> lists =
        List.of(
            VideoList.read(folder.resolve("one"), null, Labels.REQUIRED, 0),
            VideoList.read(folder.resolve("two"), null, Labels.REQUIRED, 0));
    VideoList mixed = Mixture.of("mix", lists, 0, List.of());
    assertEquals(List.of("hug", "kick", "wave"), mixed.classNames());
    assertEquals(List.of(0, 1, 1, 2), mixed.videos().stream().map(Entry::label).toList());
    VideoList bare = VideoList.read(file("bare/l.csv", "a 0\n"), null, Labels.REQUIRED, 0);
    assertMessage(
        () -> Mixture.of("mix", List.of(lists.get(0), bare), 0, List.of()),
        "does not name its classes and others do");
  }

  private interface Reading {
    void read() throws VideoListException;
  }

  private static void assertMessage(Reading reading, String expected) {
    String message = assertThrows(VideoListException.class, reading::read).getMessage();
    assertTrue(message.contains(expected) && !message.contains("\n"), message);
  }
}
