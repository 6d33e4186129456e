package dev.tenzing.video.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.augment.Augmentation;
import dev.tenzing.video.augment.Augmentation.CropRule;
import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
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
import java.util.List;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that train together have the batches of a single one, whatever is bad in the list. */
class ShardTest {
  private static final int BATCH = 3;
  private static final ClipPolicy POLICY =
      ClipPolicy.finetuning(
          2, 2, 24, new Augmentation(CropRule.RESIZED, true, null, null, null, 2));

  @TempDir static Path folder;
  private static VideoList mixed;

  @BeforeAll
  static void makeVideos() throws IOException {
    List<Entry> videos = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      videos.add(new Entry(Clips.write(folder.resolve(i + ".mp4"), 6 + 5 * i), i % 3));
    }
    Path text = Files.writeString(folder.resolve("text.mp4"), "no video");
    videos.add(2, new Entry(text, 0));
    videos.add(3, new Entry(folder.resolve("missing.mp4"), 1));
    videos.add(6, new Entry(videos.get(0).path(), 2, new Part.Frames(50, 4)));
    videos.add(new Entry(text, 0));
    mixed = new VideoList("mixed", videos, 3, List.of());
  }

  private static ClipLoaderOptions options(VideoList list, Shard shard) {
    return ClipLoader.of(list, POLICY)
        .batch(BATCH)
        .seed(9)
        .threads(1 + shard.rank() % 3)
        .mixing(new Mixing(0.8, 1, 1, 0.5, Mixing.Mode.PAIR))
        .shard(shard);
  }

  private static String describe(Batch batch) {
    CRC32 sum = new CRC32();
    sum.update(batch.pixels().toArray(ValueLayout.JAVA_BYTE));
    return Arrays.toString(batch.indices())
        + Arrays.toString(batch.labels())
        + Arrays.toString(batch.mix().shares())
        + sum.getValue();
  }

  /** What a shard sees from a cursor on, and where it would go on after each batch. */
  private record Seen(List<String> batches, List<Cursor> cursors, SkipLog skips) {}

  private static Seen read(VideoList list, Shard shard, Cursor start, int count) throws Exception {
    Seen seen = new Seen(new ArrayList<>(), new ArrayList<>(), new SkipLog(null));
    try (ClipLoader loader = options(list, shard).start(start).skipLog(seen.skips).open()) {
      assertEquals(shard, loader.shard());
      for (int i = 0; i < count; i++) {
        try (Batch batch = loader.next()) {
          seen.batches.add(describe(batch));
          seen.cursors.add(batch.next());
        }
      }
    }
    return seen;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void togetherTheyHaveTheBatchesOfOne(int of) throws Exception {
    for (VideoList list : List.of(mixed, mixed.from(new Source("s", 0, 1.7)))) {
      Seen whole = read(list, Shard.ALL, Cursor.START, 12);
      for (int rank = 0; rank < of; rank++) {
        Seen part = read(list, new Shard(rank, of), Cursor.START, 12 / of);
        for (int turn = 0; turn < 12 / of; turn++) {
          assertEquals(whole.batches.get(turn * of + rank), part.batches.get(turn));
          assertEquals(whole.cursors.get(turn * of + of - 1), part.cursors.get(turn));
        }
        assertEquals(4, whole.skips.count() + 1, "text.mp4 counts once");
        assertEquals(names(whole.skips), names(part.skips));
      }
    }
  }

  private static TreeSet<String> names(SkipLog skips) {
    TreeSet<String> names = new TreeSet<>();
    skips.skipped().forEach(defect -> names.add(defect.path().getFileName().toString()));
    return names;
  }

  /** Also with another number of processes than before. */
  @Test
  void theyGoOnWhereAllStopped() throws Exception {
    Seen whole = read(mixed, Shard.ALL, Cursor.START, 12);
    Cursor four = read(mixed, new Shard(2, 4), Cursor.START, 1).cursors.getLast();
    Cursor eight = read(mixed, new Shard(1, 2), four, 2).cursors.getLast();
    for (int rank = 0; rank < 4; rank++) {
      Seen rest = read(mixed, new Shard(rank, 4), Cursor.of(eight.toLong()), 1);
      assertEquals(List.of(whole.batches.get(8 + rank)), rest.batches);
      assertEquals(whole.cursors.get(11), rest.cursors.get(0));
    }
  }

  @Test
  void aSinglePassIsSharedToItsEnd() throws Exception {
    List<String> whole = new ArrayList<>();
    try (ClipLoader loader = options(mixed, Shard.ALL).singlePass().open()) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        whole.add(describe(batch));
        batch.close();
      }
    }
    assertEquals(3, whole.size());
    for (int rank = 0; rank < 4; rank++) {
      try (ClipLoader loader = options(mixed, new Shard(rank, 4)).singlePass().open()) {
        if (rank < 3) {
          assertEquals(whole.get(rank), describe(loader.next()));
        }
        assertNull(loader.next());
      }
    }
  }

  /** Others cannot know of it, so it is not left out in secret. */
  @Test
  void whatNoScanForetellsEndsASharedRun() throws Exception {
    Path file = Clips.write(folder.resolve("changed.mp4"), 20);
    VideoList list = new VideoList("one", List.of(new Entry(file, 0)), 1, List.of());
    Catalog catalog = new Catalog();
    VideoInfo before = catalog.info(file);
    assertEquals(20, before.frames());
    Files.writeString(file, "no video any more");
    for (int rank = 0; rank < 2; rank++) {
      try (ClipLoader loader = options(list, new Shard(rank, 2)).catalog(catalog).open()) {
        assertThrows(VideoException.class, loader::next);
      }
    }
    try (ClipLoader loader = options(list, Shard.ALL).catalog(catalog).open()) {
      assertThrows(VideoListException.class, loader::next);
    }
  }

  @Test
  void ranksAreBelowTheirNumber() {
    assertThrows(IllegalArgumentException.class, () -> new Shard(2, 2));
    assertThrows(IllegalArgumentException.class, () -> new Shard(-1, 2));
    assertThrows(IllegalArgumentException.class, () -> new Shard(0, 0));
    assertTrue(new Shard(1, 3).takes(2 * 5 - 1, 5));
  }
}
