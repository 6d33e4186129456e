package dev.tenzing.nn.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.op.Scale;
import dev.tenzing.nn.TestDevices;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** AdamW against trajectories of the official optimiser, and its handling of state. */
class AdamWTest {
  static List<Arguments> trajectories() {
    List<Named<Supplier<Device>>> devices = TestDevices.all().toList();
    return devices.stream()
        .flatMap(device -> List.of(Arguments.of(device, 1), Arguments.of(device, 2)).stream())
        .toList();
  }

  /** Adds {@code gradient} to the gradient of a leaf. */
  private static void push(Tensor leaf, float[] gradient) {
    Device device = leaf.device();
    try (Step step = device.step()) {
      step.backward(Scale.apply(leaf, 1f), device.tensor(leaf.shape(), gradient));
    }
  }

  @ParameterizedTest
  @MethodSource("trajectories")
  void followsTheOfficialTrajectory(Supplier<Device> supplier, int number) {
    try (Safetensors file =
            Safetensors.open(Golden.path("adamw-trajectory-" + number + ".safetensors"));
        Device device = supplier.get()) {
      Map<String, Object> config = Json.parseObject(file.metadata().get("config"));
      Map<String, Object> noise = Json.parseObject(file.metadata().get("fp32_noise"));
      Map<String, Object> optim = Golden.map(config, "optim");
      Map<String, Object> perParameter = Golden.map(optim, "per_param");
      double[] betas = Golden.doubles(optim, "betas");
      Map<String, Tensor> parameters = new LinkedHashMap<>();
      for (String name : file.names()) {
        if (name.startsWith("param.")) {
          Tensor parameter = file.toTensor(device, name).keep().requiresGrad();
          parameters.put(name.substring(6), parameter.named(name.substring(6)));
        }
      }
      assertEquals(perParameter.keySet(), parameters.keySet());
      var groups =
          new ParameterGroups(
              (int) Golden.number(config, "num_layers", -1),
              Golden.number(optim, "layer_decay", 1),
              config.get("family").equals("everest"));
      var options =
          new AdamW.Options(
              betas[0],
              betas[1],
              Golden.number(optim, "eps", -1),
              Golden.number(Golden.map(config, "engine"), "clip_grad", 0));
      try (AdamW adamW = new AdamW(device, parameters, groups, options)) {
        parameters.keySet().forEach(name -> checkGroup(adamW, name, perParameter));
        double[] lr = Golden.doubles(config, "lr_schedule");
        double[] decay = Golden.doubles(config, "wd_schedule");
        assertTrue(lr.length > 1);
        for (int k = 0; k < lr.length; k++) {
          String gradients = "input.grad" + k + ".";
          parameters.forEach((name, leaf) -> push(leaf, file.toFloats(gradients + name)));
          adamW.update(lr[k], decay[k]);
          double norm = file.toDoubles("expect64.grad_norm" + k)[0];
          assertEquals(norm, adamW.gradNorm(), 1e-6 * norm, "gradient norm of step " + k);
          for (Map.Entry<String, Tensor> entry : parameters.entrySet()) {
            String name = "expect.step" + k + "." + entry.getKey();
            checkClose(name, file.toFloats(name), entry.getValue().toFloats(), noise);
          }
          adamW.clearGradients();
        }
        adamW.steps().forEach((name, steps) -> assertEquals(lr.length, steps, name));
      }
      parameters.values().forEach(Tensor::close);
      assertEquals(0, device.memory().current(), "bytes left behind");
    }
  }

  private static void checkGroup(AdamW adamW, String name, Map<String, Object> perParameter) {
    Map<String, Object> group = Golden.map(perParameter, name);
    assertEquals(Golden.number(group, "lr_scale", -1), adamW.lrScale(name), 1e-14, name);
    assertEquals(Golden.number(group, "weight_decay", -1) > 0, adamW.decays(name), name);
  }

