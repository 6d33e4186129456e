package dev.tenzing.everest.model;

import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Recompute;
import dev.tenzing.nn.Block;
import dev.tenzing.nn.Dropping;
import dev.tenzing.nn.Initializer;
import dev.tenzing.nn.Parameters;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack of transformer blocks: {@code blocks.0}, {@code blocks.1}, ….
 *
 * @param blocks first to last
 */
record BlockStack(List<Block> blocks) {
  static BlockStack create(
      Parameters p, int depth, Block.Size size, double dropPath, Initializer weights) {
    float[] rates = Dropping.rates(dropPath, depth);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      blocks.add(Block.create(p.child("blocks." + i), i, size, rates[i], weights));
    }
    return new BlockStack(List.copyOf(blocks));
  }

  /**
   * Applies every block.
   *
   * @param x [B, N, C]
   * @param recompute whether blocks forget their activations and run again in the backward
   */
  Tensor forward(Tensor x, Dropping dropping, boolean recompute) {
    Tensor y = x;
    for (Block block : blocks) {
      y =
          recompute
              ? Recompute.apply(in -> block.forward(in, dropping), y)
              : block.forward(y, dropping);
    }
    return y;
  }
}
