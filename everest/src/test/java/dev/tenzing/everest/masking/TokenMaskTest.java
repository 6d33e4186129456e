package dev.tenzing.everest.masking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Rng;
import dev.tenzing.engine.io.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The masks against the official code's counts and maps, and what holds for every draw. */
class TokenMaskTest {
  private static final List<TokenGrid> GRIDS =
      List.of(
          new TokenGrid(8, 14, 14),
          new TokenGrid(8, 7, 7),
          new TokenGrid(8, 1, 5),
          new TokenGrid(4, 4, 6),
          new TokenGrid(5, 3, 4),
          new TokenGrid(6, 5, 3),
          new TokenGrid(1, 4, 4));

  static List<Arguments> masksAndGrids() {
    List<Arguments> all = new ArrayList<>();
    for (double ratio : new double[] {0.25, 0.5, 0.75}) {
      for (TokenGrid grid : GRIDS) {
        all.add(Arguments.of(new RandomMask(ratio), grid));
        all.add(Arguments.of(new TubeMask(ratio), grid));
        all.add(Arguments.of(new FrameMask(ratio), grid));
        all.add(Arguments.of(new RunningCellMask(ratio), grid));
      }
    }
    return all;
  }

  private static Map<String, Object> official() throws IOException {
    try (InputStream in = TokenMaskTest.class.getResourceAsStream("/masking/masks.json")) {
      return Json.parseObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> rows(String key) throws IOException {
    return (List<Map<String, Object>>) official().get(key);
  }

  private static TokenGrid grid(Map<String, Object> row) {
    List<?> sides = (List<?>) row.get("grid");
    return new TokenGrid(number(sides.get(0)), number(sides.get(1)), number(sides.get(2)));
  }

  private static int number(Object value) {
    return ((Number) value).intValue();
  }

  private static double ratio(Map<String, Object> row) {
    return ((Number) row.get("ratio")).doubleValue();
  }

  private static Rng.Stream stream(long sample) {
    return Rng.seed(3).purpose("test").at(7, sample);
  }

  private static int count(boolean[] mask) {
    int count = 0;
    for (boolean masked : mask) {
      count += masked ? 1 : 0;
    }
    return count;
  }

  private static int count(boolean[] mask, TokenGrid grid, int slot) {
    int from = slot * grid.perSlot();
    return count(Arrays.copyOfRange(mask, from, from + grid.perSlot()));
  }

  @Test
  void masksAsManyAsTheOfficialCode() throws IOException {
    List<Map<String, Object>> tubes = rows("tube_counts");
    assertEquals(30, tubes.size());
    for (Map<String, Object> row : tubes) {
      TubeMask mask = new TubeMask(ratio(row));
      assertEquals(number(row.get("masked_total")), mask.masked(grid(row)), row::toString);
      assertEquals(
          number(row.get("masked_per_frame")),
          count(mask.draw(grid(row), stream(0)), grid(row), 0),
          row::toString);
    }
    List<Map<String, Object>> randoms = rows("random_counts");
    assertEquals(30, randoms.size());
    for (Map<String, Object> row : randoms) {
      assertEquals(
          number(row.get("masked_total")),
          new RandomMask(ratio(row)).masked(grid(row)),
          row::toString);
    }
    TokenGrid whole = new TokenGrid(8, 14, 14);
    assertEquals(
        number(official().get("running_cell_14x14_ratio0.5_decoded_total")),
        whole.tokens() - new RunningCellMask(0.5).masked(whole));
  }

  @Test
  void runningCellsAreTheOfficialMaps() throws IOException {
    List<Map<String, Object>> rows = rows("running_cell");
    assertEquals(6, rows.size());
    for (Map<String, Object> row : rows) {
      TokenGrid grid = grid(row);
      List<?> phases = (List<?>) row.get("phases");
      assertEquals(RunningCellMask.PHASES, phases.size());
      for (int phase = 0; phase < phases.size(); phase++) {
        List<?> slots = (List<?>) phases.get(phase);
        boolean[] mask = new RunningCellMask(ratio(row)).phase(grid, phase);
        for (int token = 0; token < mask.length; token++) {
          Object value = ((List<?>) slots.get(token / grid.perSlot())).get(token % grid.perSlot());
          assertEquals(number(value) == 1, mask[token], row.get("ratio") + " token " + token);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("masksAndGrids")
  void everyDrawMasksAsManyAndDependsOnItsPlaceAlone(TokenMask mask, TokenGrid grid) {
    Set<String> different = new HashSet<>();
    for (int sample = 0; sample < 40; sample++) {
      boolean[] drawn = mask.draw(grid, stream(sample));
      assertEquals(grid.tokens(), drawn.length);
      assertEquals(mask.masked(grid), count(drawn), "sample " + sample);
      assertArrayEquals(drawn, mask.draw(grid, stream(sample)));
      different.add(Arrays.toString(drawn));
    }
    if (mask.masked(grid) > 0 && grid.perSlot() > 4 && grid.slots() > 1) {
      assertTrue(different.size() >= 4, different.size() + " different masks of 40");
    }
  }

  @ParameterizedTest
  @MethodSource("masksAndGrids")
  void tokensAreMaskedEquallyOften(TokenMask mask, TokenGrid grid) {
    int draws = 400;
    int[] masked = new int[grid.tokens()];
    for (int sample = 0; sample < draws; sample++) {
      boolean[] drawn = mask.draw(grid, stream(sample));
      for (int token = 0; token < drawn.length; token++) {
        masked[token] += drawn[token] ? 1 : 0;
      }
    }
    // On grids that cut the last cells, further tokens are masked than the ratio says.
    double share = (double) mask.masked(grid) / grid.tokens();
    double slack = mask instanceof RunningCellMask && share != mask.ratio() ? 0.3 : 0.13;
    for (int token = 0; token < masked.length; token++) {
      assertEquals(share, (double) masked[token] / draws, slack, "token " + token);
    }
  }

  @Test
  void aTubeIsTheSameInEverySlotAndAFrameIsWhole() {
    TokenGrid grid = new TokenGrid(5, 3, 4);
    boolean[] tube = new TubeMask(0.5).draw(grid, stream(1));
    boolean[] frame = new FrameMask(0.5).draw(grid, stream(1));
    int wholeSlots = 0;
    for (int slot = 0; slot < 5; slot++) {
      for (int place = 0; place < 12; place++) {
        assertEquals(tube[place], tube[slot * 12 + place]);
        assertEquals(frame[slot * 12], frame[slot * 12 + place]);
      }
      wholeSlots += frame[slot * 12] ? 1 : 0;
    }
    assertEquals(2, wholeSlots);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.25, 0.5, 0.75})
  void runningCellsDrawEveryPhaseAndMaskEveryPlaceEquallyOftenInFourSlots(double ratio) {
    RunningCellMask mask = new RunningCellMask(ratio);
    TokenGrid even = new TokenGrid(8, 4, 6);
    Set<Integer> phases = new HashSet<>();
    for (int sample = 0; sample < 64; sample++) {
      boolean[] drawn = mask.draw(even, stream(sample));
      for (int phase = 0; phase < RunningCellMask.PHASES; phase++) {
        if (Arrays.equals(drawn, mask.phase(even, phase))) {
          phases.add(phase);
        }
      }
    }
    assertEquals(Set.of(0, 1, 2, 3), phases);
    TokenGrid odd = new TokenGrid(4, 3, 5);
    for (int phase = 0; phase < RunningCellMask.PHASES; phase++) {
      boolean[] one = mask.phase(odd, phase);
      for (int place = 0; place < odd.perSlot(); place++) {
        int slots = 0;
        for (int slot = 0; slot < 4; slot++) {
          slots += one[slot * odd.perSlot() + place] ? 1 : 0;
        }
        assertEquals(4 * ratio, slots);
      }
    }
  }

  @Test
  void aPhaseThatMasksFewerOfAnOddGridMasksFurtherTokensAndDropsNone() {
    RunningCellMask mask = new RunningCellMask(0.5);
    TokenGrid grid = new TokenGrid(6, 7, 7);
    for (int sample = 0; sample < 16; sample++) {
      boolean[] drawn = mask.draw(grid, stream(sample));
      boolean contained = false;
      for (int phase = 0; phase < RunningCellMask.PHASES; phase++) {
        boolean[] map = mask.phase(grid, phase);
        boolean inside = true;
        for (int token = 0; token < map.length; token++) {
          inside &= drawn[token] || !map[token];
        }
        contained |= inside;
      }
      assertTrue(contained, "sample " + sample);
    }
  }

  @Test
  void specsReadBack() {
    for (String spec : List.of("running-cell:0.25", "frame:0.5", "random:0.9", "tube:0.75")) {
      assertEquals(spec, TokenMask.parse(spec).spec());
    }
    assertEquals(new RunningCellMask(0.5), TokenMask.parse("running-cell:0.5"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "running-cell",
        "cell:0.5",
        "frame:",
        "frame:x",
        "frame:1",
        "random:0",
        "tube:-1",
        "random:NaN",
        "running-cell:0.6",
        "",
        ":0.5"
      })
  void badSpecsAreOneSentence(String spec) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> TokenMask.parse(spec)).getMessage();
    assertFalse(message.isBlank() || message.contains("\n"), message);
  }
}
