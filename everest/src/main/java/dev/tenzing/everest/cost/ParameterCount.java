package dev.tenzing.everest.cost;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.checkpoint.ModelDescription;

/** How many parameters a model has. */
public final class ParameterCount {
  private ParameterCount() {}

  /** Elements of all parameters of a model, which is not built for it. */
  public static long of(ModelDescription model) {
    try (Device meta = Device.meta()) {
      return MetaTask.of(model, meta, false).parameters().values().stream()
          .mapToLong(Tensor::size)
          .sum();
    }
  }
}
