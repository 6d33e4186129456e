package dev.tenzing.nn;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;

/**
 * Sine-cosine positions (Vaswani et al., 2017), computed in double precision: sin for even and cos
 * for odd columns of pos / 10000^(2 floor(j / 2) / C).
 */
public final class SinusoidPositions {
  private SinusoidPositions() {}

  /** The table [N, C]; it is no parameter and lives until it is closed. */
  public static Tensor table(Device device, int n, int c) {
    Tensor table = device.persistent(DType.F32, Shape.of(n, c));
    if (!device.isMeta()) {
      table.copyFrom(values(n, c));
    }
    return table;
  }

  private static float[] values(int n, int c) {
    float[] values = new float[Math.multiplyExact(n, c)];
    for (int j = 0; j < c; j++) {
      double divisor = Math.pow(10000, 2.0 * (j / 2) / c);
      for (int position = 0; position < n; position++) {
        double angle = position / divisor;
        values[position * c + j] = (float) (j % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
      }
    }
    return values;
  }
}
