package dev.tenzing.nn;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Dropout;
import java.util.function.LongSupplier;

/**
 * What a forward pass leaves out at random: residual branches of samples by stochastic depth (Huang
 * et al., 2016), and elements by dropout (Srivastava et al., 2014).
 */
@FunctionalInterface
public interface Dropping {
  /** Keeps everything, as in evaluation. */
  Dropping NONE = (block, branch, sample) -> true;

  /**
   * Whether a sample keeps a branch.
   *
   * @param block index of the block
   * @param branch 0 for attention, 1 for the MLP
   * @param sample index within the batch
   */
  boolean keeps(int block, int branch, int sample);

  /** Draws for one step: sample i of the batch is sample {@code first + i} of the step. */
  static Dropping random(Rng rng, long step, long first, float[] rates) {
    return random(rng, () -> step, () -> first, rates);
  }

  /**
   * {@link #random(Rng, long, long, float[])} for the step that it is whenever something is drawn.
   */
  static Dropping random(Rng rng, LongSupplier step, LongSupplier first, float[] rates) {
    Rng draws = rng.purpose("dropPath");
    return new Dropping() {
      @Override
      public boolean keeps(int block, int branch, int sample) {
        Rng branchDraws = draws.purpose(block + "." + branch);
        return branchDraws.at(step.getAsLong(), first.getAsLong() + sample).nextFloat()
            >= rates[block];
      }

      @Override
      public Tensor dropout(Tensor x, double rate, String place) {
        return rate == 0
            ? x
            : Dropout.apply(
                x,
                (float) rate,
                rng.purpose("dropout." + place),
                step.getAsLong(),
                first.getAsLong());
      }
    };
  }

  /**
   * Rate of each block, rising linearly from 0 to {@code rate} over the depth, rounded to single
   * precision as in the official code.
   */
  static float[] rates(double rate, int depth) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "the rate of stochastic depth must be at least 0 and below 1, got " + rate);
    }
    float[] rates = new float[depth];
    for (int i = 0; i < depth; i++) {
      rates[i] = depth == 1 ? 0 : (float) (rate * i / (depth - 1));
    }
    return rates;
  }

  /**
   * Drops elements of x and divides the others by 1 - rate; draws that know no dropout keep all.
   *
   * @param x [B, ...]
   * @param place name of the place in the model, which has draws of its own
   */
  default Tensor dropout(Tensor x, double rate, String place) {
    return x;
  }

  /** Factor of each sample's branch [B]: 0, or 1 / (1 - rate) when kept. */
  default Tensor scale(Device device, int block, int branch, int batch, float rate) {
    return device.feed(
        Shape.of(batch),
        () -> {
          float[] scale = new float[batch];
          for (int b = 0; b < batch; b++) {
            scale[b] = keeps(block, branch, b) ? (float) (1 / (1 - (double) rate)) : 0;
          }
          return scale;
        });
  }
}
