package dev.tenzing.everest.masking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every plan of every rule promises: counts, order, disjointness, determinism. */
class MaskingTest {
  private static final int BATCH = 3;

  static List<Arguments> rulesAndGrids() {
    List<TokenMask> masks =
        List.of(
            new RandomMask(0.75), new TubeMask(0.75), new FrameMask(0.5), new RunningCellMask(0.5));
    List<Masking> rules = new ArrayList<>();
    for (TokenMask encoder : masks) {
      rules.add(new DualMask(encoder, null));
      masks.forEach(decoder -> rules.add(new DualMask(encoder, decoder)));
    }
    for (double removed : new double[] {0, 0.4, 0.7}) {
      rules.add(new SelectionMasking(new ReRoSelection(removed), 0.75));
    }
    List<Arguments> all = new ArrayList<>();
    for (Masking rule : rules) {
      for (TokenGrid grid :
          List.of(new TokenGrid(8, 4, 4), new TokenGrid(3, 5, 3), new TokenGrid(10, 3, 4))) {
        all.add(Arguments.of(rule, grid));
      }
    }
    return all;
  }

  private static Masking.Draw draw(long seed, long step, long first) {
    return new Masking.Draw(Rng.seed(seed), step, first);
  }

  private static Tensor tokens(Device device, TokenGrid grid) {
    float[] values = new float[BATCH * grid.tokens() * 5];
    Rng.Stream random = Rng.seed(1).at(0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return device.tensor(Shape.of(BATCH, grid.tokens(), 5), values);
  }

  private static int[] sample(Tensor index, int b) {
    int count = (int) index.dim(1);
    return Arrays.copyOfRange(index.toInts(), b * count, (b + 1) * count);
  }

  private static void assertAscending(int[] tokens, int n) {
    assertEquals(tokens.length, new TreeSet<>(Arrays.stream(tokens).boxed().toList()).size());
    for (int i = 0; i < tokens.length; i++) {
      assertTrue(tokens[i] >= 0 && tokens[i] < n);
      assertTrue(i == 0 || tokens[i] > tokens[i - 1], () -> Arrays.toString(tokens));
    }
  }

  @ParameterizedTest
  @MethodSource("rulesAndGrids")
  void plansHoldWhatTheRuleCounts(Masking rule, TokenGrid grid) {
    try (Device device = Device.cpu(1);
        Scope scope = device.scope()) {
      rule.check(grid);
      TokenPlan plan = rule.plan(device, grid, tokens(device, grid), BATCH, draw(1, 2, 0));
      assertEquals(Shape.of(BATCH, rule.visibleTokens(grid)), plan.visible().shape());
      assertEquals(Shape.of(BATCH, rule.targetTokens(grid)), plan.target().shape());
      double weights = 0;
      for (int b = 0; b < BATCH; b++) {
        int[] visible = sample(plan.visible(), b);
        int[] target = sample(plan.target(), b);
        assertAscending(visible, grid.tokens());
        assertAscending(target, grid.tokens());
        for (int i = 0; i < target.length; i++) {
          boolean seen = Arrays.binarySearch(visible, target[i]) >= 0;
          if (plan.weight() == null) {
            assertFalse(seen, "token " + target[i] + " is both seen and predicted");
          } else {
            float weight = plan.weight().toFloats()[b * target.length + i];
            assertEquals(seen, weight == 0);
            weights += weight;
          }
        }
      }
      if (plan.weight() != null) {
        assertEquals(1, weights, 1e-5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rulesAndGrids")
  void aPlanDependsOnSeedStepAndSampleAlone(Masking rule, TokenGrid grid) {
    try (Device device = Device.cpu(1);
        Scope scope = device.scope()) {
      Tensor tokens = tokens(device, grid);
      TokenPlan plan = rule.plan(device, grid, tokens, BATCH, draw(1, 2, 0));
      TokenPlan again = rule.plan(device, grid, tokens, BATCH, draw(1, 2, 0));
      assertArrayEquals(plan.visible().toInts(), again.visible().toInts());
      assertArrayEquals(plan.target().toInts(), again.target().toInts());
      if (!rule.needsTokens()) {
        // The sample's index counts, not its place in the batch.
        TokenPlan shifted = rule.plan(device, grid, null, 1, draw(1, 2, 2));
        assertArrayEquals(sample(plan.visible(), 2), shifted.visible().toInts());
        assertArrayEquals(sample(plan.target(), 2), shifted.target().toInts());
      }
      boolean differs = false;
      for (Masking.Draw other : List.of(draw(9, 2, 0), draw(1, 3, 0), draw(1, 2, 3))) {
        differs |=
            !Arrays.equals(
                plan.visible().toInts(),
                rule.plan(device, grid, tokens, BATCH, other).visible().toInts());
      }
      assertTrue(differs);
    }
  }

  @Test
  void twoMasksOfOneKindDrawDifferently() {
    TokenGrid grid = new TokenGrid(8, 4, 4);
    try (Device device = Device.cpu(1);
        Scope scope = device.scope()) {
      TokenPlan plan =
          new DualMask(new RandomMask(0.5), new RandomMask(0.5))
              .plan(device, grid, null, 1, draw(1, 2, 0));
      int both = 0;
      for (int token : plan.target().toInts()) {
        both += Arrays.binarySearch(plan.visible().toInts(), token) >= 0 ? 1 : 0;
      }
      assertEquals(32, both, 12);
    }
  }

  @Test
  void theOfficialSettingsOnTheOfficialGrid() {
    TokenGrid grid = new TokenGrid(8, 14, 14);
    SelectionMasking everest = SelectionMasking.everest();
    assertEquals(156, everest.visibleTokens(grid));
    assertEquals(314, everest.targetTokens(grid));
    assertEquals(470, everest.selection().keptTokens(grid));
    assertEquals(940, ReRoSelection.finetuning().keptTokens(grid));
    DualMask v2 = new DualMask(new TubeMask(0.9), new RunningCellMask(0.5));
    assertEquals(160, v2.visibleTokens(grid));
    assertEquals(784, v2.targetTokens(grid));
  }

  @Test
  void selectionRanksTheLowerOfEqualTokensFirstInAnyNumberOfSlots() {
    try (Device device = Device.cpu(1);
        Scope scope = device.scope()) {
      for (int slots : new int[] {1, 2, 3, 12}) {
        TokenGrid grid = new TokenGrid(slots, 1, 3);
        // One place changes by 2 from slot to slot, the others not at all.
        float[] values = new float[grid.tokens()];
        for (int token = 0; token < values.length; token++) {
          values[token] = token % 3 == 1 ? 2 * (token / 3) : 7;
        }
        ReRoSelection selection = new ReRoSelection(0.5);
        Tensor tokens = device.tensor(Shape.of(1, grid.tokens(), 1), values);
        int[] ranked = selection.rank(selection.importance(grid, tokens)).toInts();
        List<Integer> expected = new ArrayList<>();
        for (int token = 0; slots > 1 && token < values.length; token++) {
          if (token % 3 == 1) {
            expected.add(token);
          }
        }
        for (int token = 0; token < values.length; token++) {
          if (!expected.contains(token)) {
            expected.add(token);
          }
        }
        assertArrayEquals(expected.stream().mapToInt(i -> i).toArray(), ranked, slots + " slots");
        assertEquals(
            grid.tokens() / 2,
            selection.kept(grid, selection.rank(selection.importance(grid, tokens))).dim(1));
      }
    }
  }

  @Test
  void aPlanOfMasksCountsWhatTheEncoderDoesNotSeeInTheWholeBatch() {
    boolean[] mask = {true, true, false, true, true, false, true, true};
    boolean[] decode = {true, false, false, true, false, true, false, true};
    try (Device device = Device.cpu(1);
        Scope scope = device.scope()) {
      TokenPlan plan = TokenPlan.fromMasks(device, mask, decode, 2);
      assertArrayEquals(new int[] {2, 1}, plan.visible().toInts());
      assertArrayEquals(new int[] {1, 2, 0, 2}, plan.target().toInts());
      float third = 1f / 3;
      assertArrayEquals(new float[] {third, 0, third, third}, plan.weight().toFloats());
      assertNull(TokenPlan.fromMask(device, mask, 2).weight());
      boolean[] uneven = {true, true, false, false, true, false, true, true};
      assertThrows(IllegalArgumentException.class, () -> TokenPlan.fromMask(device, uneven, 2));
      assertThrows(
          IllegalArgumentException.class, () -> TokenPlan.fromMasks(device, mask, uneven, 2));
      assertThrows(
          IllegalArgumentException.class,
          () -> TokenPlan.fromMasks(device, mask, new boolean[4], 2));
    }
  }

  @Test
  void masksThatLeaveNothingAreRefused() {
    TokenGrid small = new TokenGrid(2, 2, 2);
    for (Masking rule :
        List.of(
            new DualMask(new TubeMask(0.1), null),
            new DualMask(new FrameMask(0.4), new RandomMask(0.5)),
            SelectionMasking.everest())) {
      assertThrows(IllegalArgumentException.class, () -> rule.check(small), rule::toString);
    }
    TokenGrid place = new TokenGrid(1, 1, 1);
    assertThrows(
        IllegalArgumentException.class, () -> new DualMask(new RandomMask(0.5), null).check(place));
  }
}
