package dev.tenzing.nn;

import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import java.util.Arrays;

/** How the elements of a new parameter are drawn. */
@FunctionalInterface
public interface Initializer {
  /** Zeros, as for biases. */
  Initializer ZEROS = (values, shape, draws) -> {};

  /** Ones, as for the weights of layer norms. */
  Initializer ONES = constant(1);

  /**
   * Fills {@code values}, which are zero: the parameter's next ones, in their order.
   *
   * @param shape of the parameter
   * @param draws random numbers of this parameter alone
   */
  void fill(float[] values, Shape shape, Rng.Stream draws);

  /** One value everywhere. */
  static Initializer constant(double value) {
    return (values, shape, draws) -> Arrays.fill(values, (float) value);
  }

  static Initializer uniform(double bound) {
    return (values, shape, draws) -> {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) ((2.0 * draws.nextFloat() - 1) * bound);
      }
    };
  }

  /** Xavier uniform (Glorot & Bengio, 2010) for a weight [out, in]: bound sqrt(6 / (in + out)). */
  static Initializer xavierUniform() {
    return (values, shape, draws) -> {
      double in = (double) shape.size() / shape.dim(0);
      uniform(Math.sqrt(6 / (in + shape.dim(0)))).fill(values, shape, draws);
    };
  }

  /**
   * PyTorch's default for convolutions and linear layers, Kaiming uniform with a = sqrt(5): bound 1
   * / sqrt(fanIn).
   */
  static Initializer fanIn(long fanIn) {
    return uniform(1 / Math.sqrt(fanIn));
  }

  /**
   * timm's {@code trunc_normal_}: normal with standard deviation {@code std} within [-2, 2]. The
   * bound is a value and not a multiple of {@code std}, so for the usual 0.02 it cuts nothing off.
   */
  static Initializer truncatedNormal(double std) {
    return truncatedNormal(std, 2);
  }

  /**
   * Normal with standard deviation {@code std}, drawn again when outside [-bound, bound]; the
   * official pre-training models take {@code std} as the bound too.
   */
  static Initializer truncatedNormal(double std, double bound) {
    return (values, shape, draws) -> {
      for (int i = 0; i < values.length; i++) {
        double value;
        do {
          value = std * draws.nextGaussian();
        } while (Math.abs(value) > bound);
        values[i] = (float) value;
      }
    };
  }

  /** This initialiser with every value multiplied by {@code factor}. */
  default Initializer times(double factor) {
    return (values, shape, draws) -> {
      fill(values, shape, draws);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (values[i] * factor);
      }
    };
  }
}
