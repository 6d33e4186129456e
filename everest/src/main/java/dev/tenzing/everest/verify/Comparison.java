package dev.tenzing.everest.verify;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.nn.optim.AdamW;
import dev.tenzing.nn.optim.ParameterGroups;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Collects comparisons with one file. A value may differ by 10 times the file's own
 * single-precision noise, or by 1e-6 of the tensor's largest value.
 */
final class Comparison {
  private static final double NOISE_FACTOR = 10;
  private static final double RELATIVE = 1e-6;

  private final ReferenceFile file;
  private final List<TensorCheck> checks = new ArrayList<>();

  Comparison(ReferenceFile file) {
    this.file = file;
  }

  FileResult result() {
    return new FileResult(file.path(), file.kind(), List.copyOf(checks));
  }

  /** Compares with {@code expect64.name} where there is one, else {@code expect.name}. */
  void output(String group, String name, Tensor actual) {
    if (file.has("expect." + name)) {
      String reference = file.has("expect64." + name) ? "expect64." + name : "expect." + name;
      compare(group, reference, actual.toFloats(), file.noise("expect." + name));
    }
  }

  /** Compares a number that the file holds as {@code expect.name}. */
  void number(String group, String name, double actual) {
    String reference = file.has("expect64." + name) ? "expect64." + name : "expect." + name;
    compare(group, reference, new float[] {(float) actual}, file.noise("expect." + name));
  }

  /** Compares with a tensor by its full name. */
  void compare(String group, String reference, float[] actual, double noise) {
    double[] expected = file.doubles(reference);
    double error = expected.length == actual.length ? 0 : Double.POSITIVE_INFINITY;
    double largest = 0;
    for (int i = 0; i < expected.length && i < actual.length; i++) {
      double difference = Math.abs(actual[i] - expected[i]);
      error = Double.isNaN(difference) ? Double.NaN : Math.max(error, difference);
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    double tolerance = Math.max(NOISE_FACTOR * noise, RELATIVE * largest);
    checks.add(
        new TensorCheck(
            reference, group, error, tolerance, largest == 0 ? error : error / largest));
  }

  /** Compares a gradient by its full name; none is an empty array. */
  void gradient(String reference, float[] actual) {
    if (file.has(reference)) {
      compare("grad", reference, actual, file.noise(reference));
    } else {
      checks.add(
          new TensorCheck(
              reference, "grad", Double.POSITIVE_INFINITY, 0, Double.POSITIVE_INFINITY));
    }
  }

  /** Compares integers exactly. */
  void exact(String name, long[] expected, long[] actual) {
    long different = Math.abs(expected.length - actual.length);
    for (int i = 0; i < Math.min(expected.length, actual.length); i++) {
      different += expected[i] == actual[i] ? 0 : 1;
    }
    checks.add(new TensorCheck(name, "mask", different, 0, different));
  }

  /**
   * Compares every gradient, then the parameters after one update. The update of the first step is
   * nearly the sign of the gradient, so it is applied to the file's gradients: that measures the
   * optimiser and not the gradients' last bits once more.
   */
  void gradientsAndUpdate(Map<String, Tensor> parameters, AdamW optimizer) {
    parameters.forEach((name, parameter) -> {
      String reference = "grad." + name;
      if (file.has(reference) || parameter.hasGrad()) {
        gradient(reference, parameter.hasGrad() ? parameter.grad().toFloats() : new float[0]);
      }
    });
    groups(parameters, optimizer);
    parameters.forEach((name, parameter) -> {
      if (file.has("grad." + name)) {
        parameter.setGrad(file.floats("grad." + name));
      }
    });
    optimizer.update(file.number("optim.lr"), file.number("optim.weight_decay"));
    number("grad", "grad_norm", optimizer.gradNorm());
    parameters.forEach((name, parameter) -> {
      if (file.has("after." + name)) {
        compare("after", "after." + name, parameter.toFloats(), 0);
      }
    });
  }

  /** Compares each parameter's learning rate factor and decay with {@code optim.per_param}. */
  void groups(Map<String, Tensor> parameters, AdamW optimizer) {
    int different = 0;
    for (String name : parameters.keySet()) {
      if (file.value("optim.per_param") instanceof Map<?, ?> all
          && all.get(name) instanceof Map<?, ?> group) {
        double scale = ((Number) group.get("lr_scale")).doubleValue();
        boolean decays = ((Number) group.get("weight_decay")).doubleValue() > 0;
        boolean same =
            Math.abs(scale - optimizer.lrScale(name)) <= 1e-12 * scale
                && decays == optimizer.decays(name);
        different += same ? 0 : 1;
      }
    }
    checks.add(new TensorCheck("optim.per_param", "after", different, 0, different));
  }

  /** The optimiser that the file's config describes. */
  AdamW optimizer(Device device, Map<String, Tensor> parameters, int depth) {
    double[] betas = file.numbers("optim.betas");
    return new AdamW(
        device,
        parameters,
        new ParameterGroups(
            depth, file.number("optim.layer_decay", 1), !"videomaev2".equals(file.value("family"))),
        new AdamW.Options(
            betas[0], betas[1], file.number("optim.eps"), file.number("engine.clip_grad", 0)));
  }
}
