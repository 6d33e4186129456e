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
