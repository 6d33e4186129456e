package dev.tenzing.video.synth;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * What a video shows, drawn without regard to its class: a wavy background that drifts as if the
 * camera moved, and before it a round shape with a random outline and a striped skin.
 */
final class Scene {
  private static final int WAVES = 5;
  private static final int LOBES = 4;
  private static final double LOBE = 0.16;
  private static final float MEAN_RADIUS = 0.8f;
  private static final int DIRECTIONS = 2048;
  private static final double SMALLEST = 0.13;
  private static final double LARGEST = 0.3;
  private static final double FASTEST_DRIFT = 0.006;

  private final int side;
  private final float[] background;
  private final double driftX;
  private final double driftY;
  private final float[] outline;
  private final double[][] skin = new double[2][3];
  private final double stripesX;
  private final double stripesY;

  /**
   * @param side of the square picture, pixels
   */
  Scene(int side, RandomGenerator random) {
    this.side = side;
    double[] base = colour(random);
    background = waves(base, random);
    driftX = random.nextDouble(-FASTEST_DRIFT, FASTEST_DRIFT);
    driftY = random.nextDouble(-FASTEST_DRIFT, FASTEST_DRIFT);
    outline = outline(random);
    for (double[] tone : skin) {
      do {
        System.arraycopy(colour(random), 0, tone, 0, 3);
      } while (Math.abs(brightness(tone) - brightness(base)) < 60);
    }
    double stripes = random.nextDouble(3, 7);
    double stripeAngle = random.nextDouble(2 * Math.PI);
    stripesX = stripes * Math.cos(stripeAngle);
    stripesY = stripes * Math.sin(stripeAngle);
  }

  private static double[] colour(RandomGenerator random) {
    return random.doubles(3, 20, 235).toArray();
  }

  private static double brightness(double[] rgb) {
    return 0.3 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2];
  }

  /** The background at rest: waves that fit the picture a whole number of times, so it can wrap. */
  private float[] waves(double[] base, RandomGenerator random) {
    float[] pixels = new float[3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) base[i % 3];
    }
    for (int wave = 0; wave < WAVES; wave++) {
      int across = random.nextInt(-4, 5);
      int down = random.nextInt(1, 5);
      double phase = random.nextDouble(2 * Math.PI);
      double[] height = random.doubles(3, -16, 16).toArray();
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          double value = Math.sin(2 * Math.PI * (across * x + down * y) / side + phase);
          for (int c = 0; c < 3; c++) {
            pixels[3 * (y * side + x) + c] += (float) (height[c] * value);
          }
        }
      }
    }
    return pixels;
  }

  /** The shape's radius in each direction, as a share of its size. */
  private static float[] outline(RandomGenerator random) {
    float[] radius = new float[DIRECTIONS];
    Arrays.fill(radius, MEAN_RADIUS);
    for (int lobe = 1; lobe <= LOBES; lobe++) {
      double height = random.nextDouble(0.02, LOBE);
      double phase = random.nextDouble(2 * Math.PI);
      for (int i = 0; i < DIRECTIONS; i++) {
        radius[i] += (float) (height * Math.cos(2 * Math.PI * lobe * i / DIRECTIONS + phase));
      }
    }
    return radius;
  }

  /**
   * Paints a frame.
   *
   * @param time in frames
   * @param target RGB24 bytes [side, side, 3]
   */
  void paint(int time, Pose pose, MemorySegment target) {
    double size = pose.size() - Math.floor(pose.size());
    double radius = side * SMALLEST * Math.pow(LARGEST / SMALLEST, size);
    double turn = 2 * Math.PI * pose.angle();
    double cos = Math.cos(turn);
    double sin = Math.sin(turn);
    double[] rgb = new double[3];
    for (int y = 0; y < side; y++) {
      double dy = around(y - side * pose.y());
      for (int x = 0; x < side; x++) {
        double dx = around(x - side * pose.x());
        behind(x + side * driftX * time, y + side * driftY * time, rgb);
        double distance = Math.sqrt(dx * dx + dy * dy);
        if (distance < (MEAN_RADIUS + LOBES * LOBE) * radius + 1) {
          before((cos * dx + sin * dy) / radius, (cos * dy - sin * dx) / radius, radius, rgb);
        }
        long at = 3L * (y * side + x);
        for (int c = 0; c < 3; c++) {
          byte value = (byte) Math.clamp(Math.round(rgb[c]), 0, 255);
          target.set(ValueLayout.JAVA_BYTE, at + c, value);
        }
      }
    }
  }

  /** The shortest way on the torus, pixels from -side / 2 to side / 2. */
  private double around(double distance) {
    return distance - side * Math.rint(distance / side);
  }

  private void behind(double x, double y, double[] rgb) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double fx = x - left;
    double fy = y - top;
    int x0 = Math.floorMod(left, side);
    int x1 = (x0 + 1) % side;
    int y0 = Math.floorMod(top, side) * side;
    int y1 = (Math.floorMod(top, side) + 1) % side * side;
    for (int c = 0; c < 3; c++) {
      double upper = background[3 * (y0 + x0) + c] * (1 - fx) + background[3 * (y0 + x1) + c] * fx;
      double lower = background[3 * (y1 + x0) + c] * (1 - fx) + background[3 * (y1 + x1) + c] * fx;
      rgb[c] = upper * (1 - fy) + lower * fy;
    }
  }

  /** Lays the shape over a pixel; (u, v) are the shape's own coordinates in radii. */
  private void before(double u, double v, double radius, double[] rgb) {
    double direction = Math.atan2(v, u) / (2 * Math.PI) + 1;
    double edge = outline[(int) (direction * DIRECTIONS) % DIRECTIONS];
    double cover = Math.clamp((edge - Math.sqrt(u * u + v * v)) * radius + 0.5, 0, 1);
    if (cover == 0) {
      return;
    }
    double mix = Math.clamp(0.5 + 2 * Math.sin(stripesX * u + stripesY * v), 0, 1);
    for (int c = 0; c < 3; c++) {
      double tone = skin[0][c] * mix + skin[1][c] * (1 - mix);
      rgb[c] += cover * (tone - rgb[c]);
    }
  }
}
