package dev.tenzing.video.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.Pictures;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.Mixture;
import dev.tenzing.video.list.Part;
import dev.tenzing.video.list.Source;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.sample.SparseSampling;
import dev.tenzing.video.transform.Crop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several sources in one list: how often each is visited, and at which stride. */
class MixtureTest {
  @TempDir Path folder;

  private static VideoList list(String name, int videos, int stride, double weight) {
    List<Entry> entries =
        IntStream.range(0, videos).mapToObj(i -> new Entry(Path.of(name + i), -1)).toList();
    return new VideoList(name, entries, 0, List.of()).from(new Source(name, stride, weight));
  }

  private static VideoList mixture() throws Exception {
    return Mixture.of(
        "mixture",
        List.of(list("a", 10, 0, 1), list("b", 4, 2, 2.5), list("c", 6, 0, 0.5)),
        0,
        List.of());
  }

  @Test
  void anEpochVisitsSourcesByTheirWeights() throws Exception {
    VideoList list = mixture();
    assertEquals(10 + 10 + 3, list.epoch());
    Order order = new Order(list, 5, true);
    assertEquals(list.epoch(), order.length());
    int[] visits = new int[20];
    Set<Order.Visit> all = new HashSet<>();
    for (int epoch = 0; epoch < 2; epoch++) {
      int[] bySource = new int[3];
      for (int i = 0; i < order.length(); i++) {
        Order.Visit visit = order.visit((long) epoch * order.length() + i);
        visits[visit.sample()]++;
        bySource[visit.sample() < 10 ? 0 : visit.sample() < 14 ? 1 : 2]++;
        assertTrue(all.add(visit), "two visits to a sample have different passes");
      }
      assertArrayEquals(new int[] {10, 10, 3}, bySource);
    }
    // Two epochs: every video of a twice, of b five times, of c once.
    int[] expected = new int[20];
    Arrays.fill(expected, 0, 10, 2);
    Arrays.fill(expected, 10, 14, 5);
    Arrays.fill(expected, 14, 20, 1);
    assertArrayEquals(expected, visits);
  }

  @Test
  void theOrderIsThatOfTheSeedWhereverItIsAsked() throws Exception {
    VideoList list = mixture();
    Order order = new Order(list, 5, true);
    List<Order.Visit> forward = new ArrayList<>();
    for (int ticket = 0; ticket < 100; ticket++) {
      forward.add(order.visit(ticket));
    }
    Order again = new Order(list, 5, true);
    for (int ticket = 99; ticket >= 0; ticket--) {
      assertEquals(forward.get(ticket), again.visit(ticket));
    }
    List<Order.Visit> other = new ArrayList<>();
    Order seeded = new Order(list, 6, true);
    for (int ticket = 0; ticket < 100; ticket++) {
      other.add(seeded.visit(ticket));
    }
    assertNotEquals(forward, other);
  }

  /** Weights of 1 change nothing: runs of one list go on as they began. */
  @Test
  void withoutWeightsAnEpochIsOneShuffleOfAll() throws Exception {
    VideoList plain = list("a", 30, 0, 1);
    VideoList two =
        Mixture.of("two", List.of(list("a", 10, 0, 1), list("b", 20, 2, 1)), 0, List.of());
    Order one = new Order(plain, 3, true);
    Order both = new Order(two, 3, true);
    for (int ticket = 0; ticket < 90; ticket++) {
      assertEquals(one.visit(ticket), both.visit(ticket));
      assertEquals(ticket / 30, one.visit(ticket).pass());
    }
  }

  @Test
  void eachSourceHasItsOwnStride() throws Exception {
    Path video = Clips.write(folder.resolve("v.mp4"), 60);
    Entry own = new Entry(video, -1);
    Entry two = own.withSource(new Source("two", 2, 1));
    ClipPolicy policy = ClipPolicy.testing(4, 8, 48, 1, 1);
    assertArrayEquals(new int[] {16, 24, 32, 40}, frames(policy, own));
    assertArrayEquals(new int[] {26, 28, 30, 32}, frames(policy, two));
    ClipPolicy sparse = ClipPolicy.validation(new SparseSampling(4), 48);
    assertArrayEquals(new int[] {7, 22, 37, 52}, frames(sparse, two));
  }

  @Test
  void partsOfFoldersOfPicturesAreNumberedAsTheirNames() throws Exception {
    Path pictures = Pictures.write(folder.resolve("f"), "image_%06d.jpg", 9601, 20);
    ClipPolicy policy = ClipPolicy.validation(new SparseSampling(4), 48);
    Entry part = new Entry(pictures, -1, new Part.Frames(9605, 8));
    assertArrayEquals(new int[] {5, 7, 9, 11}, frames(policy, part));
    Entry counted = new Entry(pictures, 0, new Part.Count(20));
    assertArrayEquals(new int[] {2, 7, 12, 17}, frames(policy, counted));
    assertRefused(
        policy, new Entry(pictures, 0, new Part.Count(21)), "21 frames, the folder holds 20");
    assertRefused(
        policy,
        new Entry(pictures, 0, new Part.Frames(1, 20)),
        "20 frames from 1, there are 20 from 9601");
    assertRefused(
        policy, new Entry(pictures, 0, new Part.Frames(9611, 20)), "the folder holds 20 from 9601");
    // The count beside a video file may be off: the reference loaders do not look at it.
    Path video = Clips.write(folder.resolve("v.mp4"), 40);
    assertArrayEquals(
        new int[] {5, 15, 25, 35}, frames(policy, new Entry(video, 0, new Part.Count(3))));
  }

  @Test
  void secondsAreFramesOfTheVideo() throws Exception {
    Path video = Clips.write(folder.resolve("v.mp4"), 75);
    ClipPolicy policy = ClipPolicy.validation(new SparseSampling(5), 48);
    Entry second = new Entry(video, -1, new Part.Seconds(1, 2));
    assertArrayEquals(new int[] {27, 32, 37, 42, 47}, frames(policy, second));
    Entry beyond = new Entry(video, -1, new Part.Seconds(2.8, 9));
    assertArrayEquals(new int[] {70, 71, 72, 73, 74}, frames(policy, beyond));
    assertRefused(
        policy, new Entry(video, -1, new Part.Seconds(3, 4)), "3.0 to 4.0 seconds, there are 75");
  }

  private static void assertRefused(ClipPolicy policy, Entry entry, String sentence) {
    Exception e = assertThrows(VideoException.class, () -> frames(policy, entry));
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  /** The frames that a clip shows, which its pictures tell. */
  private static int[] frames(ClipPolicy policy, Entry entry) throws Exception {
    int side = policy.size();
    // The made pictures are 64 x 48 and say their number over all of their width.
    ClipPolicy wide =
        new ClipPolicy(
            policy.sampling(),
            side,
            policy.views(),
            side,
            true,
            (sampling, total, width, height, random) ->
                policy.draw().clips(sampling, total, width, height, random).stream()
                    .map(plan -> new ClipPlan(plan.frames(), new Crop(0, 0, width, height)))
                    .toList());
    try (Arena arena = Arena.ofConfined();
        ClipReader reader = new ClipReader(wide, new Catalog(), null)) {
      MemorySegment pixels = arena.allocate(ClipReader.bytes(wide));
      reader.read(entry, 1, pixels);
      int[] frames = new int[policy.frames()];
      for (int i = 0; i < frames.length; i++) {
        frames[i] = Clips.index(pixels.asSlice(3L * side * side * i), side, side);
      }
      return frames;
    }
  }
}
