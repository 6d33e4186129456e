package dev.tenzing.engine;

import dev.tenzing.engine.kernel.BinaryFunction;
import dev.tenzing.engine.kernel.ReduceFunction;
import dev.tenzing.engine.kernel.UnaryFunction;
import dev.tenzing.engine.op.Binary;
import dev.tenzing.engine.op.IndexSelect;
import dev.tenzing.engine.op.MatMul;
import dev.tenzing.engine.op.Permute;
import dev.tenzing.engine.op.Reduce;
import dev.tenzing.engine.op.Softmax;
import dev.tenzing.engine.op.Unary;

/**
 * The operations that read naturally as methods of a tensor, {@code x.matmul(w).add(b).relu()}. All
 * are differentiable, and make new tensors.
 */
public sealed interface Arithmetic permits Tensor {
  private Tensor self() {
    return (Tensor) this;
  }

  /** Sum; the smaller tensor is spread as {@link Binary} says. */
  default Tensor add(Tensor b) {
    return Binary.apply(BinaryFunction.ADD, self(), b);
  }

  /** Difference; the smaller tensor is spread as {@link Binary} says. */
  default Tensor sub(Tensor b) {
    return Binary.apply(BinaryFunction.SUB, self(), b);
  }

  /** Product of elements; the smaller tensor is spread as {@link Binary} says. */
  default Tensor mul(Tensor b) {
    return Binary.apply(BinaryFunction.MUL, self(), b);
  }

  /** Quotient; the smaller tensor is spread as {@link Binary} says. */
  default Tensor div(Tensor b) {
    return Binary.apply(BinaryFunction.DIV, self(), b);
  }

  /** Product of matrices [..., M, K] with [..., K, N] or [K, N]. */
  default Tensor matmul(Tensor b) {
    return MatMul.apply(self(), b);
  }

  /** e^x. */
  default Tensor exp() {
    return Unary.apply(UnaryFunction.EXP, self());
  }

  /** Natural logarithm. */
  default Tensor log() {
    return Unary.apply(UnaryFunction.LOG, self());
  }

  /** Square root. */
  default Tensor sqrt() {
    return Unary.apply(UnaryFunction.SQRT, self());
  }

  /** max(x, 0). */
  default Tensor relu() {
    return Unary.apply(UnaryFunction.RELU, self());
  }

  /** 1 / (1 + e^-x). */
  default Tensor sigmoid() {
    return Unary.apply(UnaryFunction.SIGMOID, self());
  }

  /** The erf form of GELU. */
  default Tensor gelu() {
    return Unary.apply(UnaryFunction.GELU, self());
  }

  /** Softmax over the last dimension. */
  default Tensor softmax() {
    return Softmax.apply(self());
  }

  /** Sum along a dimension, which is gone afterwards. */
  default Tensor sum(int dim) {
    return Reduce.apply(ReduceFunction.SUM, self(), dim);
  }

  /** Mean along a dimension, which is gone afterwards. */
  default Tensor mean(int dim) {
    return Reduce.apply(ReduceFunction.MEAN, self(), dim);
  }

  /** Largest element along a dimension, which is gone afterwards. */
  default Tensor max(int dim) {
    return Reduce.apply(ReduceFunction.MAX, self(), dim);
  }

  /** A copy whose dimension i is dimension {@code order[i]} of this. */
  default Tensor permute(int... order) {
    return Permute.apply(self(), order);
  }

  /** A copy with the last two dimensions exchanged. */
  default Tensor transpose() {
    int rank = self().shape().rank();
    if (rank < 2) {
      throw new ShapeException("transpose: " + self() + " has less than two dimensions");
    }
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i < rank - 2 ? i : 2 * rank - 3 - i;
    }
    return permute(order);
  }

  /** Entries of a dimension by their numbers, I32 [M]. */
  default Tensor indexSelect(int dim, Tensor index) {
    return IndexSelect.apply(self(), dim, index);
  }
}
