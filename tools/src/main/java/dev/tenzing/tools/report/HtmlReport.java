package dev.tenzing.tools.report;

import dev.tenzing.engine.io.AtomicFile;
import dev.tenzing.tools.picture.Picture;
import dev.tenzing.tools.picture.Png;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One self-contained page of HTML, built from top to bottom: each call adds to its end. It loads
 * nothing, runs nothing, and follows the reader's light or dark setting.
 */
public final class HtmlReport {
  private final StringBuilder body = new StringBuilder();
  private final String title;

  /**
   * A page with a heading.
   *
   * @param lead a sentence or two below it
   */
  public HtmlReport(String title, String lead) {
    this.title = title;
    body.append("<header><h1>%s</h1><p>%s</p></header>%n".formatted(safe(title), safe(lead)));
  }

  /** Begins a section. */
  public HtmlReport section(String heading) {
    body.append("<h2>").append(safe(heading)).append("</h2>\n");
    return this;
  }

  /** Adds a paragraph. */
  public HtmlReport text(String paragraph) {
    body.append("<p>").append(safe(paragraph)).append("</p>\n");
    return this;
  }

  /**
   * Adds the few numbers that matter, large.
   *
   * @param numbers their names and values, such as {@code top-1} and {@code 71.2 %}
   */
  public HtmlReport numbers(Map<String, String> numbers) {
    body.append("<dl class=\"numbers\">\n");
    numbers.forEach((name, value) ->
        body.append("<div><dt>%s</dt><dd>%s</dd></div>%n".formatted(safe(name), safe(value))));
    body.append("</dl>\n");
    return this;
  }

  /** Adds a chart with its title. */
  public HtmlReport chart(SvgChart chart) {
    body.append("<figure><h3>%s</h3>%n".formatted(safe(chart.title())));
    body.append(chart.toSvg()).append("</figure>\n");
    return this;
  }

  /** Adds a picture at its own size, or the page's width if that is less. */
  public HtmlReport picture(Picture picture, String caption) {
    String png = Base64.getEncoder().encodeToString(Png.encode(picture));
    body.append(
        "<figure><img src=\"data:image/png;base64,%s\" width=\"%s\" height=\"%s\" alt=\"%s\">"
            .formatted(png, picture.width(), picture.height(), safe(caption)));
    body.append("<figcaption>").append(safe(caption)).append("</figcaption></figure>\n");
    return this;
  }

  /**
   * Adds a confusion matrix, shaded by each row's shares.
   *
   * @param classes names of the K classes
   * @param counts [K, K]: row the true class, column the predicted one
   */
  public HtmlReport confusion(List<String> classes, long[][] counts) {
    body.append(
        "<div class=\"scroll\"><table class=\"confusion\">\n<tr><th>true \\ predicted</th>");
    classes.forEach(name -> body.append("<th>").append(safe(name)).append("</th>"));
    body.append("<th>correct</th></tr>\n");
    for (int row = 0; row < counts.length; row++) {
      body.append("<tr><th>").append(safe(classes.get(row))).append("</th>");
      long total = 0;
      for (long count : counts[row]) {
        total += count;
      }
      for (int column = 0; column < counts[row].length; column++) {
        confusionCell(counts[row][column], total, row == column);
      }
      String correct = total == 0 ? "" : percent(counts[row][row], total);
      body.append("<td class=\"sum\">").append(correct).append("</td></tr>\n");
    }
    body.append("</table></div>\n");
    return this;
  }

  private void confusionCell(long count, long total, boolean correct) {
    long share = total == 0 ? 0 : Math.round(100.0 * count / total);
    body.append(
        "<td class=\"%s\" style=\"--share:%s%%\">%s</td>"
            .formatted(correct ? "right" : "wrong", share, count == 0 ? "" : count));
  }

  private static String percent(long part, long whole) {
    return String.format(Locale.ROOT, "%.0f %%", 100.0 * part / whole);
  }

  /** Adds names and values, such as the configuration of a run. */
  public HtmlReport table(Map<String, ?> rows) {
    body.append("<div class=\"scroll\"><table class=\"pairs\">\n");
    rows.forEach((name, value) ->
        body.append(
            "<tr><th>%s</th><td>%s</td></tr>%n"
                .formatted(safe(name), safe(String.valueOf(value)))));
    body.append("</table></div>\n");
    return this;
  }

  /**
   * Adds a table.
   *
   * @param header names of the columns
   * @param rows cells, as many in each row as columns
   */
  public HtmlReport table(List<String> header, List<List<String>> rows) {
    body.append("<div class=\"scroll\"><table>\n<tr>");
    header.forEach(name -> body.append("<th>").append(safe(name)).append("</th>"));
    body.append("</tr>\n");
    for (List<String> row : rows) {
      body.append("<tr>");
      row.forEach(cell -> body.append("<td>").append(safe(cell)).append("</td>"));
      body.append("</tr>\n");
    }
    body.append("</table></div>\n");
    return this;
  }

  /** The page. */
  public String toHtml() {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    <main>
    %s</main>
    </body>
    </html>
    """
        .formatted(safe(title), style(), body);
  }

  /** Writes the page to a file. */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, toHtml());
  }

  private static String style() {
    try (InputStream css = HtmlReport.class.getResourceAsStream("report.css")) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it is in the jar
    }
  }

  private static String safe(String text) {
    return Markup.escape(text);
  }
}
