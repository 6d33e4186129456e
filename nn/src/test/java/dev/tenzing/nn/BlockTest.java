package dev.tenzing.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Recompute;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The transformer block: official names, gradients, layer scale and stochastic depth. */
class BlockTest {
  private static final Dropping SOME = (block, branch, sample) -> (branch + sample) % 2 == 0;

  /** A block of width 8 in 2 heads with random parameters, and an input [3, 5, 8]. */
  private static final class Rig implements AutoCloseable {
    final Device device;
    final Parameters parameters;
    final Block block;
    final Tensor x;

    Rig(Device device, double initValues, float dropRate) {
      this(device, initValues, dropRate, SelfAttention.Style.STANDARD, 0);
    }

    Rig(
        Device device,
        double initValues,
        float dropRate,
        SelfAttention.Style style,
        double dropout) {
      this.device = device;
      parameters = new Parameters(device, Rng.seed(1));
      Block.Size size = new Block.Size(8, 2, 2.7, initValues, 1e-6, style, dropout);
      block =
          Block.create(
              parameters.child("blocks.0"), 0, size, dropRate, Initializer.xavierUniform());
      int seed = 10;
      for (Tensor parameter : parameters.all().values()) {
        float[] noise = TestDevices.normal(seed++, parameter.size());
        float[] values = parameter.toFloats();
        for (int i = 0; i < values.length; i++) {
          values[i] += 0.3f * noise[i];
        }
        parameter.copyFrom(values);
      }
      x = device.persistent(DType.F32, Shape.of(3, 5, 8)).requiresGrad();
      x.copyFrom(TestDevices.normal(2, x.size()));
    }

    Map<String, Tensor> leaves() {
      Map<String, Tensor> leaves = new LinkedHashMap<>(parameters.all());
      leaves.put("x", x);
      return leaves;
    }

    float[] output(Dropping dropping) {
      try (Scope scope = device.scope()) {
        return block.forward(x, dropping).toFloats();
      }
    }

    @Override
    public void close() {
      leaves().values().forEach(Tensor::close);
      assertEquals(0, device.memory().current(), "bytes left behind");
      device.close();
    }
  }

  @Test
  void namesAndShapesAreTheOfficialOnes() {
    try (Device device = TestDevices.reference()) {
      Parameters parameters = new Parameters(device, Rng.seed(0));
      Block.Size size = new Block.Size(384, 6, 4, 0, 1e-6);
      Block.create(parameters.child("blocks.0"), 0, size, 0, Initializer.ZEROS);
      Map<String, Shape> shapes = new LinkedHashMap<>();
      parameters.all().forEach((name, parameter) -> shapes.put(name, parameter.shape()));
      Map<String, Shape> official = new LinkedHashMap<>();
      official.put("blocks.0.norm1.weight", Shape.of(384));
      official.put("blocks.0.norm1.bias", Shape.of(384));
      official.put("blocks.0.attn.q_bias", Shape.of(384));
      official.put("blocks.0.attn.v_bias", Shape.of(384));
      official.put("blocks.0.attn.qkv.weight", Shape.of(1152, 384));
      official.put("blocks.0.attn.proj.weight", Shape.of(384, 384));
      official.put("blocks.0.attn.proj.bias", Shape.of(384));
      official.put("blocks.0.norm2.weight", Shape.of(384));
      official.put("blocks.0.norm2.bias", Shape.of(384));
      official.put("blocks.0.mlp.fc1.weight", Shape.of(1536, 384));
      official.put("blocks.0.mlp.fc1.bias", Shape.of(1536));
      official.put("blocks.0.mlp.fc2.weight", Shape.of(384, 1536));
      official.put("blocks.0.mlp.fc2.bias", Shape.of(384));
      assertEquals(official, shapes);
      assertEquals(List.copyOf(official.keySet()), List.copyOf(shapes.keySet()), "order");
      parameters.all().values().forEach(Tensor::close);
    }
  }

  @Test
  void layerScaleComesFirstAndStartsAtItsInitialValue() {
    try (Device device = TestDevices.reference()) {
      Parameters parameters = new Parameters(device, Rng.seed(0));
      Block.Size size = new Block.Size(4, 1, 1, 0.25, 1e-6);
      Block block = Block.create(parameters, 0, size, 0, Initializer.ZEROS);
      assertEquals(
          List.of("gamma_1", "gamma_2", "norm1.weight"),
          parameters.all().keySet().stream().limit(3).toList());
      assertArrayEquals(new float[] {0.25f, 0.25f, 0.25f, 0.25f}, block.gamma2().toFloats());
      parameters.all().values().forEach(Tensor::close);
    }
  }

  @Test
  void hiddenSizeIsTruncated() {
    try (Device device = TestDevices.reference()) {
      Parameters parameters = new Parameters(device, Rng.seed(0));
      Block.Size size = new Block.Size(110, 2, 48.0 / 11, 0, 1e-6);
      Block block = Block.create(parameters, 0, size, 0, Initializer.ZEROS);
      assertEquals(Shape.of(479, 110), block.mlp().fc1().weight().shape());
      parameters.all().values().forEach(Tensor::close);
    }
  }

