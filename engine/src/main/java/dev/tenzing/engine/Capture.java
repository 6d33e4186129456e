package dev.tenzing.engine;

import dev.tenzing.engine.kernel.Graphs;
import dev.tenzing.engine.kernel.PointwiseKernels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A step while it is captured: kernels do not run but are recorded with the addresses they are
 * given, so everything that these addresses mean is noted here.
 */
final class Capture {
  /**
   * A leaf that the step collects a gradient in.
   *
   * @param tensor the leaf
   * @param grad its gradient
   * @param accumulates whether the step adds to what is there; otherwise it overwrites it
   */
  record Leaf(Tensor tensor, Tensor grad, boolean accumulates) {}

  private final Device device;
  private final Graphs graphs;
  private final GraphPool pool;
  private final Feeds feeds;
  private final Map<Tensor, Leaf> leaves = new IdentityHashMap<>();
  private final Set<Storage> used = Collections.newSetFromMap(new IdentityHashMap<>());

  Capture(Device device, Graphs graphs, GraphPool pool) {
    this.device = device;
    this.graphs = graphs;
    this.pool = pool;
    this.feeds = new Feeds(device, graphs);
  }

  Feeds feeds() {
    return feeds;
  }

  Storage allocate(long bytes) {
    return pool.allocate(bytes);
  }

  Storage allocateGradient(long bytes) {
    return pool.allocateGradient(bytes);
  }

  /** Whether memory belongs to captured steps. */
  boolean owns(Storage storage) {
    return pool.owns(storage);
  }

  void uses(Storage storage) {
    if (!owns(storage) && used.add(storage)) {
      storage.share();
    }
  }

  void collects(Tensor leaf, Tensor grad, boolean accumulates) {
    if (leaves.putIfAbsent(leaf, new Leaf(leaf, grad, accumulates)) == null) {
      leaf.holdGrad();
    }
  }

  CapturedStep run(Function<Step, Tensor> work) {
    Tensor output = null;
    Graphs.Graph graph = null;
    pool.open();
    try {
      graphs.begin();
      try (Step step = device.step()) {
        Tensor result = work.apply(step);
        // Copied out, because a replay of another captured step overwrites all that is in the pool.
        output = device.persistent(result.dtype(), result.shape());
        device
            .kernels()
            .pointwise()
            .copy(new PointwiseKernels.Copy(result.address(), output.address(), result.bytes()));
      }
      graph = graphs.end();
      if (pool.alive() > 0) {
        throw new IllegalStateException(
            "a captured step keeps tensors, which every replay would overwrite; return what is to"
                + " be read from it");
      }
      List<Leaf> collected = List.copyOf(leaves.values());
      return new CapturedStep(device, graph, feeds, collected, new ArrayList<>(used), output);
    } catch (RuntimeException | Error e) {
      abandon(graph, output);
      throw e;
    } finally {
      // Nothing has run yet, so no gradient has arrived.
      leaves.values().forEach(leaf -> leaf.tensor.setHasGrad(leaf.accumulates));
      pool.seal();
      device.endCapture();
    }
  }

  private void abandon(Graphs.Graph graph, Tensor output) {
    if (graph == null) {
      graphs.abandon();
    } else {
      graph.close();
    }
    if (output != null) {
      output.close();
    }
    leaves.values().forEach(leaf -> leaf.tensor.releaseGrad(leaf.grad));
    used.forEach(Storage::release);
    feeds.close();
  }
}
