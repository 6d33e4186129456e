package dev.tenzing.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Interpolated positions; values of PyTorch are replayed by the verifier's test. */
class PositionInterpolationTest {
  @Test
  void theSameSizeChangesNothing() {
    float[] positions = TestDevices.normal(1, 2 * 3 * 5 * 4);
    assertArrayEquals(positions, PositionInterpolation.spatial(positions, 2, 3, 5, 3, 5), 1e-7f);
    assertArrayEquals(positions, PositionInterpolation.temporal(positions, 2, 15, 2), 1e-7f);
  }

  @Test
  void constantsStayConstantOnAnyGrid() {
    float[] positions = new float[2 * 3 * 5];
    Arrays.fill(positions, 0.75f);
    float[] spatial = PositionInterpolation.spatial(positions, 2, 3, 5, 7, 2);
    float[] temporal = PositionInterpolation.temporal(positions, 2, 15, 5);
    assertEquals(2 * 7 * 2, spatial.length);
    assertEquals(5 * 15, temporal.length);
    for (float value : spatial) {
      assertEquals(0.75f, value, 1e-7f);
    }
    for (float value : temporal) {
      assertEquals(0.75f, value, 1e-7f);
    }
  }

  /** Values of torch.nn.functional.interpolate with align_corners=False. */
  @Test
  void followsPyTorchAlongOneAxis() {
    float[] line = {1, 4, 2, 8};
    assertArrayEquals(
        new float[] {1, 1.75f, 3.25f, 3.5f, 2.5f, 3.5f, 6.5f, 8},
        PositionInterpolation.temporal(line, 4, 1, 8),
        1e-6f);
    assertArrayEquals(
        new float[] {0.7395835f, 2.6875f, 3.8692126f, 1.8182869f, 4.8125f, 8.520833f},
        PositionInterpolation.spatial(line, 1, 1, 4, 1, 6),
        1e-6f);
  }

  @Test
  void refusesWhatIsNoWholeNumberOfPositions() {
    assertThrows(
        IllegalArgumentException.class,
        () -> PositionInterpolation.temporal(new float[7], 2, 2, 4));
  }
}
