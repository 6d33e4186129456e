package dev.tenzing.video.synth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticActionsTest {
  @TempDir Path folder;

  @Test
  void writesVideosListsAndNamesTheSameForASeed() throws Exception {
    SyntheticActions actions = new SyntheticActions(SyntheticActions.MAX_CLASSES, 2, 1, 32, 7);
    AtomicInteger done = new AtomicInteger();
    actions.write(folder.resolve("a"), n -> done.incrementAndGet());
    actions.write(folder.resolve("b"), n -> {});
    new SyntheticActions(2, 1, 1, 32, 8).write(folder.resolve("c"), n -> {});
    assertEquals(36, done.get());
    VideoList train = VideoList.read(folder.resolve("a/train.csv"), null, Labels.REQUIRED, 0);
    VideoList val = VideoList.read(folder.resolve("a/val.csv"), null, Labels.REQUIRED, 0);
    assertEquals(24, train.videos().size());
    assertEquals(12, val.videos().size());
    assertEquals(actions.classNames(), train.classNames());
    for (VideoList.Entry video : train.videos()) {
      VideoInfo info = VideoInfo.scan(video.path());
      assertTrue(info.frames() >= 32 && info.frames() <= 48, info.toString());
      assertEquals(32, info.width());
      Path same = folder.resolve("b").resolve(folder.resolve("a").relativize(video.path()));
      assertArrayEquals(Files.readAllBytes(video.path()), Files.readAllBytes(same));
    }
    Path other = folder.resolve("c/videos/right/00000.mp4");
    Path first = folder.resolve("a/videos/right/00000.mp4");
    assertTrue(Files.mismatch(first, other) >= 0, "another seed gives another video");
  }

  @Test
  void everyMotionIsContinuousAndLikeNoOther() {
    Pose start = new Pose(0.5, 0.5, 0.1, 0.4);
    for (Motion motion : Motion.values()) {
      assertTrue(distance(motion.after(0.2, start), motion.after(0.23, start)) < 0.1);
      assertTrue(distance(motion.after(0.2, start), motion.after(0.23, start)) > 0.01);
      for (Motion other : Motion.values()) {
        if (other != motion) {
          assertTrue(distance(motion.after(0.1, start), other.after(0.1, start)) > 0.05);
        }
      }
    }
  }

  private static double distance(Pose a, Pose b) {
    return Math.abs(a.x() - b.x())
        + Math.abs(a.y() - b.y())
        + Math.abs(a.angle() - b.angle())
        + Math.abs(a.size() - b.size());
  }

  @Test
  void impossibleSetsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new SyntheticActions(1, 2, 1, 64, 0));
    assertThrows(IllegalArgumentException.class, () -> new SyntheticActions(99, 2, 1, 64, 0));
    assertThrows(IllegalArgumentException.class, () -> new SyntheticActions(4, 0, 1, 64, 0));
    assertThrows(IllegalArgumentException.class, () -> new SyntheticActions(4, 2, 1, 65, 0));
  }
}
