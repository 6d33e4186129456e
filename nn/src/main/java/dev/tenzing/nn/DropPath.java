package dev.tenzing.nn;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;

/** Draws of stochastic depth (Huang et al., 2016): which samples keep a residual branch. */
@FunctionalInterface
public interface DropPath {
  /** Keeps every branch, as in evaluation. */
  DropPath NONE = (block, branch, sample) -> true;

  /**
   * Whether a sample keeps a branch.
   *
   * @param block index of the block
   * @param branch 0 for attention, 1 for the MLP
   * @param sample index within the batch
   */
  boolean keeps(int block, int branch, int sample);

  /** Draws for one step: sample i of the batch is sample {@code first + i} of the step. */
  static DropPath random(Rng rng, long step, long first, float[] rates) {
    Rng draws = rng.purpose("dropPath");
    return (block, branch, sample) ->
        draws.purpose(block + "." + branch).at(step, first + sample).nextFloat() >= rates[block];
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

  /** Factor of each sample's branch [B]: 0, or 1 / (1 - rate) when kept. */
  default Tensor scale(Device device, int block, int branch, int batch, float rate) {
    float[] scale = new float[batch];
    for (int b = 0; b < batch; b++) {
      scale[b] = keeps(block, branch, b) ? (float) (1 / (1 - (double) rate)) : 0;
    }
    return device.tensor(Shape.of(batch), scale);
  }
}
