package dev.tenzing.engine.conformance;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Add;
import dev.tenzing.engine.op.Cast;
import dev.tenzing.engine.op.Scale;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What a device gives for a case.
 *
 * @param output elements of the output
 * @param gradients elements of each input's gradient, null where none was asked for
 */
record Run(double[] output, double[][] gradients) {

  /** Without recording. */
  static double[] forward(Device device, Case test) {
    try (Scope scope = device.scope()) {
      return elements(test.problem().operation().apply(upload(scope, test)));
    }
  }

  /** Forward and backward with the differentiable inputs as leaves. */
  static Run of(Device device, Case test) {
    return of(device, test, 0, i -> true);
  }

  /** The same with inputs that start at addresses aligned for nothing but their type. */
  static Run misaligned(Device device, Case test) {
    return of(device, test, 1, i -> true);
  }

  /** Gradients when each is the only one asked for. */
  static double[][] eachAlone(Device device, Case test) {
    return IntStream.range(0, test.problem().inputs().size())
        .mapToObj(input -> of(device, test, 0, i -> i == input).gradients()[input])
        .toArray(double[][]::new);
  }

  private static Run of(Device device, Case test, int offset, IntPredicate wanted) {
    try (Step step = device.step()) {
      Tensor[] inputs = upload(step, test, offset);
      boolean tracked = requireGradients(test, inputs, wanted);
      Tensor y = test.problem().operation().apply(inputs);
      double[] output = elements(y);
      if (tracked) {
        step.backward(y, outputGradient(step, test, y));
      }
      return new Run(output, gradients(inputs));
    }
  }

  /** Gradients of leaves after two steps without clearing. */
  static double[][] twoSteps(Device device, Case test) {
    try (Scope scope = device.scope()) {
      Tensor[] inputs = upload(scope, test);
      requireGradients(test, inputs, i -> true);
      for (int i = 0; i < 2; i++) {
        try (Step step = device.step()) {
          Tensor y = test.problem().operation().apply(inputs);
          step.backward(y, outputGradient(step, test, y));
        }
      }
      return gradients(inputs);
    }
  }

  /** Gradients when every variable is itself computed, and is used by two operations. */
  static double[][] twoUses(Device device, Case test) {
    List<Input> kinds = test.problem().inputs();
    try (Step step = device.step()) {
      Tensor[] inputs = upload(step, test);
      requireGradients(test, inputs, i -> true);
      Tensor[] computed = inputs.clone();
      for (int i = 0; i < computed.length; i++) {
        if (kinds.get(i).kind() == Input.Kind.VARIABLE) {
          computed[i] = Scale.apply(inputs[i], 1f);
        }
      }
      Function<Tensor[], Tensor> operation = test.problem().operation();
      Tensor y = Add.apply(f32(operation.apply(computed)), f32(operation.apply(computed)));
      step.backward(y, outputGradient(step, test, y));
      return gradients(inputs);
    }
  }

  /**
   * Asks for all gradients and that of an input that the operation gives none to, in a loss that
   * has other terms: so the gradient is missed only by an operation that knows of it.
   */
  static void refused(Device device, Case test, int input) {
    try (Step step = device.step()) {
      Tensor[] inputs = upload(step, test);
      requireGradients(test, inputs, i -> true);
      inputs[input].requiresGrad();
      Tensor y = test.problem().operation().apply(inputs);
      if (y.dtype() != DType.I32) {
        y = Add.apply(f32(y), device.zeros(y.shape()).requiresGrad());
      }
      step.backward(y, device.empty(DType.F32, y.shape()));
    }
  }

  /** The inputs of a case. */
  static Tensor[] upload(Scope scope, Case test) {
    return upload(scope, test, 0);
  }

  private static Tensor[] upload(Scope scope, Case test, int offset) {
    return test.problem().inputs().stream()
        .map(input -> input.upload(scope.device(), offset))
        .toArray(Tensor[]::new);
  }

  private static boolean requireGradients(Case test, Tensor[] inputs, IntPredicate wanted) {
    boolean any = false;
    for (int i = 0; i < inputs.length; i++) {
      if (test.problem().inputs().get(i).differentiable() && wanted.test(i)) {
        inputs[i].requiresGrad();
        any = true;
      }
    }
    return any;
  }

  private static Tensor outputGradient(Scope scope, Case test, Tensor y) {
    return scope.device().tensor(y.shape(), floats(test.outputGradient()));
  }

  private static double[][] gradients(Tensor[] inputs) {
    return Arrays.stream(inputs)
        .map(x -> x.hasGrad() ? elements(x.grad()) : null)
        .toArray(double[][]::new);
  }

  private static Tensor f32(Tensor y) {
    return y.dtype() == DType.BF16 ? Cast.apply(y, DType.F32) : y;
  }

  private static double[] elements(Tensor x) {
    if (x.dtype() == DType.I32) {
      return Arrays.stream(x.toInts()).asDoubleStream().toArray();
    }
    float[] floats = x.toFloats();
    double[] doubles = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }

  private static float[] floats(double[] doubles) {
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) doubles[i];
    }
    return floats;
  }
}
