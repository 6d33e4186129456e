package dev.tenzing.video.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.augment.Augmentation;
import dev.tenzing.video.augment.Augmentation.CropRule;
import dev.tenzing.video.augment.ColorJitter;
import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.augment.RandAugment;
import dev.tenzing.video.augment.RandomErasing;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoList.Entry;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches of supervised training with everything random turned on. */
class AugmentedClipsTest {
  private static final int VIDEOS = 5;
  private static final int SIZE = 24;
  private static final int FRAMES = 4;
  private static final int FRAME_BYTES = 3 * SIZE * SIZE;
  private static final RandAugment STRONG = RandAugment.parse("rand-m9-n4-mstd1-inc1");

  @TempDir static Path folder;
  private static VideoList list;

  @BeforeAll
  static void makeVideos() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < VIDEOS; i++) {
      entries.add(new Entry(Clips.write(folder.resolve(i + ".mp4"), 2 + 4 * i), i));
    }
    list = new VideoList("list", entries, VIDEOS, List.of());
  }

  private static ClipLoaderOptions everything() {
    RandomErasing erasing = new RandomErasing(0.5, RandomErasing.Mode.PIXEL, 2);
    Augmentation augmentation =
        new Augmentation(CropRule.RESIZED, true, STRONG, new ColorJitter(0.4), erasing, 2);
    return options(augmentation).mixing(new Mixing(0.8, 1, 0.9, 0.5, Mixing.Mode.ELEM));
  }

  private static ClipLoaderOptions options(Augmentation augmentation) {
    return ClipLoader.of(list, ClipPolicy.finetuning(FRAMES, 2, SIZE, augmentation))
        .batch(3)
        .seed(4);
  }

  private static List<String> batches(ClipLoaderOptions options, int count) throws Exception {
    List<String> seen = new ArrayList<>();
    try (ClipLoader loader = options.open()) {
      for (int i = 0; i < count; i++) {
        try (Batch batch = loader.next()) {
          CRC32 sum = new CRC32();
          sum.update(batch.pixels().toArray(ValueLayout.JAVA_BYTE));
          seen.add(
              Arrays.toString(batch.indices())
                  + Arrays.toString(batch.mix().shares())
                  + sum.getValue());
        }
      }
    }
    return seen;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5})
  void threadsChangeNothing(int threads) throws Exception {
    List<String> one = batches(everything(), 6);
    assertEquals(one, batches(everything().threads(threads).prefetch(threads), 6));
    assertNotEquals(one, batches(everything().seed(5), 6));
  }

  @Test
  void aStoreChangesNothingAndStaysAsItIs() throws Exception {
    List<String> plain = batches(everything(), 6);
    try (FrameStore store = new FrameStore(1L << 28)) {
      assertEquals(plain, batches(everything().store(store).threads(2), 6));
      assertEquals(plain, batches(everything().store(store), 6));
    }
  }

  @Test
  void aRunThatGoesOnAtACursorSeesTheSameBatches() throws Exception {
    List<String> whole = batches(everything(), 6);
    Cursor cursor;
    try (ClipLoader loader = everything().open();
        Batch first = loader.next();
        Batch second = loader.next()) {
      assertFalse(first.indices().length == 0);
      cursor = second.next();
    }
    assertEquals(whole.subList(2, 6), batches(everything().start(cursor), 4));
  }

  @Test
  void aVideoGivesSeveralClips() throws Exception {
    Augmentation twice = new Augmentation(CropRule.RESIZED, true, null, null, null, 2);
    try (ClipLoader loader = options(twice).open();
        Batch batch = loader.next()) {
      assertEquals(2, batch.views());
      assertEquals(3, batch.size());
      assertEquals(6, batch.mix().shares().length);
      byte[] pixels = batch.pixels().toArray(ValueLayout.JAVA_BYTE);
      int clip = FRAMES * FRAME_BYTES;
      assertEquals(6 * clip, pixels.length);
      for (int video = 0; video < 3; video++) {
        byte[] first = Arrays.copyOfRange(pixels, 2 * video * clip, (2 * video + 1) * clip);
        byte[] second = Arrays.copyOfRange(pixels, (2 * video + 1) * clip, (2 * video + 2) * clip);
        assertFalse(Arrays.equals(first, second));
      }
    }
  }

  /** Video 0 has two frames, so the last frames of its clip are the same one. */
  @ParameterizedTest
  @EnumSource(CropRule.class)
  void framesOfAClipAreChangedAlike(CropRule crop) throws Exception {
    RandomErasing erasing = new RandomErasing(1, RandomErasing.Mode.CONST, 1);
    Augmentation augmentation =
        new Augmentation(crop, true, STRONG, new ColorJitter(0.9), erasing, 3);
    boolean seen = false;
    try (ClipLoader loader = options(augmentation).open()) {
      for (int i = 0; i < VIDEOS; i++) {
        try (Batch batch = loader.next()) {
          byte[] pixels = batch.pixels().toArray(ValueLayout.JAVA_BYTE);
          for (int row = 0; row < 3 * batch.size(); row++) {
            if (batch.indices()[row / 3] == 0) {
              int third = (row * FRAMES + 2) * FRAME_BYTES;
              assertArrayEquals(
                  Arrays.copyOfRange(pixels, third, third + FRAME_BYTES),
                  Arrays.copyOfRange(pixels, third + FRAME_BYTES, third + 2 * FRAME_BYTES));
              seen = true;
            }
          }
        }
      }
    }
    assertTrue(seen);
  }
}
