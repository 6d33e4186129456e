package dev.tenzing.tools.command;

import java.util.Locale;

/**
 * A class that a video may have.
 *
 * @param name null when unknown
 * @param score probability, the mean of the views
 */
record Candidate(int label, String name, double score) {
  /** For people. */
  String text() {
    String shown = name == null ? "class " + label : name;
    return String.format(Locale.ROOT, "%5.1f %%  %s", 100 * score, shown);
  }
}
