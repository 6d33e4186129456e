package dev.tenzing.tools.picture;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Short captions inside pictures: capital letters, digits and a few signs of 5 x 7 dots. */
public final class Lettering {
  private static final int WIDTH = 5;
  private static final int HEIGHT = 7;

  /** Side of a dot in pixels. */
  private static final int DOT = 2;

  /** A glyph a line: its character and its rows from the top, bit 4 being the leftmost dot. */
  private static final String GLYPHS =
      """
      A 0e 11 11 1f 11 11 11
      B 1e 11 11 1e 11 11 1e
      C 0e 11 10 10 10 11 0e
      D 1e 11 11 11 11 11 1e
      E 1f 10 10 1e 10 10 1f
      F 1f 10 10 1e 10 10 10
      G 0e 11 10 17 11 11 0f
      H 11 11 11 1f 11 11 11
      I 0e 04 04 04 04 04 0e
      J 07 02 02 02 02 12 0c
      K 11 12 14 18 14 12 11
      L 10 10 10 10 10 10 1f
      M 11 1b 15 15 11 11 11
      N 11 19 15 13 11 11 11
      O 0e 11 11 11 11 11 0e
      P 1e 11 11 1e 10 10 10
      Q 0e 11 11 11 15 12 0d
      R 1e 11 11 1e 14 12 11
      S 0f 10 10 0e 01 01 1e
      T 1f 04 04 04 04 04 04
      U 11 11 11 11 11 11 0e
      V 11 11 11 11 11 0a 04
      W 11 11 11 15 15 15 0a
      X 11 11 0a 04 0a 11 11
      Y 11 11 0a 04 04 04 04
      Z 1f 01 02 04 08 10 1f
      0 0e 11 13 15 19 11 0e
      1 04 0c 04 04 04 04 0e
      2 0e 11 01 06 08 10 1f
      3 1f 02 04 02 01 11 0e
      4 02 06 0a 12 1f 02 02
      5 1f 10 1e 01 01 11 0e
      6 06 08 10 1e 11 11 0e
      7 1f 01 02 04 08 08 08
      8 0e 11 11 0e 11 11 0e
      9 0e 11 11 0f 01 02 0c
      . 00 00 00 00 00 0c 0c
      , 00 00 00 00 0c 04 08
      : 00 0c 0c 00 0c 0c 00
      ( 02 04 08 08 08 04 02
      ) 08 04 02 02 02 04 08
      % 18 19 02 04 08 13 03
      - 00 00 00 1f 00 00 00
      / 00 01 02 04 08 10 00
      ? 0e 11 01 02 04 00 04
      """;

  private static final Map<Integer, int[]> ROWS = rows();

  private Lettering() {}

  private static Map<Integer, int[]> rows() {
    Map<Integer, int[]> rows = new HashMap<>();
    GLYPHS
        .lines()
        .map(line -> line.split(" "))
        .forEach(parts -> {
          int[] glyph = new int[HEIGHT];
          for (int y = 0; y < HEIGHT; y++) {
            glyph[y] = Integer.parseInt(parts[y + 1], 16);
          }
          rows.put(parts[0].codePointAt(0), glyph);
        });
    rows.put((int) ' ', new int[HEIGHT]);
    return rows;
  }

  /** A line of text, dark on white; letters become capitals, characters it lacks question marks. */
  public static Picture of(String text) {
    int[] characters = text.toUpperCase(Locale.ROOT).codePoints().toArray();
    Picture line = new Picture(Math.max(1, characters.length * (WIDTH + 1)), HEIGHT + 2);
    line.fill(0, 0, line.width(), line.height(), 0xffffff);
    for (int i = 0; i < characters.length; i++) {
      int[] glyph = ROWS.getOrDefault(characters[i], ROWS.get((int) '?'));
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          if ((glyph[y] >> (WIDTH - 1 - x) & 1) == 1) {
            line.set(i * (WIDTH + 1) + x, y + 1, 0x202020);
          }
        }
      }
    }
    return line.enlarged(DOT);
  }
}
