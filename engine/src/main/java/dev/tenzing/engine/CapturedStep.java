package dev.tenzing.engine;

import dev.tenzing.engine.Capture.Leaf;
import dev.tenzing.engine.kernel.Graphs;
import java.util.List;

/**
 * A step that was {@linkplain Device#capture captured} and runs again with new input: the same
 * kernels, in the same order, on the same memory, and so to the same bits as the step itself.
 *
 * <p>What it uses, such as parameters, stays allocated until it is closed, and the memory of its
 * activations serves captured steps only.
 */
public final class CapturedStep implements AutoCloseable {
  private final Device device;
  private final Graphs.Graph graph;
  private final Feeds feeds;
  private final List<Leaf> leaves;
  private final List<Storage> used;
  private final Tensor output;
  private boolean open = true;

  CapturedStep(
      Device device,
      Graphs.Graph graph,
      Feeds feeds,
      List<Leaf> leaves,
      List<Storage> used,
      Tensor output) {
    this.device = device;
    this.graph = graph;
    this.feeds = feeds;
    this.leaves = leaves;
    this.used = used;
    this.output = output;
  }

  /**
   * Runs the step with the values that its feeds give now.
   *
   * @throws IllegalStateException when a gradient is not as it was at the capture: arrived where
   *     there was none, so that it would be lost, or cleared or taken where there was one
   */
  public void replay() {
    if (!open) {
      throw new IllegalStateException("the captured step has been closed");
    }
    device.refuseCapture("a replay", "it would be a part of the other");
    for (Leaf leaf : leaves) {
      check(leaf);
    }
    feeds.send();
    graph.launch();
    leaves.forEach(leaf -> leaf.tensor().setHasGrad(true));
  }

  private static void check(Leaf leaf) {
    if (!leaf.tensor().collectsIn(leaf.grad())) {
      throw new IllegalStateException(
          "the gradient of "
              + leaf.tensor()
              + " was taken away or closed since the step was captured; capture it anew");
    }
    if (leaf.tensor().hasGrad() != leaf.accumulates()) {
      throw new IllegalStateException(
          "the captured step "
              + (leaf.accumulates()
                  ? "adds to the gradient of " + leaf.tensor() + ", which is gone"
                  : "overwrites the gradient of " + leaf.tensor() + ": clear it first"));
    }
  }

  /** What the step returned; each replay overwrites it. */
  public Tensor output() {
    return output;
  }

  /** Gives its memory back; the last one closed also that of the activations. */
  @Override
  public void close() {
    if (open) {
      open = false;
      graph.close();
      feeds.close();
      output.close();
      leaves.forEach(leaf -> leaf.tensor().releaseGrad(leaf.grad()));
      used.forEach(Storage::release);
      device.forgetCapturedStep();
    }
  }
}
