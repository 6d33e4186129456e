package dev.tenzing.tools.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.tools.picture.Picture;
import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportTest {
  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader("<div>" + svg + "</div>")));
  }

  private static List<String> paths(String svg) throws Exception {
    var nodes = parse(svg).getElementsByTagName("path");
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> nodes.item(i).getAttributes())
        .filter(path -> path.getNamedItem("class").getNodeValue().contains("line"))
        .map(path -> path.getNamedItem("d").getNodeValue())
        .toList();
  }

  @Test
  void aChartDrawsItsPointsInThePlot() throws Exception {
    String svg =
        new SvgChart("Loss", "step", "loss")
            .series("a<b", new double[] {0, 50, 100}, new double[] {2, 1, 0})
            .toSvg();
    assertEquals(List.of("M58.0 12.0 338.0 135.0 618.0 258.0"), paths(svg));
    assertTrue(svg.contains("a&lt;b <b>0</b>"), svg);
  }

  @Test
  void pointsThatCannotBeDrawnAreLeftOut() throws Exception {
    double nan = Double.NaN;
    SvgChart chart =
        new SvgChart("Loss", "step", "loss")
            .series("a", new double[] {0, 1, 2, 3, 4}, new double[] {100, nan, 0, -1, 1});
    assertEquals(4, paths(chart.toSvg()).getFirst().split("[ M]").length / 2);
    assertEquals(List.of("M58.0 12.0 618.0 258.0"), paths(chart.logY().toSvg()));
  }

  @Test
  void emptyAndSinglePointChartsAreDrawn() throws Exception {
    String empty =
        new SvgChart("Loss", "step", "loss").series("a", new double[0], new double[0]).toSvg();
    assertTrue(empty.contains("no points to draw"));
    parse(empty);
    String single =
        new SvgChart("Loss", "step", "loss")
            .series("a", new double[] {5}, new double[] {0})
            .toSvg();
    assertEquals(1, parse(single).getElementsByTagName("circle").getLength());
  }

  @Test
  void longSeriesAreAveragedDownAndSmoothed() throws Exception {
    double[] x = IntStream.range(0, 100_000).asDoubleStream().toArray();
    double[] y = Arrays.stream(x).map(v -> 1 + (v % 2)).toArray();
    List<String> lines = paths(new SvgChart("L", "x", "y").series("a", x, y).toSvg());
    assertEquals(2, lines.size());
    assertEquals(400, lines.getFirst().split("[ M]").length / 2);
    assertTrue(String.join("", lines).length() < 20_000);
  }

  @Test
  void aPointStandsForTheMeanOfItsNeighbours() throws Exception {
    double[] x = IntStream.range(0, 100_000).asDoubleStream().toArray();
    // In each group of 250 the last alone is not 0.
    double[] y = Arrays.stream(x).map(v -> v % 250 == 249 ? 500 : 0).toArray();
    String svg = new SvgChart("L", "x", "y").series("a", x, y).toSvg();
    assertTrue(svg.contains("a <b>2</b>"), svg);
    String[] first = paths(svg).getFirst().split("[ M]");
    // Groups begin at 124.5 and end at 99,874.5, in a plot from 58 to 618.
    assertEquals("58.0", first[1]);
    assertEquals("618.0", first[first.length - 2]);
  }

  @Test
  void theLastColumnOfAConfusionIsTheShareOfItsRowThatIsRight() throws Exception {
    String html =
        new HtmlReport("run", "")
            .confusion(List.of("a", "b", "c"), new long[][] {{3, 1, 0}, {4, 1, 0}, {0, 0, 0}})
            .toHtml();
    List<String> sums =
        Pattern.compile("<td class=\"sum\">([^<]*)</td>")
            .matcher(html)
            .results()
            .map(match -> match.group(1))
            .toList();
    assertEquals(List.of("75 %", "20 %", ""), sums);
    assertTrue(html.contains("<td class=\"wrong\" style=\"--share:80%\">4</td>"), html);
    assertTrue(html.contains("<td class=\"right\" style=\"--share:20%\">1</td>"), html);
  }

  @Test
  void seriesOfUnequalLengthsAreAMistake() {
    SvgChart chart = new SvgChart("L", "x", "y");
    assertThrows(
        IllegalArgumentException.class, () -> chart.series("a", new double[2], new double[3]));
  }

  @Test
  void linearAxesMarkRoundNumbersAroundTheRange() {
    assertEquals(List.of(0.0, 20.0, 40.0, 60.0, 80.0, 100.0), Axis.linear(3, 97).ticks());
    assertEquals(List.of(-1.0, -0.5, 0.0, 0.5), round(Axis.linear(-0.9, 0.5).ticks()));
    assertEquals(0.5, Axis.linear(3, 97).position(50), 1e-12);
    Axis tight = Axis.tight(3, 97);
    assertEquals(List.of(20.0, 40.0, 60.0, 80.0), tight.ticks());
    assertEquals(1.0, tight.position(97), 1e-12);
    Axis flat = Axis.linear(7, 7);
    assertTrue(flat.low() < 7 && flat.high() > 7);
    Axis zero = Axis.linear(0, 0);
    assertTrue(zero.low() < 0 && zero.high() > 0);
  }

  @Test
  void logarithmicAxesMarkPowers() {
    assertEquals(List.of(0.1, 0.2, 0.5, 1.0, 2.0), round(Axis.logarithmic(0.1, 3).ticks()));
    assertEquals(List.of(0.001, 0.01, 0.1, 1.0, 10.0), round(Axis.logarithmic(0.001, 10).ticks()));
    assertEquals(0.5, Axis.logarithmic(1, 100).position(10), 1e-12);
    assertTrue(Axis.logarithmic(4, 4).high() > 4);
  }

  private static List<Double> round(List<Double> values) {
    return values.stream().map(value -> Math.round(value * 1e6) / 1e6).toList();
  }

  @Test
  void numbersForPeople() {
    for (double high : new double[] {1.79169, 1.791601, 2e-4, 1e-9, 12345678.5}) {
      List<String> labels = Axis.linear(high - high * 1e-5, high).labels();
      assertEquals(labels.size(), Set.copyOf(labels).size(), labels::toString);
    }
    assertEquals("0", Axis.label(0));
    assertEquals("0.3", Axis.label(0.1 + 0.2));
    assertEquals("12000", Axis.label(12000));
    assertEquals("-0.25", Axis.label(-0.25));
    assertEquals("1.5e-4", Axis.label(1.5e-4));
    assertEquals("2e6", Axis.label(2e6));
  }

  @Test
  void thePageIsSelfContainedAndEscaped() {
    String html =
        new HtmlReport("A <run>", "lead & more")
            .numbers(Map.of("top-1", "71.2 %"))
            .section("Curves")
            .text("words")
            .chart(new SvgChart("Loss", "step", "loss").series("a", new double[2], new double[2]))
            .picture(new Picture(2, 2), "a \"picture\"")
            .confusion(List.of("up", "down"), new long[][] {{3, 1}, {0, 0}})
            .table(Map.of("batch", 8))
            .table(List.of("method", "top-1"), List.of(List.of("EVEREST", "70 %")))
            .toHtml();
    assertTrue(html.contains("<h1>A &lt;run&gt;</h1><p>lead &amp; more</p>"));
    assertTrue(html.contains("alt=\"a &quot;picture&quot;\""));
    assertTrue(html.contains("src=\"data:image/png;base64,iVBORw0KGgo"));
    assertTrue(html.contains("<td class=\"right\" style=\"--share:75%\">3</td>"), html);
    assertTrue(html.contains("prefers-color-scheme: dark"));
    assertFalse(html.contains("<script"));
    assertFalse(html.contains("http"));
  }
}