  /** Within the larger of ten times the noise of single precision and 1e-6 of the largest value. */
  private static void checkClose(
      String name, float[] expected, float[] actual, Map<String, Object> noise) {
    double[] measured = Golden.doubles(noise, name);
    double tolerance = Math.max(10 * measured[0], 1e-6 * measured[1]);
    assertEquals(expected.length, actual.length, name);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance, name + "[" + i + "]");
    }
  }

  /** Two parameters on the reference: a matrix that decays and a vector that does not. */
  private static final class Rig implements AutoCloseable {
    final Device device = TestDevices.reference();
    final Map<String, Tensor> parameters = new LinkedHashMap<>();
    final AdamW adamW;

    Rig() {
      parameters.put("a.weight", TestDevices.normal(device, 1, 3, 4).requiresGrad());
      parameters.put("a.bias", TestDevices.normal(device, 2, 3).requiresGrad());
      adamW =
          new AdamW(
              device, parameters, ParameterGroups.flat(), new AdamW.Options(0.9, 0.999, 1e-8, 0.5));
    }

    void step(int seed) {
      int draw = 10 * seed;
      for (Tensor parameter : parameters.values()) {
        push(parameter, TestDevices.normal(draw++, parameter.size()));
      }
      adamW.update(1e-2, 0.1);
      adamW.clearGradients();
    }

    Map<String, float[]> values(Map<String, Tensor> tensors) {
      Map<String, float[]> values = new LinkedHashMap<>();
      tensors.forEach((name, tensor) -> values.put(name, tensor.toFloats()));
      return values;
    }

    @Override
    public void close() {
      adamW.close();
      parameters.values().forEach(Tensor::close);
      assertEquals(0, device.memory().current(), "bytes left behind");
      device.close();
    }
  }

  @Test
  void leavesParametersWithoutGradientAlone() {
    try (Rig rig = new Rig()) {
      Tensor weight = rig.parameters.get("a.weight");
      float[] before = weight.toFloats();
      push(rig.parameters.get("a.bias"), new float[] {3, 0, 4});
      rig.adamW.update(1e-2, 0.1);
      assertArrayEquals(before, weight.toFloats(), "no update and no decay");
      assertEquals(5, rig.adamW.gradNorm());
      assertEquals(Map.of("a.weight", 0L, "a.bias", 1L), rig.adamW.steps());
      assertEquals(List.of("m.a.bias", "v.a.bias"), List.copyOf(rig.adamW.moments().keySet()));
    }
  }

  @Test
  void anUpdateWithoutAnyGradientChangesNothing() {
    try (Rig rig = new Rig()) {
      float[] before = rig.parameters.get("a.weight").toFloats();
      rig.adamW.update(1e-2, 0.1);
      assertArrayEquals(before, rig.parameters.get("a.weight").toFloats());
      assertEquals(0, rig.adamW.gradNorm());
    }
  }

  @Test
  void restoredStateContinuesBitForBit() {
    try (Rig through = new Rig();
        Rig resumed = new Rig()) {
      through.step(1);
      through.step(2);
      Map<String, float[]> parameters = through.values(through.parameters);
      Map<String, float[]> moments = through.values(through.adamW.moments());
      Map<String, Long> steps = through.adamW.steps();
      through.step(3);

      resumed.step(7); // state that the restored one replaces
      parameters.forEach((name, values) -> resumed.parameters.get(name).copyFrom(values));
      resumed.adamW.restore(steps, moments::get);
      resumed.step(3);
      through.parameters.forEach((name, parameter) ->
          assertArrayEquals(parameter.toFloats(), resumed.parameters.get(name).toFloats(), name));
    }
  }

  @Test
  void restoringTheBeginningForgetsMoments() {
    try (Rig fresh = new Rig();
        Rig used = new Rig()) {
      used.step(7);
      fresh.parameters.forEach(
          (name, parameter) -> used.parameters.get(name).copyFrom(parameter.toFloats()));
      used.adamW.restore(Map.of(), name -> new float[0]);
      assertTrue(used.adamW.moments().isEmpty());
      fresh.step(1);
      used.step(1);
      assertArrayEquals(
          fresh.parameters.get("a.weight").toFloats(), used.parameters.get("a.weight").toFloats());
    }
  }

  @Test
  void momentsCarryTheirNamesAndShapes() {
    try (Rig rig = new Rig()) {
      rig.step(1);
      Tensor m = rig.adamW.moments().get("m.a.weight");
      assertEquals("m.a.weight", m.name());
      assertEquals(rig.parameters.get("a.weight").shape(), m.shape());
      assertEquals(DType.F32, m.dtype());
      var error =
          assertThrows(
              RuntimeException.class,
              () -> rig.adamW.restore(Map.of("a.weight", 1L), name -> new float[2]));
      assertTrue(error.getMessage().contains("m.a.weight"), error.getMessage());
    }
  }

  @Test
  void refusesConstantsThatCannotWork() {
    assertThrows(IllegalArgumentException.class, () -> new AdamW.Options(1, 0.999, 1e-8, 0));
    assertThrows(IllegalArgumentException.class, () -> new AdamW.Options(0.9, 1, 1e-8, 0));
    assertThrows(IllegalArgumentException.class, () -> new AdamW.Options(0.9, -1, 1e-8, 0));
    assertThrows(IllegalArgumentException.class, () -> new AdamW.Options(0.9, 0.999, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new AdamW.Options(0.9, 0.999, 1e-8, -1));
    assertFalse(new AdamW.Options(0, 0, 1e-8, 0).clipGrad() > 0);
  }
}
