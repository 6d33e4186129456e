package dev.tenzing.everest.verify;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.nn.PositionInterpolation;
import dev.tenzing.nn.SinusoidPositions;
import java.util.Arrays;
import java.util.List;

/** Replays position tables: learned ones brought to another size, and sine and cosine. */
final class PositionCase {
  private PositionCase() {}

  static FileResult interpolation(ReferenceFile file) {
    Comparison comparison = new Comparison(file);
    int slots = file.integer("t");
    int side = file.integer("p_from");
    int newSide = file.integer("p_to");
    float[] positions = file.floats("input.pos_embed");
    compare(
        comparison,
        file,
        "expect.spatial",
        PositionInterpolation.spatial(positions, slots, side, side, newSide, newSide));
    compare(
        comparison,
        file,
        "expect.temporal",
        PositionInterpolation.temporal(positions, slots, side * side, file.integer("t_to")));
    return comparison.result();
  }

  /** Rows at both ends of each table, some tables in full, and sums over all of them. */
  static FileResult sinusoid(ReferenceFile file, Device device) {
    Comparison comparison = new Comparison(file);
    if (file.value("tables") instanceof List<?> tables) {
      for (Object table : tables) {
        List<?> size = (List<?>) table;
        sinusoid(
            file,
            comparison,
            device,
            ((Number) size.get(0)).intValue(),
            ((Number) size.get(1)).intValue());
      }
    }
    return comparison.result();
  }

  private static void sinusoid(
      ReferenceFile file, Comparison comparison, Device device, int n, int c) {
    String name = "expect." + n + "x" + c + ".";
    float[] values;
    try (Tensor table = SinusoidPositions.table(device, n, c)) {
      values = table.toFloats();
    }
    int ends = 4 * c;
    compare(
        comparison, file, name + "first4", Arrays.copyOf(values, Math.min(ends, values.length)));
    compare(
        comparison,
        file,
        name + "last4",
        Arrays.copyOfRange(values, Math.max(0, values.length - ends), values.length));
    compare(comparison, file, name + "full", values);
    double sum = 0;
    double absolute = 0;
    double weighted = 0;
    for (int i = 0; i < values.length; i++) {
      sum += values[i];
      absolute += Math.abs(values[i]);
      weighted += (i / c + 1) * (double) values[i];
    }
    compare(comparison, file, name + "sum", (float) sum);
    compare(comparison, file, name + "abs_sum", (float) absolute);
    compare(comparison, file, name + "row_weighted_sum", (float) weighted);
  }

  private static void compare(
      Comparison comparison, ReferenceFile file, String name, float... actual) {
    if (file.has(name)) {
      comparison.compare("output", name, actual, file.noise(name));
    }
  }
}
