package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ClipRateTest {
  private long nanos;

  @Test
  void theFirstStepsDoNotCountUnlessThereAreNoOthers() {
    ClipRate rate = new ClipRate(() -> nanos);
    assertEquals(0, rate.clipsPerSecond());
    for (int step = 0; step < 3; step++) {
      nanos += 10_000_000_000L;
      rate.add(5);
    }
    assertEquals(0.5, rate.clipsPerSecond());
    for (int step = 0; step < 4; step++) {
      nanos += 500_000_000L;
      rate.add(5);
      assertEquals(10, rate.clipsPerSecond());
    }
    nanos += 7_000_000_000L; // What comes after the last step is not of it.
    assertEquals(10, rate.clipsPerSecond());
  }
}
