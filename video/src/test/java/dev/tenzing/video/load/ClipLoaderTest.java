package dev.tenzing.video.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.list.Part;
import dev.tenzing.video.list.Source;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoListException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClipLoaderTest {
  private static final int GOOD = 7;
  private static final ClipPolicy POLICY = ClipPolicy.pretraining(4, 2, 32);

  @TempDir static Path folder;
  private static VideoList clean;
  private static VideoList mixed;

  @BeforeAll
  static void makeVideos() throws IOException {
    List<Entry> good = new ArrayList<>();
    for (int i = 0; i < GOOD; i++) {
      Path file = Clips.write(folder.resolve("good" + i + ".mp4"), 6 + 5 * i);
      good.add(new Entry(file, i % 3));
    }
    clean = new VideoList("clean", good, 3, List.of());
    List<Entry> all = new ArrayList<>(good);
    Path text = Files.writeString(folder.resolve("text.mp4"), "no video");
    Path one = Clips.write(folder.resolve("one.mp4"), 1);
    all.add(2, new Entry(text, 0));
    all.add(5, new Entry(folder.resolve("missing, \"quoted\".mp4"), 1));
    all.add(new Entry(one, 2));
    mixed = new VideoList("mixed", all, 3, List.of());
  }

  /** What a batch holds, to compare. */
  private static String describe(Batch batch) {
    CRC32 sum = new CRC32();
    sum.update(batch.pixels().toArray(ValueLayout.JAVA_BYTE));
    return Arrays.toString(batch.indices())
        + Arrays.toString(batch.labels())
        + sum.getValue()
        + batch.next();
  }

  private static List<String> batches(ClipLoaderOptions options, int count) throws Exception {
    List<String> seen = new ArrayList<>();
    try (ClipLoader loader = options.open()) {
      for (int i = 0; i < count; i++) {
        try (Batch batch = loader.next()) {
          seen.add(describe(batch));
        }
      }
    }
    return seen;
  }

  private static ClipLoaderOptions training(VideoList list) {
    return ClipLoader.of(list, POLICY).batch(3).seed(11);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8})
  void threadsAndPrefetchingChangeNothing(int threads) throws Exception {
    List<String> one = batches(training(mixed), 9);
    assertEquals(one, batches(training(mixed).threads(threads).prefetch(threads), 9));
    assertNotEquals(one, batches(training(mixed).seed(12), 9));
  }

  @Test
  void aStoreChangesNothing() throws Exception {
    List<String> plain = batches(training(mixed), 9);
    try (FrameStore large = new FrameStore(1L << 30);
        FrameStore small = new FrameStore(150_000)) {
      assertEquals(plain, batches(training(mixed).store(large).threads(2), 9));
      assertEquals(plain, batches(training(mixed).store(small), 9));
      assertTrue(small.bytes() > 0 && small.bytes() <= 150_000, "within its budget");
      assertTrue(large.bytes() > small.bytes());
    }
  }

  @Test
  void aRunThatGoesOnAtACursorSeesTheSameBatches() throws Exception {
    List<String> whole = batches(training(mixed), 12);
    Cursor cursor = Cursor.START;
    List<String> pieces = new ArrayList<>();
    for (int piece = 0; piece < 4; piece++) {
      try (ClipLoader loader = training(mixed).start(cursor).threads(2).open()) {
        for (int i = 0; i < 3; i++) {
          try (Batch batch = loader.next()) {
            pieces.add(describe(batch));
            cursor = Cursor.of(batch.next().toLong());
          }
        }
      }
    }
    assertEquals(whole, pieces);
  }

  @Test
  void anEpochHoldsEveryGoodVideoOnceInANewOrder() throws Exception {
    try (ClipLoader loader = training(clean).batch(GOOD).open()) {
      List<String> orders = new ArrayList<>();
      for (int epoch = 0; epoch < 3; epoch++) {
        try (Batch batch = loader.next()) {
          int[] indices = batch.indices();
          orders.add(Arrays.toString(indices));
          Arrays.sort(indices);
          assertEquals("[0, 1, 2, 3, 4, 5, 6]", Arrays.toString(indices));
          assertEquals(new Cursor(epoch + 1, 0), batch.next());
          assertEquals(0, batch.skipped());
        }
      }
      assertEquals(3, new HashSet<>(orders).size());
      assertTrue(loader.waitNanos() > 0);
    }
  }

  @Test
  void clipsHoldTheFramesThatTheirPlanNames() throws Exception {
    ClipPolicy policy = ClipPolicy.testing(4, 2, 32, 2, 1);
    try (ClipLoader loader = ClipLoader.of(clean, policy).batch(2).singlePass().open();
        Batch batch = loader.next()) {
      assertEquals(2, batch.size());
      assertEquals(2, batch.views());
      // Video 1 has 11 frames, every second one is 0, 2, ... 10; the working size is 42 x 32, of
      // which 5 pixels are cut off on the left.
      int[] expected = {0, 2, 4, 6, 4, 6, 8, 10};
      for (int i = 0; i < expected.length; i++) {
        long frame = (8L + i) * 3 * 32 * 32;
        int index = 0;
        for (int bit = 1; bit < 7; bit++) {
          int x = (2 * bit + 1) * 42 / 16 - 5;
          index |= Clips.get(batch.pixels(), frame + 3L * (8 * 32 + x)) > 127 ? 1 << bit : 0;
        }
        assertEquals(expected[i], index, "frame " + i);
      }
    }
  }

  @Test
  void aSinglePassKeepsTheOrderAndEndsWithTheRest() throws Exception {
    SkipLog log = new SkipLog(null);
    try (ClipLoader loader =
        ClipLoader.of(mixed, ClipPolicy.testing(4, 2, 32, 2, 3))
            .batch(4)
            .singlePass()
            .threads(3)
            .skipLog(log)
            .open()) {
      try (Batch batch = loader.next()) {
        assertEquals("[0, 1, 3, 4]", Arrays.toString(batch.indices()));
        assertEquals(4L * 6 * 4 * 32 * 32 * 3, batch.pixels().byteSize());
      }
      try (Batch batch = loader.next()) {
        assertEquals("[6, 7, 8]", Arrays.toString(batch.indices()));
      }
      assertNull(loader.next());
      assertNull(loader.next());
    }
    assertEquals(3, log.count());
  }

  @Test
  void skippedVideosAreWrittenOnce() throws Exception {
    Path csv = folder.resolve("run/skipped.csv");
    for (int run = 0; run < 2; run++) {
      SkipLog log = new SkipLog(csv);
      batches(training(mixed).skipLog(log).threads(2), 9);
      assertEquals(3, log.count());
      List<String> lines = Files.readAllLines(csv);
      assertEquals(4, lines.size(), lines.toString());
      assertEquals("path,reason,sentence", lines.get(0));
      Set<String> reasons = new HashSet<>();
      log.skipped().forEach(e -> reasons.add(e.reason().code()));
      assertEquals(Set.of("unreadable", "missing", "too-few-frames"), reasons);
      assertTrue(
          lines.stream().anyMatch(l -> l.contains("missing, \"\"quoted\"\".mp4\",missing,")),
          lines.toString());
    }
  }

  @Test
  void strictLoadingFailsAtTheFirstDefect() throws Exception {
    try (ClipLoader loader =
        ClipLoader.of(mixed, POLICY).singlePass().strict(true).threads(3).open()) {
      loader.next().close();
      loader.next().close();
      VideoException defect = assertThrows(VideoException.class, loader::next);
      assertEquals(Reason.UNREADABLE, defect.reason());
      assertThrows(VideoException.class, loader::next);
    }
  }

  @Test
  void aListOfBadVideosEndsInASentence() throws Exception {
    List<Entry> bad = List.of(mixed.videos().get(2), mixed.videos().get(5));
    try (ClipLoader loader =
        ClipLoader.of(new VideoList("bad", bad, 2, List.of()), POLICY).threads(2).open()) {
      String message = assertThrows(VideoListException.class, loader::next).getMessage();
      assertTrue(message.startsWith("bad: none of the 2 videos can be used"), message);
    }
  }

  /** One good video among bad ones is enough, wherever shuffles put it, also with weights. */
  @Test
  void oneGoodVideoIsEnough() throws Exception {
    List<Entry> videos = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      videos.add(i == 3 ? clean.videos().get(0) : new Entry(Path.of("none" + i + ".mp4"), 1));
    }
    VideoList list = new VideoList("mostly bad", videos, 2, List.of());
    for (double weight : new double[] {1, 0.5, 2}) {
      VideoList weighted = list.from(new Source("s", 0, weight));
      for (int seed = 0; seed < 20; seed++) {
        try (ClipLoader loader =
            ClipLoader.of(weighted, POLICY).batch(2).seed(seed).threads(2).open()) {
          for (int batch = 0; batch < 6; batch++) {
            try (Batch read = loader.next()) {
              assertEquals(3, read.indices()[0]);
            }
          }
        }
      }
    }
    VideoList bad = new VideoList("bad", videos.subList(0, 3), 2, List.of());
    try (ClipLoader loader =
        ClipLoader.of(bad.from(new Source("s", 0, 0.4)), POLICY).threads(2).open()) {
      assertThrows(VideoListException.class, loader::next);
    }
  }

  @Test
  void partsOfVideosAreKept() throws Exception {
    Path file = clean.videos().get(6).path();
    ClipPolicy whole = ClipPolicy.testing(4, 1, 32, 1, 1);
    List<Entry> parts =
        List.of(
            new Entry(file, 0, new Part.Frames(10, 4)),
            new Entry(file, 0, new Part.Frames(30, 100)),
            new Entry(file, 0, new Part.Frames(36, 4)));
    SkipLog log = new SkipLog(null);
    VideoList list = new VideoList("parts", parts, 1, List.of());
    List<String> seen = batches(ClipLoader.of(list, whole).batch(2).singlePass().skipLog(log), 1);
    assertTrue(seen.get(0).startsWith("[0, 1]"), seen.toString());
    try (ClipLoader loader = ClipLoader.of(list, whole).batch(3).singlePass().skipLog(log).open()) {
      loader.next().close();
      assertNull(loader.next());
    }
    assertEquals(
        "the list asks for 4 frames from 36, there are 36 from 0", log.skipped().get(0).sentence());
  }

  @Test
  void batchesThatAreNeverClosedAreReported() throws Exception {
    try (ClipLoader loader = training(clean).open()) {
      Batch first = loader.next();
      loader.next();
      assertThrows(IllegalStateException.class, loader::next);
      first.close();
      first.close();
      assertThrows(IllegalStateException.class, first::pixels);
      loader.next();
    }
  }

  @Test
  void closingStopsTheThreads() throws Exception {
    ClipLoader loader = training(clean).threads(3).open();
    loader.next();
    loader.close();
    loader.close();
    assertFalse(
        Thread.getAllStackTraces().keySet().stream()
            .anyMatch(thread -> thread.getName().startsWith("video-")));
  }

  @Test
  void badSettingsAreOneSentence() {
    assertThrows(IllegalArgumentException.class, () -> training(clean).batch(0));
    assertThrows(IllegalArgumentException.class, () -> training(clean).threads(0));
    assertThrows(
        IllegalArgumentException.class, () -> training(clean).start(new Cursor(0, GOOD)).open());
  }
}
