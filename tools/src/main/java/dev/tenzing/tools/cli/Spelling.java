package dev.tenzing.tools.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;

/** Finds what someone meant to write. */
public final class Spelling {
  /** Nobody meant a name and wrote more than this; comparing takes the product of lengths. */
  private static final int LONGEST = 100;

  private Spelling() {}

  /**
   * {@code "; did you mean X?"} for a candidate that begins so or is spelt nearly so, or nothing
   * when there is none.
   */
  public static String suggestion(String written, Collection<String> candidates) {
    Predicate<String> begins = name -> written.length() > 3 && name.startsWith(written);
    return candidates.stream()
        .filter(begins)
        .findFirst()
        .or(() -> nearest(written, candidates))
        .map(meant -> "; did you mean " + meant + "?")
        .orElse("");
  }

  private static Optional<String> nearest(String written, Collection<String> candidates) {
    if (written.length() > LONGEST) {
      return Optional.empty();
    }
    return candidates.stream()
        .min(Comparator.comparingInt(name -> distance(written, name)))
        .filter(name -> distance(written, name) <= Math.max(1, written.length() / 3));
  }

  /** Insertions, deletions, replacements and swaps of neighbours that turn one into the other. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replace = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replace, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], 1 + d[i - 2][j - 2]);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
