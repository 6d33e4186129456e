package dev.tenzing.tools.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.task.classification.Views;
import dev.tenzing.tools.cli.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of an evaluation, and how its views are asked for. */
class EvaluationOutputTest {
  private static final EvaluationResult RESULT =
      new EvaluationResult(8, 2, 0.625, 0.875, 1.5, new int[][] {{3, 1}, {2, 2}}, "2x3 views");

  @Test
  void aLineForPeople() {
    assertEquals(
        "top-1 62.50 %, top-5 87.50 % of 8 videos (2x3 views), 2 skipped", RESULT.toLine());
  }

  @Test
  void anObjectForPrograms() {
    assertEquals(
        "{\"top1\":0.625,\"top5\":0.875,\"videos\":8,\"skipped\":2,\"loss\":1.5,"
            + "\"protocol\":\"2x3 views\",\"confusion\":[[3,1],[2,2]]}",
        Json.write(EvaluationRun.toMap(RESULT)).replaceAll("([,:]) ", "$1"));
  }

  @Test
  void viewsAreSegmentsTimesCrops() {
    assertEquals(new Views(5, 3), Views.parse("5x3"));
    assertEquals(new Views(10, 1), Views.parse("10x1"));
    assertEquals(15, Views.parse("5x3").count());
    assertEquals("5x3", Views.parse("5x3").toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "x3", "0x3", "5x0", "3x5", "5x2", "5X3", "100x3", "5x3x1", "-5x3"})
  void otherViewsAreRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Views.parse(text));
  }
}
