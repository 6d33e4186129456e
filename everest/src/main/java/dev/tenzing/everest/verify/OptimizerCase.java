package dev.tenzing.everest.verify;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Replays several AdamW steps on given gradients. */
final class OptimizerCase {
  private OptimizerCase() {}

  static FileResult run(ReferenceFile file, Device device) {
    Comparison comparison = new Comparison(file);
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (String name : file.names()) {
      if (name.startsWith("param.")) {
        String bare = name.substring(6);
        Tensor parameter =
            device.persistent(DType.F32, file.shape(name)).requiresGrad().named(bare);
        parameter.copyFrom(file.floats(name));
        parameters.put(bare, parameter);
      }
    }
    double[] lr = file.numbers("lr_schedule");
    double[] weightDecay = file.numbers("wd_schedule");
    try (var optimizer = comparison.optimizer(device, parameters, file.integer("num_layers"))) {
      comparison.groups(parameters, optimizer);
      for (int step = 0; step < file.integer("steps"); step++) {
        String gradients = "input.grad" + step + ".";
        optimizer.clearGradients();
        parameters.forEach((name, parameter) -> {
          if (file.has(gradients + name)) {
            parameter.setGrad(file.floats(gradients + name));
          }
        });
        optimizer.update(lr[step], weightDecay[step]);
        comparison.number("grad", "grad_norm" + step, optimizer.gradNorm());
        String expected = "expect.step" + step + ".";
        parameters.forEach((name, parameter) ->
            comparison.compare(
                "after", expected + name, parameter.toFloats(), file.noise(expected + name)));
      }
    } finally {
      parameters.values().forEach(Tensor::close);
    }
    return comparison.result();
  }
}
