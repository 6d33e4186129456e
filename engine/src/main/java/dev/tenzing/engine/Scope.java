package dev.tenzing.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * A region of code that gives back, at its end, the memory of every tensor made in it that was not
 * kept.
 *
 * <p>Scopes of a device nest like the blocks of the program that opens them. Inside a plain scope
 * nothing is recorded, as under PyTorch's {@code no_grad}; inside a {@link Step} it is.
 */
public class Scope implements AutoCloseable {
  private final Device device;
  private final List<Tensor> owned = new ArrayList<>();
  private boolean open = true;

  Scope(Device device) {
    this.device = device;
  }

  /** The device whose tensors this scope owns. */
  public final Device device() {
    return device;
  }

  final void own(Tensor tensor) {
    owned.add(tensor);
  }

  /**
   * Moves a tensor out of this scope into the scope around it (or to the caller when there is none)
   * and returns it.
   */
  public final Tensor escape(Tensor tensor) {
    if (tensor.scope() == this) {
      tensor.moveTo(device.enclosing(this));
    }
    return tensor;
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    device.pop(this);
    for (Tensor tensor : owned) {
      if (tensor.scope() == this) {
        tensor.close();
      }
    }
    owned.clear();
  }
}
