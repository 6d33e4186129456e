package dev.tenzing.tools.gallery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.everest.masking.TokenGrid;
import org.junit.jupiter.api.Test;

class PatchColorsTest {
  @Test
  void undoesTheNormalisationOfTargets() {
    float[] patch = {0.1f, 0.5f, 0.9f, 0.3f, 0.5f, 0.1f}; // two pixels
    PatchColors[] colors = PatchColors.of(patch, 2);
    assertArrayEquals(new double[] {0.2, 0.5, 0.5}, colors[0].mean(), 1e-6);
    assertArrayEquals(new double[] {Math.sqrt(0.02), 0, Math.sqrt(0.32)}, colors[0].spread(), 2e-6);
    float normalized = (float) ((0.3 - 0.2) / (Math.sqrt(0.02) + 1e-6));
    assertEquals(Math.round(255 * 0.3f), colors[0].toByte(normalized, 0));
    assertEquals(255, colors[0].toByte(100f, 0));
    assertEquals(0, colors[0].toByte(-100f, 0));
  }

  @Test
  void guessesFromTheNearestByInverseSquareOfDistance() {
    TokenGrid grid = new TokenGrid(1, 1, 8);
    int[] known = {0, 3, 4, 5, 7};
    PatchColors[] colors = new PatchColors[known.length];
    for (int i = 0; i < known.length; i++) {
      double red = known[i] == 0 ? 1000 : known[i]; // 0 is too far to count
      colors[i] = new PatchColors(new double[] {red, 0, 0}, new double[] {1, 1, 1});
    }
    PatchColors guess = PatchColors.interpolated(grid, 6, known, colors);
    double expected = (3 / 9.0 + 4 / 4.0 + 5 + 7) / (1 / 9.0 + 1 / 4.0 + 2);
    assertEquals(expected, guess.mean()[0], 1e-9);
    assertEquals(1, guess.spread()[2], 1e-9);
  }

  @Test
  void heatRunsFromDarkToLight() {
    assertEquals(0x000004, Heat.color(0));
    assertEquals(0xfcffa4, Heat.color(1));
    assertEquals(0xfcffa4, Heat.color(2));
    assertEquals(0x932667, Heat.color(0.4));
  }
}
