package dev.tenzing.tools.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A line chart as inline SVG. Its colours are classes of the report's style sheet, so that it
 * follows the reader's light or dark setting.
 *
 * <p>Points that cannot be drawn (not finite, or not positive on a logarithmic axis) are left out.
 * A long, noisy series is averaged down and drawn twice: faint as it is, and bold smoothed.
 */
public final class SvgChart {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 300;
  private static final int LEFT = 58;
  private static final int RIGHT = 22;
  private static final int TOP = 12;
  private static final int BOTTOM = 42;

  /** Colours in the style sheet. */
  private static final int COLORS = 6;

  /** More points than this cannot be told apart at this width. */
  private static final int MAX_POINTS = 400;

  /** From this many points on, a smoothed line is drawn over the raw one. */
  private static final int SMOOTHED = 60;

  private record Point(double x, double y) {}

  private record Series(String name, List<Point> points) {}

  private final String title;
  private final String xLabel;
  private final String yLabel;
  private final List<Series> series = new ArrayList<>();
  private boolean logY;

  /** An empty chart. */
  public SvgChart(String title, String xLabel, String yLabel) {
    this.title = title;
    this.xLabel = xLabel;
    this.yLabel = yLabel;
  }

  /** Adds a line through the points (x[i], y[i]), in the order given. */
  public SvgChart series(String name, double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "series " + name + " has " + x.length + " x and " + y.length + " y values");
    }
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < x.length; i++) {
      points.add(new Point(x[i], y[i]));
    }
    series.add(new Series(name, points));
    return this;
  }

  /** Makes the y axis logarithmic. */
  public SvgChart logY() {
    logY = true;
    return this;
  }

  /** Its heading. */
  String title() {
    return title;
  }

  /** The chart as an {@code <svg>} element with its legend below. */
  public String toSvg() {
    List<Series> drawn =
        series.stream()
            .map(line -> new Series(line.name, average(drawable(line.points), MAX_POINTS)))
            .toList();
    List<Point> all = drawn.stream().flatMap(line -> line.points.stream()).toList();
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg class=\"chart\" viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\">%n"
            .formatted(WIDTH, HEIGHT, Markup.escape(title)));
    if (all.isEmpty()) {
      svg.append(text(WIDTH / 2, HEIGHT / 2, "middle", "no points to draw"));
    } else {
      Axis x = Axis.tight(least(all, Point::x), most(all, Point::x));
      Axis y =
          logY
              ? Axis.logarithmic(least(all, Point::y), most(all, Point::y))
              : Axis.linear(least(all, Point::y), most(all, Point::y));
      grid(svg, x, y);
      for (int i = 0; i < drawn.size(); i++) {
        lines(svg, drawn.get(i).points, i % COLORS, x, y);
      }
    }
    return svg.append("</svg>\n").append(legend(drawn)).toString();
  }

  private List<Point> drawable(List<Point> points) {
    return points.stream()
        .filter(point -> Double.isFinite(point.x) && Double.isFinite(point.y))
        .filter(point -> !logY || point.y > 0)
        .toList();
  }

  private void grid(StringBuilder svg, Axis x, Axis y) {
    List<String> yLabels = y.labels();
    for (int i = 0; i < yLabels.size(); i++) {
      int at = yPixel(y, y.ticks().get(i));
      svg.append("<path class=\"grid\" d=\"M%s %sH%s\"/>%n".formatted(LEFT, at, WIDTH - RIGHT));
      svg.append(text(LEFT - 8, at + 4, "end", yLabels.get(i)));
    }
    List<String> xLabels = x.labels();
    for (int i = 0; i < xLabels.size(); i++) {
      int at = xPixel(x, x.ticks().get(i));
      svg.append("<path class=\"grid\" d=\"M%s %sv5\"/>%n".formatted(at, HEIGHT - BOTTOM));
      svg.append(text(at, HEIGHT - BOTTOM + 18, "middle", xLabels.get(i)));
    }
    svg.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "middle", xLabel));
    svg.append(
        "<text transform=\"translate(13 %s) rotate(-90)\" text-anchor=\"middle\">%s</text>%n"
            .formatted((TOP + HEIGHT - BOTTOM) / 2, Markup.escape(yLabel)));
  }

  private static void lines(StringBuilder svg, List<Point> points, int color, Axis x, Axis y) {
    if (points.size() == 1) {
      svg.append(
          "<circle class=\"dot c%s\" cx=\"%s\" cy=\"%s\" r=\"4\"/>%n"
              .formatted(color, xPixel(x, points.getFirst().x), yPixel(y, points.getFirst().y)));
    } else if (points.size() < SMOOTHED) {
      svg.append(polyline("line c" + color, points, x, y));
    } else {
      svg.append(polyline("line faint c" + color, points, x, y));
      svg.append(polyline("line c" + color, smooth(points, points.size() / 30), x, y));
    }
  }

  private static String polyline(String style, List<Point> points, Axis x, Axis y) {
    StringBuilder path = new StringBuilder();
    for (Point point : points) {
      path.append(path.isEmpty() ? "M" : " ");
      path.append(String.format(Locale.ROOT, "%.1f %.1f", xAt(x, point.x), yAt(y, point.y)));
    }
    return "<path class=\"%s\" d=\"%s\"/>%n".formatted(style, path);
  }

  /** Means of groups of neighbours, so that at most {@code count} points are left. */
  private static List<Point> average(List<Point> points, int count) {
    if (points.size() <= count) {
      return points;
    }
    List<Point> means = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) i * points.size() / count);
      int to = (int) ((long) (i + 1) * points.size() / count);
      means.add(mean(points.subList(from, to)));
    }
    return means;
  }

  /** Each point's y averaged with its {@code reach} neighbours on either side. */
  private static List<Point> smooth(List<Point> points, int reach) {
    List<Point> smoothed = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      int near = Math.min(reach, Math.min(i, points.size() - 1 - i));
      double y = mean(points.subList(i - near, i + near + 1)).y;
      smoothed.add(new Point(points.get(i).x, y));
    }
    return smoothed;
  }

  private static Point mean(List<Point> points) {
    return new Point(
        points.stream().mapToDouble(Point::x).average().orElseThrow(),
        points.stream().mapToDouble(Point::y).average().orElseThrow());
  }

  private static double least(List<Point> points, ToDoubleFunction<Point> of) {
    return points.stream().mapToDouble(of).min().orElseThrow();
  }

  private static double most(List<Point> points, ToDoubleFunction<Point> of) {
    return points.stream().mapToDouble(of).max().orElseThrow();
  }

  private static double xAt(Axis x, double value) {
    return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double yAt(Axis y, double value) {
    return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - BOTTOM - TOP);
  }

  private static int xPixel(Axis x, double value) {
    return (int) Math.round(xAt(x, value));
  }

  private static int yPixel(Axis y, double value) {
    return (int) Math.round(yAt(y, value));
  }

  private static String text(int x, int y, String anchor, String text) {
    return "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>%n"
        .formatted(x, y, anchor, Markup.escape(text));
  }

  /** Names beside their colours, with the last value of each series. */
  private static String legend(List<Series> drawn) {
    StringBuilder html = new StringBuilder("<ul class=\"legend\">\n");
    for (int i = 0; i < drawn.size(); i++) {
      List<Point> points = drawn.get(i).points;
      String last = points.isEmpty() ? "" : Axis.label(points.getLast().y);
      html.append(
          "<li class=\"c%s\">%s <b>%s</b></li>%n"
              .formatted(i % COLORS, Markup.escape(drawn.get(i).name), last));
    }
    return html.append("</ul>\n").toString();
  }
}
