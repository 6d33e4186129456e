package dev.tenzing.tools.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CandidateTest {
  @Test
  void aScoreIsShownInPerCentBeforeTheName() {
    assertEquals(" 62.5 %  left", new Candidate(3, "left", 0.625).text());
    assertEquals("100.0 %  class 3", new Candidate(3, null, 1).text());
  }
}
