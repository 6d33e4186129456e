package dev.tenzing.nn.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Schedules against the tables of the official {@code cosine_scheduler}. */
class CosineScheduleTest {
  @SuppressWarnings("unchecked")
  static final List<Map<String, Object>> CASES =
      (List<Map<String, Object>>)
          Golden.list(Golden.json("cosine-schedules.json"), "cosine_scheduler");

  private static CosineSchedule schedule(Map<String, Object> args) {
    return CosineSchedule.official(
        Golden.number(args, "base_value", Double.NaN),
        Golden.number(args, "final_value", Double.NaN),
        (int) Golden.number(args, "epochs", -1),
        (int) Golden.number(args, "niter_per_ep", -1),
        (int) Golden.number(args, "warmup_epochs", 0),
        (int) Golden.number(args, "warmup_steps", -1),
        Golden.number(args, "start_warmup_value", 0));
  }

  @ParameterizedTest
  @FieldSource("CASES")
  void equalsTheOfficialTable(Map<String, Object> table) {
    Map<String, Object> args = Golden.map(table, "args");
    if (table.containsKey("raises")) {
      var error = assertThrows(IllegalArgumentException.class, () -> schedule(args));
      assertEquals(
          "warm-up steps need at least one warm-up epoch, got 3 steps and no epoch",
          error.getMessage());
      return;
    }
    CosineSchedule schedule = schedule(args);
    assertEquals((long) Golden.number(table, "length", -1), schedule.steps());
    double[] values = Golden.doubles(table, "values");
    double[] steps =
        table.containsKey("index")
            ? Golden.doubles(table, "index")
            : LongStream.range(0, values.length).asDoubleStream().toArray();
    assertTrue(steps.length > 0 && steps.length == values.length);
    for (int i = 0; i < steps.length; i++) {
      assertEquals(values[i], schedule.at((long) steps[i]), 1e-12 * values[i], "step " + steps[i]);
    }
    if (table.containsKey("sum")) {
      double sum = LongStream.range(0, schedule.steps()).mapToDouble(schedule::at).sum();
      assertEquals(Golden.number(table, "sum", Double.NaN), sum, 1e-8);
    }
  }

  @Test
  void oneStepOfWarmupIsItsStart() {
    assertEquals(0.25, new CosineSchedule(1, 0, 4, 1, 0.25).at(0));
    assertEquals(1, new CosineSchedule(1, 0, 4, 1, 0.25).at(1));
  }

  @Test
  void theLastStepOfTheWarmupIsExactlyTheBase() {
    for (int warmup = 2; warmup < 50; warmup++) {
      CosineSchedule schedule = new CosineSchedule(0.1, 0, 100, warmup, 0.003);
      assertEquals(0.1, schedule.at(warmup - 1), "warm-up of " + warmup);
    }
  }

  @Test
  void aRunMayBeAllWarmupOrEmpty() {
    CosineSchedule schedule = CosineSchedule.ofSteps(1, 0, 5, 5);
    assertEquals(0.75, schedule.at(3));
    assertEquals(1, schedule.at(4));
    assertEquals(0, CosineSchedule.ofSteps(1, 0, 0, 0).steps());
    assertThrows(IllegalArgumentException.class, () -> CosineSchedule.ofSteps(1, 0, -1, -1));
    assertThrows(IllegalArgumentException.class, () -> CosineSchedule.ofSteps(1, 0, 5, -1));
  }

  @Test
  void noWarmupStepsMeanWarmupEpochs() {
    assertEquals(6, CosineSchedule.official(1, 0, 10, 3, 2, 0, 0).warmup());
    assertEquals(0, CosineSchedule.official(1, 0, 10, 3, 0, 0, 0).warmup());
    assertEquals(5, CosineSchedule.official(1, 0, 10, 3, 2, 5, 0).warmup());
  }

  @Test
  void refusesAWarmupLongerThanTheRun() {
    var error =
        assertThrows(IllegalArgumentException.class, () -> CosineSchedule.ofSteps(1e-3, 0, 10, 11));
    assertEquals("a warm-up of 11 steps does not fit into 10 steps", error.getMessage());
  }

  @Test
  void refusesAStepOutsideTheRun() {
    CosineSchedule schedule = CosineSchedule.ofSteps(1e-3, 0, 10, 2);
    var error = assertThrows(IllegalArgumentException.class, () -> schedule.at(10));
    assertEquals("step 10 is outside 0 to 9", error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> schedule.at(-1));
  }
}
