package dev.tenzing.engine;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.kernel.PointwiseKernels;
import java.util.ArrayList;
import java.util.List;

/**
 * A scope that records: operations on tensors that require a gradient go on its tape, and {@link
 * #backward} runs the tape in reverse.
 *
 * <p>Running backward consumes the tape. An operation's output is freed as soon as its own backward
 * has run, because everything that used it comes later on the tape and so has run before; tensors
 * that were {@linkplain Tensor#keep kept} and the loss itself stay.
 */
public final class Step extends Scope {
  private record Node(String operation, Tensor output, Tensor[] saved, Backward backward) {}

  private final List<Node> tape = new ArrayList<>();

  Step(Device device) {
    super(device);
  }

  void record(String operation, Tensor output, Tensor[] saved, Backward backward) {
    output.track();
    tape.add(new Node(operation, output, saved, backward));
  }

  /**
   * Runs the tape backwards from a scalar loss and adds to the gradient of every leaf that requires
   * one.
   */
  public void backward(Tensor loss) {
    if (loss.size() != 1) {
      throw new ShapeException(
          "backward: the loss must be a scalar, got "
              + loss.shape()
              + "; pass the gradient of it as well");
    }
    Tensor one = device().full(loss.shape(), 1f);
    backward(loss, one);
  }

  /**
   * Runs the tape backwards from {@code output}.
   *
   * @param dy gradient with respect to {@code output}, of its shape; it is used up
   */
  public void backward(Tensor output, Tensor dy) {
    if (!output.isTracked()) {
      throw new IllegalStateException(
          "backward: the tensor "
              + output
              + " does not depend on anything that requires a gradient");
    }
    if (!output.shape().equals(dy.shape())) {
      throw new ShapeException(
          "backward: output "
              + output.shape()
              + " and its gradient "
              + dy.shape()
              + " differ in shape");
    }
    try (Scope ignored = device().scope()) {
      Gradients gradients = new Gradients(device());
      gradients.pass(output, ofType(output, dy));
      for (int i = tape.size() - 1; i >= 0; i--) {
        Node node = tape.removeLast();
        Tensor gradient = gradients.take(node.output);
        if (gradient != null) {
          if (node.backward == null) {
            throw new IllegalStateException(
                node.operation
                    + ": a gradient is asked through this operation, which has none; detach its"
                    + " input or leave it out of the loss");
          }
          node.backward.run(gradients, gradient);
          gradients.finish();
        }
        if (node.output != output) {
          node.output.releaseEarly(this);
        }
        for (Tensor tensor : node.saved) {
          tensor.releaseEarly(this);
        }
      }
      if (!gradients.isEmpty()) {
        throw new IllegalStateException(
            "backward: the tape of "
                + output
                + " has been used up by an earlier backward or belongs to another step");
      }
    }
  }

  private Tensor ofType(Tensor output, Tensor dy) {
    if (dy.dtype() == output.dtype()) {
      return dy;
    }
    Tensor cast = device().empty(output.dtype(), dy.shape());
    device().kernels().pointwise().cast(new PointwiseKernels.Cast(of(dy), of(cast), dy.size()));
    dy.close();
    return cast;
  }

  @Override
  public void close() {
    tape.clear();
    super.close();
  }
}
