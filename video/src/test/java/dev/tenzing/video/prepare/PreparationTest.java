package dev.tenzing.video.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.tenzing.video.Clips;
import dev.tenzing.video.decode.ClipDecoder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.EncoderSettings.Codec;
import dev.tenzing.video.list.Part;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import dev.tenzing.video.load.Catalog;
import dev.tenzing.video.load.ScanIndex;
import dev.tenzing.video.prepare.Preparation.Listed;
import dev.tenzing.video.prepare.Preparation.Result;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparationTest {
  private static final ClipFormat FORMAT = new ClipFormat(Codec.MPEG4, 32, 8);
  private static final ClipFormat FORMAT256 = new ClipFormat(Codec.MPEG4, 256, 16);

  @TempDir Path folder;
  private Path set;
  private Path output;

  @BeforeEach
  void makeSet() throws IOException {
    set = Files.createDirectories(folder.resolve("set"));
    output = folder.resolve("out");
    Files.createDirectories(set.resolve("a b"));
    Clips.write(set.resolve("a b/one.mp4"), 20);
    Clips.write(set.resolve("a b/one.avi"), 24);
    Clips.write(
        set.resolve("turned.mov"),
        EncoderSettings.mpeg4(64, 48, 30000.0 / 1001).withRotation(90),
        12);
    byte[] whole = Files.readAllBytes(set.resolve("a b/one.avi"));
    Files.write(set.resolve("cut.avi"), Arrays.copyOf(whole, whole.length / 2));
    Files.createFile(set.resolve("empty.mp4"));
    Files.writeString(
        set.resolve("train.csv"),
        """
        "a b/one.mp4" 0
        "a b/one.avi" 1
        turned.mov 1
        cut.avi 0
        empty.mp4 0
        none.mp4 1
        """);
    Files.writeString(set.resolve("classes.txt"), "left\nright\n");
  }

  private Result prepare(ClipFormat format) throws Exception {
    VideoList list = VideoList.read(set.resolve("train.csv"), null, Labels.REQUIRED, 0);
    return new Preparation(output, format, 2, (done, bad) -> {})
        .run(List.of(new Listed(list, set, "train.csv")));
  }

  @Test
  void everyVideoIsInTheTableAndInTheList() throws Exception {
    Result result = prepare(FORMAT);
    assertEquals(6, result.videos());
    assertEquals(3, result.good());
    assertEquals(Map.of("truncated", 1, "empty", 1, "missing", 1), result.problems());
    assertEquals(3, result.written());
    List<String> table = Files.readAllLines(output.resolve("videos.csv"));
    assertEquals(7, table.size());
    assertEquals(
        "path,frames,width,height,fps,codec,rotation,vfr,status,problem,sentence", table.get(0));
    assertTrue(table.get(3).endsWith("turned.mov,12,48,64,29.970,mpeg4,90,0,ok,,"), table.get(3));
    assertTrue(table.get(5).endsWith("empty.mp4,,,,,,,,bad,empty,the file is empty"));

    VideoList list = VideoList.read(output.resolve("train.csv"), null, Labels.REQUIRED, 0);
    assertEquals(List.of("left", "right"), list.classNames());
    List<Path> expected =
        List.of(
            output.resolve("clips/a b/one.mp4"),
            output.resolve("clips/a b/one.avi.mp4"),
            output.resolve("clips/turned.mp4"));
    assertEquals(expected, list.videos().stream().map(Entry::path).toList());
    assertEquals(
        List.of("train.csv is written without the 3 that are bad; videos.csv says what is wrong"),
        result.notes());
    assertEquals(List.of(0, 1, 1), list.videos().stream().map(Entry::label).toList());

    for (String line : Files.readAllLines(output.resolve("SHA256SUMS"))) {
      String[] fields = line.split("  ", 2);
      assertEquals(Checksum.sha256(output.resolve(fields[1])), fields[0]);
    }
    assertEquals(6, Files.readAllLines(output.resolve("SHA256SUMS")).size());
  }

  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"MPEG4", "MJPEG", "H264"})
  void copiesHoldTheSameFrames(Codec codec) throws Exception {
    prepare(new ClipFormat(codec, 32, 8));
    VideoList list = VideoList.read(output.resolve("train.csv"), null, Labels.REQUIRED, 0);
    Catalog catalog = Catalog.of(list);
    VideoInfo copy = catalog.info(list.videos().get(0).path());
    assertEquals(0, catalog.scanned(), "the index knows it");
    assertEquals(20, copy.frames());
    assertEquals(42, copy.width());
    assertEquals(32, copy.height());
    assertEquals(25, copy.fps(), 1e-3);
    try (Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder()) {
      MemorySegment pixels = arena.allocate(3L * 42 * 32);
      for (int frame = 0; frame < 20; frame++) {
        decoder.decode(copy, new int[] {frame}, 42, 32, pixels);
        assertEquals(frame, Clips.index(pixels, 42, 32));
      }
    }
    VideoInfo turned = catalog.info(list.videos().get(2).path());
    assertEquals(32, turned.width());
    assertEquals(42, turned.height());
    assertEquals(30000.0 / 1001, turned.fps(), 1e-3);
    assertEquals(0, turned.rotation());
    VideoException bad =
        assertThrows(VideoException.class, () -> catalog.info(set.resolve("cut.avi")));
    assertEquals(VideoException.Reason.TRUNCATED, bad.reason());
  }

  @Test
  void aSecondRunDoesNothing() throws Exception {
    prepare(FORMAT);
    Map<Path, FileTime> before = times();
    Result again = prepare(FORMAT);
    assertEquals(1, again.scanned(), "only what is missing is looked for again");
    assertEquals(0, again.written());
    assertEquals(3, again.kept());
    assertEquals(before, times());
  }

  /** Which copy is the last in the journal depends on the threads: each is tried. */
  @ParameterizedTest
  @ValueSource(strings = {"a b/one.mp4", "a b/one.avi.mp4", "turned.mp4"})
  void whatWasLostWhenItWasKilledIsMadeAgain(String last) throws Exception {
    prepare(FORMAT);
    Map<Path, String> whole = sums();
    Path journal = output.resolve("clips.journal");
    List<String> lines = new ArrayList<>(Files.readAllLines(journal));
    lines.sort(Comparator.comparing((String line) -> line.endsWith("\tclips/" + last)));
    Files.write(journal, lines);
    for (String name : new String[] {"videos.index", "clips.journal"}) {
      Path file = output.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 7));
    }
    Files.writeString(output.resolve("clips/.part-0123456789abcdef.mp4"), "half a copy");
    Files.writeString(output.resolve(".part-fedcba9876543210.csv"), "half a list");
    Files.delete(output.resolve("clips/a b/one.mp4"));
    Files.delete(output.resolve("SHA256SUMS"));
    Result again = prepare(FORMAT);
    assertEquals(last.equals("a b/one.mp4") ? 1 : 2, again.written(), again.toString());
    assertEquals(whole, sums());
    assertEquals(3, again.notes().size(), again.notes().toString());
    assertTrue(again.notes().get(0).startsWith(output.resolve("videos.index") + ": it ends in"));
    assertTrue(again.notes().get(1).startsWith(journal + ": the last line was cut off"));
  }

  /** Whatever one damaged byte says, a second run ends in the same lists, copies and sums. */
  @Test
  void aDamagedLogIsInTheWayOfNothing() throws Exception {
    prepare(FORMAT);
    Map<Path, String> whole = sums();
    Random random = new Random(1);
    for (String name : new String[] {"videos.index", "clips.journal"}) {
      Path file = output.resolve(name);
      byte[] good = Files.readAllBytes(file);
      for (int i = 0; i < 12; i++) {
        byte[] bytes = good.clone();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, bytes);
        Result again = prepare(FORMAT);
        assertEquals(3, again.good());
        assertEquals(whole, sums(), name + " " + i);
      }
      Files.write(file, good);
    }
  }

  @Test
  void whatCannotBeWrittenAgainIsRefusedBeforeAnythingIsDecoded() throws Exception {
    VideoList mixed =
        new VideoList(
            "mixed",
            List.of(
                new Entry(set.resolve("turned.mov"), 0, new Part.Frames(1, 2)),
                new Entry(set.resolve("cut.avi"), 0, new Part.Count(2))),
            0,
            List.of());
    VideoList left = VideoList.read(set.resolve("train.csv"), null, Labels.REQUIRED, 0);
    VideoList other = new VideoList("other", left.videos(), 2, List.of("up", "down"));
    for (List<Listed> lists :
        List.of(
            List.of(new Listed(mixed, set, "mixed.csv")),
            List.of(new Listed(left, set, "l.csv"), new Listed(other, set, "o.csv")))) {
      Preparation preparation =
          new Preparation(output, FORMAT, 2, (done, bad) -> fail("a video was decoded"));
      assertThrows(IllegalArgumentException.class, () -> preparation.run(lists));
      assertFalse(Files.exists(output));
    }
  }

  @Test
  void windowsOfTimeAreWrittenAsATable() throws Exception {
    List<Entry> videos =
        List.of(
            new Entry(set.resolve("turned.mov"), 0, new Part.Seconds(0, 0.25)),
            new Entry(set.resolve("a b/one.mp4"), 1));
    VideoList list = new VideoList("windows", videos, 2, List.of("left", "right"));
    new Preparation(output, null, 1, (done, bad) -> {})
        .run(List.of(new Listed(list, set, "windows.csv")));
    VideoList read = VideoList.read(output.resolve("windows.csv"), null, Labels.REQUIRED, 0);
    assertEquals(videos, read.videos());
    assertEquals(List.of("left", "right"), read.classNames());
  }

  @ParameterizedTest
  @CsvSource({
    "one.mp4, one.mp4.csv",
    "train.csv, train.csv",
    "TRAIN.TXT, TRAIN.TXT",
    "list, list",
    "kinetics.json, kinetics.json.csv",
    "videos.csv, list-videos.csv",
    "classes.txt, list-classes.txt"
  })
  void listsAreNamedAsLists(String source, String list) {
    assertEquals(list, Preparation.listName(Path.of(source)));
  }

  @Test
  void aVideoThatChangedIsCheckedAndCopiedAgain() throws Exception {
    prepare(FORMAT);
    String before = Checksum.sha256(output.resolve("clips/turned.mp4"));
    Clips.write(set.resolve("turned.mov"), 15);
    Clips.write(set.resolve("empty.mp4"), 5);
    Result again = prepare(FORMAT);
    assertEquals(4, again.good());
    assertEquals(2, again.written());
    assertNotEquals(before, Checksum.sha256(output.resolve("clips/turned.mp4")));
    assertEquals(4, prepare(new ClipFormat(Codec.MPEG4, 24, 8)).written(), "another size");
  }

  @Test
  void withoutCopiesTheListPointsToTheVideos() throws Exception {
    Result result = prepare(null);
    assertEquals(0, result.written());
    assertFalse(Files.exists(output.resolve("clips")));
    VideoList list = VideoList.read(output.resolve("train.csv"), null, Labels.REQUIRED, 0);
    assertEquals(set.resolve("a b/one.mp4"), list.videos().get(0).path());
    Catalog catalog = Catalog.of(list);
    assertEquals(24, catalog.info(list.videos().get(1).path()).frames());
    assertEquals(0, catalog.scanned());
  }

  @Test
  void aFolderInUseIsRefused() throws Exception {
    Files.createDirectories(output);
    try (ScanIndex index = ScanIndex.open(output)) {
      IOException e = assertThrows(IOException.class, () -> prepare(null));
      assertTrue(e.getMessage().endsWith("is in use by another process"), e.getMessage());
    }
  }

  @Test
  void sidesAreEvenAndNeverEnlarged() {
    VideoInfo small = info(427, 241);
    assertEquals(426, FORMAT256.settings(small).width());
    assertEquals(240, FORMAT256.settings(small).height());
    assertEquals(256, FORMAT256.settings(info(1080, 1920)).width());
    assertEquals(454, FORMAT256.settings(info(1080, 1920)).height());
    assertThrows(IllegalArgumentException.class, () -> new ClipFormat(Codec.MPEG4, 8, 8));
    assertThrows(IllegalArgumentException.class, () -> new ClipFormat(Codec.MPEG4, 256, 0));
  }

  private static VideoInfo info(int width, int height) {
    return new VideoInfo(Path.of("x"), null, width, height, 0, "h264", 25, false, 1, 25, null);
  }

  private Map<Path, FileTime> times() throws IOException {
    Map<Path, FileTime> times = new TreeMap<>();
    try (Stream<Path> files = Files.walk(output)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        times.put(file, Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  /** Of what does not depend on the order in which threads finish. */
  private Map<Path, String> sums() throws IOException {
    Map<Path, String> sums = new TreeMap<>();
    for (Path file : times().keySet()) {
      if (!file.endsWith("videos.index") && !file.endsWith("clips.journal")) {
        sums.put(file, Checksum.sha256(file));
      }
    }
    return sums;
  }

  /** Theora's containers do not say an average. */
  @Test
  void framesASecondAreCountedWhereTheFileDoesNotSay() throws Exception {
    VideoInfo told = VideoInfo.scan(set.resolve("a b/one.mp4"));
    VideoInfo untold =
        new VideoInfo(
            told.path(),
            told.stamp(),
            told.width(),
            told.height(),
            told.rotation(),
            "theora",
            0,
            false,
            told.frames() / 16.0,
            told.frames(),
            told.index());
    assertEquals(16, untold.rate(), 1e-9);
    assertEquals(25, told.rate(), 1e-3);
    String table = VideoTable.of(Map.of(told.path(), new Checked(untold, null, null)));
    assertTrue(table.contains(",16.000,theora,"), table);
  }
}
