package dev.tenzing.everest.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class BudgetTest {
  @Test
  void anEpochDropsItsIncompleteStep() {
    Budget budget = Budget.epochs(3, 83, 8, 2);
    assertEquals(5, budget.stepsPerEpoch());
    assertEquals(15, budget.steps());
    assertEquals(16, budget.totalBatch());
  }

  @Test
  void ranksShareAStep() {
    Budget budget = Budget.epochs(3, 83, 8, 2, 4);
    assertEquals(64, budget.totalBatch());
    assertEquals(1, budget.stepsPerEpoch());
    assertEquals(3, budget.steps());
    assertEquals(2, Budget.steps(9, 64, 4, 2, 4).stepsPerEpoch());
    assertThrows(IllegalArgumentException.class, () -> Budget.steps(9, 64, 4, 2, 0));
  }

  @Test
  void aSetSmallerThanAStepStillMakesOne() {
    assertEquals(4, Budget.epochs(4, 3, 8, 1).steps());
  }

  @Test
  void nothingToDoIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Budget.epochs(0, 83, 8, 1));
    assertThrows(IllegalArgumentException.class, () -> Budget.steps(0, 83, 8, 1));
    assertThrows(IllegalArgumentException.class, () -> Budget.steps(5, 83, 0, 1));
  }
}
