package dev.tenzing.tools;

import static dev.tenzing.tools.HouseClasses.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Keeps the pages readable: no line of text is longer than 100 characters, and every relative link
 * leads to a file that exists and, where it names one, to a heading in it.
 */
class DocumentationTest {
  private static final int WIDTH = 100;
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`[^`]*`");

  @Test
  void linesOfTextFitTheWidth() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path page : pages()) {
      for (Line line : text(page)) {
        boolean table = line.text().startsWith("|");
        if (!table && line.text().length() > WIDTH) {
          tooLong.add(line.place(page));
        }
      }
    }
    assertEquals(List.of(), tooLong, "lines of more than " + WIDTH + " characters");
  }

  @Test
  void relativeLinksLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages()) {
      for (Line line : text(page)) {
        var link = LINK.matcher(CODE.matcher(line.text()).replaceAll("`"));
        while (link.find()) {
          links++;
          if (!leadsSomewhere(page, link.group(1))) {
            broken.add(line.place(page) + ": " + link.group(1));
          }
        }
      }
    }
    assertEquals(List.of(), broken, "links to what is not there");
    assertFalse(links == 0, "no link was found");
  }

  @Test
  void headingsBecomeAnchorsAsOnAWebPage() {
    assertEquals("bf16-on-the-cpu", anchor("BF16 on the CPU"));
    assertEquals("whats---json", anchor("What's `--json`?"));
  }

  private static boolean leadsSomewhere(Path page, String link) throws IOException {
    if (link.matches("[a-z]+:.*")) {
      return true;
    }
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
    if (!Files.exists(target)) {
      return false;
    }
    return hash < 0
        || text(target).stream()
            .filter(line -> line.text().startsWith("#"))
            .anyMatch(line -> anchor(line.text()).equals(link.substring(hash + 1)));
  }

  private static String anchor(String heading) {
    return heading
        .replaceFirst("^#+", "")
        .strip()
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(Stream.of(ROOT.resolve("README.md")), docs)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  /** A line of a page, counted from 1. */
  private record Line(int number, String text) {
    String place(Path page) {
      return ROOT.relativize(page) + ":" + number;
    }
  }

  /** The lines of a page without its blocks of code. */
  private static List<Line> text(Path page) throws IOException {
    List<Line> lines = new ArrayList<>();
    boolean code = false;
    int number = 0;
    for (String line : Files.readAllLines(page)) {
      number++;
      if (line.strip().startsWith("```")) {
        code = !code;
      } else if (!code) {
        lines.add(new Line(number, line));
      }
    }
    return lines;
  }
}
