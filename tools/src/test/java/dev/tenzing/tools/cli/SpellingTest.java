package dev.tenzing.tools.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
  private static final List<String> OPTIONS =
      List.of("--epochs", "--batch", "--mask-ratio", "--lr");

  @ParameterizedTest
  @CsvSource({
    "--epoch, --epochs",
    "--bacth, --batch",
    "--mask, --mask-ratio",
    "--rl, --lr",
  })
  void theNearestIsOffered(String written, String meant) {
    assertEquals("; did you mean " + meant + "?", Spelling.suggestion(written, OPTIONS));
  }

  @Test
  void nothingIsOfferedForSomethingElse() {
    assertEquals("", Spelling.suggestion("--frobnicate", OPTIONS));
    assertEquals("", Spelling.suggestion("--x", List.of()));
    String endless = "-".repeat(1 << 20);
    assertEquals("", Spelling.suggestion(endless, List.of("x" + endless)));
  }

  @Test
  void distances() {
    assertEquals(0, Spelling.distance("abc", "abc"));
    assertEquals(3, Spelling.distance("", "abc"));
    assertEquals(1, Spelling.distance("abcd", "acbd"));
    assertEquals(2, Spelling.distance("abc", "xbcd"));
  }
}
