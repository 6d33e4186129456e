package dev.tenzing.nn.optim;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.OptimizerKernels;
import dev.tenzing.engine.kernel.OptimizerKernels.Parameter;
import dev.tenzing.engine.kernel.PointwiseKernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * AdamW (Loshchilov & Hutter, 2019) over named parameters, each with its own factor of the learning
 * rate and with or without decay, after clipping by the global gradient norm. Parameters that
 * received no gradient are left exactly as they are.
 */
public final class AdamW implements AutoCloseable {
  /**
   * Constants of the method.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param eps added to the root of the second moment
   * @param clipGrad largest global norm of the gradients; 0 = no clipping
   */
  public record Options(double beta1, double beta2, double eps, double clipGrad) {
    /** Rejects what cannot work. */
    public Options {
      if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
        throw new IllegalArgumentException(
            "AdamW's betas must be at least 0 and below 1, got %s and %s".formatted(beta1, beta2));
      }
      if (!(eps > 0)) {
        throw new IllegalArgumentException("AdamW's epsilon must be positive, got " + eps);
      }
      if (!(clipGrad >= 0)) {
        throw new IllegalArgumentException(
            "the largest gradient norm must be positive, or 0 for no clipping, got " + clipGrad);
      }
    }
  }

  private static final String M = "m.";
  private static final String V = "v.";

  private final class Entry {
    final String name;
    final Tensor parameter;
    final double lrScale;
    final boolean decays;
    Tensor m;
    Tensor v;
    long steps;

    Entry(String name, Tensor parameter, double lrScale, boolean decays) {
      this.name = name;
      this.parameter = parameter;
      this.lrScale = lrScale;
      this.decays = decays;
    }

    void makeMoments() {
      if (m == null) {
        m = zeros(parameter.shape()).named(M + name);
        v = zeros(parameter.shape()).named(V + name);
      }
    }

    void closeMoments() {
      if (m != null) {
        m.close();
        v.close();
        m = null;
        v = null;
      }
    }
  }

  private final Device device;
  private final Options options;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Tensor norm;

  /** An optimiser of {@code parameters} by name. */
  public AdamW(
      Device device, Map<String, Tensor> parameters, ParameterGroups groups, Options options) {
    this.device = device;
    this.options = options;
    parameters.forEach((name, parameter) ->
        entries.put(
            name,
            new Entry(
                name, parameter, groups.lrScale(name), groups.decays(name, parameter.shape()))));
    norm = zeros(Shape.SCALAR);
  }

  /** Factor of the learning rate of a parameter. */
  public double lrScale(String name) {
    return entries.get(name).lrScale;
  }

  /** Whether weight decay applies to a parameter. */
  public boolean decays(String name) {
    return entries.get(name).decays;
  }

  private Tensor zeros(Shape shape) {
    Tensor tensor = device.persistent(DType.F32, shape);
    device
        .kernels()
        .pointwise()
        .fill(new PointwiseKernels.Fill(Operand.f32(tensor.address()), 0, tensor.size()));
    return tensor;
  }

  /**
   * One update from the gradients collected in the parameters.
   *
   * @param lr learning rate, before each parameter's factor
   * @param weightDecay decay of the parameters that decay
   */
  public void update(double lr, double weightDecay) {
    List<Parameter> updated = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.parameter.hasGrad()) {
        entry.makeMoments();
        entry.steps++;
        updated.add(
            new Parameter(
                entry.parameter.address(),
                entry.parameter.grad().address(),
                entry.m.address(),
                entry.v.address(),
                entry.parameter.size(),
                lr * entry.lrScale,
                entry.decays ? weightDecay : 0,
                entry.steps));
      }
    }
    OptimizerKernels kernels = device.kernels().optimizer();
    kernels.globalNorm(new OptimizerKernels.GlobalNorm(updated, Operand.of(norm)));
    kernels.adamW(
        new OptimizerKernels.AdamW(
            updated,
            options.beta1(),
            options.beta2(),
            options.eps(),
            Operand.of(norm),
            options.clipGrad()));
  }

  /** Global gradient norm [] of the last update, before clipping. */
  public Tensor norm() {
    return norm;
  }

  /** The value of {@link #norm()}; waits for the device. */
  public double gradNorm() {
    return norm.item();
  }

  /** Forgets the gradients, before the next step collects new ones. */
  public void clearGradients() {
    entries.values().forEach(entry -> entry.parameter.clearGrad());
  }

  /** Moments {@code m.<name>} and {@code v.<name>} of the parameters that have been updated. */
  public Map<String, Tensor> moments() {
    Map<String, Tensor> moments = new LinkedHashMap<>();
    entries.forEach((name, entry) -> {
      if (entry.m != null) {
        moments.put(M + name, entry.m);
        moments.put(V + name, entry.v);
      }
    });
    return moments;
  }

  /** Updates each parameter has had, by name. */
  public Map<String, Long> steps() {
    Map<String, Long> steps = new LinkedHashMap<>();
    entries.forEach((name, entry) -> steps.put(name, entry.steps));
    return steps;
  }

  /**
   * Restores what {@link #moments()} and {@link #steps()} gave.
   *
   * @param moment reads the values of a moment by its name; asked only for parameters with steps
   */
  public void restore(Map<String, Long> steps, Function<String, float[]> moment) {
    entries.forEach((name, entry) -> {
      entry.steps = steps.getOrDefault(name, 0L);
      entry.closeMoments();
      if (entry.steps > 0) {
        entry.makeMoments();
        entry.m.copyFrom(moment.apply(M + name));
        entry.v.copyFrom(moment.apply(V + name));
      }
    });
  }

  @Override
  public void close() {
    norm.close();
    entries.values().forEach(Entry::closeMoments);
  }
}