  @Test
  void refusesHeadsThatDoNotDivideTheWidth() {
    try (Device device = TestDevices.reference()) {
      Block.Size size = new Block.Size(10, 3, 4, 0, 1e-6);
      Parameters parameters = new Parameters(device, Rng.seed(0));
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> Block.create(parameters, 0, size, 0, Initializer.ZEROS));
      assertEquals("a width of 10 does not split into 3 heads", error.getMessage());
      parameters.all().values().forEach(Tensor::close);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tenzing.nn.TestDevices#all")
  void gradientsMatchFiniteDifferences(Supplier<Device> device) {
    try (Rig rig = new Rig(device.get(), 0, 0)) {
      FiniteDifferences.check(
          rig.device, rig.leaves(), () -> rig.block.forward(rig.x, Dropping.NONE));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tenzing.nn.TestDevices#all")
  void gradientsWithLayerScaleMatchFiniteDifferences(Supplier<Device> device) {
    try (Rig rig = new Rig(device.get(), 0.5, 0)) {
      FiniteDifferences.check(
          rig.device, rig.leaves(), () -> rig.block.forward(rig.x, Dropping.NONE));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tenzing.nn.TestDevices#all")
  void gradientsWithStochasticDepthMatchFiniteDifferences(Supplier<Device> device) {
    try (Rig rig = new Rig(device.get(), 0.5, 0.25f)) {
      FiniteDifferences.check(rig.device, rig.leaves(), () -> rig.block.forward(rig.x, SOME));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tenzing.nn.TestDevices#all")
  void gradientsOfCosineAttentionMatchFiniteDifferences(Supplier<Device> device) {
    SelfAttention.Style cosine = new SelfAttention.Style(true, true, 0);
    try (Rig rig = new Rig(device.get(), 0, 0, cosine, 0)) {
      rig.parameters.all().get("blocks.0.attn.scale").copyFrom(new float[] {0.2f, 1.1f});
      FiniteDifferences.check(
          rig.device, rig.leaves(), () -> rig.block.forward(rig.x, Dropping.NONE));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tenzing.nn.TestDevices#all")
  void gradientsWithDropoutMatchFiniteDifferences(Supplier<Device> device) {
    Dropping draws = Dropping.random(Rng.seed(6), 3, 0, new float[] {0});
    try (Rig rig = new Rig(device.get(), 0, 0, SelfAttention.Style.STANDARD, 0.25)) {
      FiniteDifferences.check(rig.device, rig.leaves(), () -> rig.block.forward(rig.x, draws));
      assertArrayEquals(rig.output(draws), rig.output(draws), "the same draws");
      assertFalse(Arrays.equals(rig.output(Dropping.NONE), rig.output(draws)), "draws are used");
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tenzing.nn.TestDevices#all")
  void recomputationGivesTheSameGradients(Supplier<Device> device) {
    try (Rig rig = new Rig(device.get(), 0.5, 0.25f)) {
      Map<String, float[]> kept = gradients(rig, false);
      Map<String, float[]> recomputed = gradients(rig, true);
      kept.forEach((name, gradient) -> assertArrayEquals(gradient, recomputed.get(name), name));
    }
  }

  private static Map<String, float[]> gradients(Rig rig, boolean recompute) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    try (Step step = rig.device.step()) {
      Tensor y =
          recompute
              ? Recompute.apply(x -> rig.block.forward(x, SOME), rig.x)
              : rig.block.forward(rig.x, SOME);
      step.backward(y, TestDevices.normal(rig.device, 3, y.shape().toArray()));
    }
    rig.leaves()
        .forEach((name, leaf) -> {
          gradients.put(name, leaf.grad().toFloats());
          leaf.clearGrad();
        });
    return gradients;
  }

  @Test
  void withoutBranchesTheInputPasses() {
    try (Rig rig = new Rig(TestDevices.reference(), 0, 0.5f)) {
      assertArrayEquals(rig.x.toFloats(), rig.output((block, branch, sample) -> false));
      float[] first = rig.output((block, branch, sample) -> sample != 1);
      float[] x = rig.x.toFloats();
      assertArrayEquals(
          Arrays.copyOfRange(x, 40, 80), Arrays.copyOfRange(first, 40, 80), "dropped sample");
      assertFalse(Arrays.equals(Arrays.copyOf(x, 40), Arrays.copyOf(first, 40)), "kept sample");
    }
  }

  @Test
  void keptBranchesAreDividedByTheKeepProbability() {
    try (Rig rig = new Rig(TestDevices.reference(), 0, 0.2f)) {
      float[] x = rig.x.toFloats();
      // With the MLP dropped the change is the attention branch alone.
      float[] scaled = rig.output((block, branch, sample) -> branch == 0);
      float[] plain;
      try (Scope scope = rig.device.scope()) {
        plain = rig.block.attn().forward(rig.block.norm1().forward(rig.x), null).toFloats();
      }
      for (int i = 0; i < x.length; i++) {
        assertEquals(plain[i] / 0.8, scaled[i] - x[i], 1e-5 * (1 + Math.abs(x[i])));
      }
    }
  }

  @Test
  void evaluationKeepsBranchesUnscaled() {
    try (Rig rig = new Rig(TestDevices.reference(), 0, 0.2f);
        Rig still = new Rig(TestDevices.reference(), 0, 0)) {
      assertArrayEquals(still.output(SOME), rig.output(Dropping.NONE));
      assertTrue(still.block.dropRate() < rig.block.dropRate());
    }
  }
}
