package dev.tenzing.tools.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One axis of a chart: the range it shows and the round numbers marked on it.
 *
 * @param low the value at position 0
 * @param high the value at position 1
 * @param log whether equal distances are equal factors
 * @param ticks marked values, ascending, within the range
 */
record Axis(double low, double high, boolean log, List<Double> ticks) {
  private static final int TICKS = 5;

  /** Enough for most numbers. */
  private static final int FEW_DIGITS = 4;

  /** What a double has. */
  private static final int ALL_DIGITS = 16;

  /** A linear axis that shows all of [min, max] and begins and ends on a tick. */
  static Axis linear(double min, double max) {
    if (min == max) {
      double margin = min == 0 ? 1 : Math.abs(min) / 2;
      return linear(min - margin, max + margin);
    }
    double step = roundStep((max - min) / TICKS);
    long first = (long) Math.floor(min / step + 1e-9);
    long last = (long) Math.ceil(max / step - 1e-9);
    List<Double> ticks = new ArrayList<>();
    for (long i = first; i <= last; i++) {
      ticks.add(i * step);
    }
    return new Axis(first * step, last * step, false, ticks);
  }

  /** A linear axis that shows exactly [min, max], with the ticks inside. */
  static Axis tight(double min, double max) {
    Axis wide = linear(min, max);
    if (min == max) {
      return wide;
    }
    double margin = (max - min) * 1e-9;
    List<Double> inside =
        wide.ticks.stream().filter(tick -> tick >= min - margin && tick <= max + margin).toList();
    return new Axis(min, max, false, inside);
  }

  /** A logarithmic axis that shows all of [min, max], both positive. */
  static Axis logarithmic(double min, double max) {
    if (min == max) {
      return logarithmic(min / 2, max * 2);
    }
    int first = (int) Math.floor(Math.log10(min));
    int last = (int) Math.ceil(Math.log10(max));
    double[] marks = last - first > 3 ? new double[] {1} : new double[] {1, 2, 5};
    List<Double> ticks = new ArrayList<>();
    for (int exponent = first; exponent <= last; exponent++) {
      for (double mark : marks) {
        double tick = mark * Math.pow(10, exponent);
        if (tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9)) {
          ticks.add(tick);
        }
      }
    }
    return new Axis(min, max, true, ticks);
  }

  /** The smallest of 1, 2 or 5 times a power of ten that is at least {@code step}. */
  private static double roundStep(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    for (double mark : new double[] {1, 2, 5}) {
      if (mark * power >= step * (1 - 1e-9)) {
        return mark * power;
      }
    }
    return 10 * power;
  }

  /** Where a value is, from 0 at {@link #low} to 1 at {@link #high}. */
  double position(double value) {
    return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  }

  /** A number for each tick, in the fewest digits that tell them apart. */
  List<String> labels() {
    List<String> labels = labels(FEW_DIGITS);
    for (int digits = FEW_DIGITS + 1; digits <= ALL_DIGITS && hasTwins(labels); digits++) {
      labels = labels(digits);
    }
    return labels;
  }

  private List<String> labels(int digits) {
    return ticks.stream().map(tick -> label(tick, digits)).toList();
  }

  private static boolean hasTwins(List<String> labels) {
    return labels.stream().distinct().count() < labels.size();
  }

  /** A number for people, in few characters. */
  static String label(double value) {
    return label(value, FEW_DIGITS);
  }

  private static String label(double value, int digits) {
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e6)) {
      return String.format(Locale.ROOT, "%." + (digits - 2) + "e", value)
          .replaceFirst("\\.?0*e", "e")
          .replaceFirst("e([+-])0", "e$1")
          .replace("e+", "e");
    }
    return new BigDecimal(value, new MathContext(digits)).stripTrailingZeros().toPlainString();
  }
}
