package dev.tenzing.engine;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.kernel.PointwiseKernels;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Gradients while a tape runs backwards: partial sums of intermediate tensors are kept here and
 * freed when used up, those of leaves go to {@link Tensor#grad()}.
 */
public final class Gradients {
  /**
   * Where a kernel writes a gradient.
   *
   * @param tensor the buffer, of the shape of the tensor whose gradient it is
   * @param accumulate whether it already holds a partial sum that must be added to; otherwise its
   *     content is undefined and must be overwritten
   */
  public record Slot(Tensor tensor, boolean accumulate) {
    /** Address of the buffer. */
    public long address() {
      return tensor.address();
    }
  }

  private final Device device;
  private final Map<Tensor, Tensor> partial = new IdentityHashMap<>();
  // The gradient that a backward is using now; null once it has become that of an input.
  private Tensor current;

  Gradients(Device device) {
    this.device = device;
  }

  /** Whether a gradient for {@code x} is wanted; {@code x} may be null (an absent bias). */
  public boolean wants(Tensor x) {
    return x != null && x.isTracked();
  }

  /**
   * The buffer for the gradient of {@code x}, which the caller must now write or add to as the slot
   * says.
   */
  public Slot slot(Tensor x) {
    if (x.isLeaf()) {
      boolean accumulate = x.hasGrad();
      return new Slot(x.gradBuffer(), accumulate);
    }
    Tensor sum = partial.get(x);
    if (sum != null) {
      return new Slot(sum, true);
    }
    Tensor fresh = device.empty(x.dtype(), x.shape());
    partial.put(x, fresh);
    return new Slot(fresh, false);
  }

  /**
   * {@link #slot}, or a buffer to be thrown away when no gradient of {@code x} is wanted: for
   * kernels that write several gradients at once.
   */
  public Slot slotOrScratch(Tensor x) {
    return wants(x) ? slot(x) : new Slot(device.empty(x.dtype(), x.shape()), false);
  }

  /**
   * Adds {@code dx}, of the type of {@code x}, to the gradient of {@code x} and takes it over: the
   * caller must neither read nor write it afterwards. Without a partial sum this costs nothing.
   */
  public void pass(Tensor x, Tensor dx) {
    if (!wants(x)) {
      dx.close();
      return;
    }
    Tensor own = dx.shape().equals(x.shape()) ? dx : dx.reshape(x.shape());
    if (own != dx) {
      dx.close();
    }
    if (!x.isLeaf() && !partial.containsKey(x)) {
      partial.put(x, own);
      if (own == current) {
        current = null;
      }
      return;
    }
    Slot slot = slot(x);
    if (slot.accumulate()) {
      device
          .kernels()
          .pointwise()
          .add(new PointwiseKernels.Add(of(own), of(slot), of(slot), own.size()));
    } else {
      device
          .kernels()
          .pointwise()
          .copy(new PointwiseKernels.Copy(own.address(), slot.address(), own.bytes()));
    }
    own.close();
  }

  boolean isEmpty() {
    return partial.isEmpty();
  }

  /** The finished gradient of {@code x}, or null when nothing flowed into it. */
  Tensor take(Tensor x) {
    current = partial.remove(x);
    return current;
  }

  /**
   * Frees the gradient last {@linkplain #take taken} once its node's backward has run, unless it
   * became the gradient of an input.
   */
  void finish() {
    if (current != null) {
      current.close();
      current = null;
    }
  }
}
