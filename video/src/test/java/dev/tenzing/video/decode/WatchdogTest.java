package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static final long SECOND = 1_000_000_000L;

  /** A process that was stopped for minutes comes back to a clock that has run on. */
  @Test
  void aStoppedProcessIsNoStall() {
    long left = Watchdog.left(30 * SECOND, 420 * SECOND);
    assertEquals(25 * SECOND, left);
    for (int look = 0; look < 6; look++) {
      left = Watchdog.left(left, 420 * SECOND);
    }
    assertTrue(left < 0, "one that never comes back to its work is given up all the same");
  }

  @Test
  void timeThatIsWatchedCountsInFull() {
    assertEquals(26 * SECOND, Watchdog.left(30 * SECOND, 4 * SECOND));
  }

  @Test
  void patienceEndsAndStartsAnewWithEveryFrame() throws InterruptedException {
    try (Watchdog watchdog = new Watchdog(1_000_000)) {
      Thread.sleep(5);
      assertTrue(watchdog.expired());
      assertTrue(watchdog.expired());
    }
    try (Watchdog watchdog = new Watchdog(3600 * SECOND)) {
      assertFalse(watchdog.expired());
      watchdog.progress();
      assertFalse(watchdog.expired());
    }
  }
}
