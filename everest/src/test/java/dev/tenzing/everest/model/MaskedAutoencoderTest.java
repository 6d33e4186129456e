package dev.tenzing.everest.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.masking.TokenPlan;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Dual masking where clips differ in how many tokens count, which no reference file has. */
class MaskedAutoencoderTest {
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 1, 3, 4, 2, 2, 8, 1, 2, 0, 1e-6);
  private static final ClipShape CLIP = new ClipShape(4, 8, 8);

  // Two slots of four tokens. The first clip's decoder fills in two tokens that its encoder sees,
  // the second's none.
  private static final boolean[] MASK = {
    false, false, true, true, true, true, true, true,
    true, true, true, true, true, true, false, false
  };
  private static final boolean[] DECODE_MASK = {
    false, false, false, true, true, false, true, true,
    false, true, true, false, false, false, true, true
  };

  private static Tensor video(Device device) {
    float[] values = new float[2 * 3 * 4 * 8 * 8];
    Rng.Stream random = Rng.seed(2).at(0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return device.tensor(Shape.of(2, 3, 4, 8, 8), values);
  }

  @Test
  void theLossIsTheMeanOverWhatTheEncoderDoesNotSeeInTheWholeBatch() {
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(1), false)) {
      float[] head;
      try (Step step = device.step()) {
        Tensor video = video(device);
        TokenPlan plan = TokenPlan.fromMasks(device, MASK, DECODE_MASK, 2);
        Tensor output = model.forward(video, plan).output();
        Tensor targets = model.targets(video, plan, true);
        Tensor loss = MaskedAutoencoder.loss(output, targets, plan);
        int values = CONFIG.patchValues();
        assertEquals(Shape.of(2, 4, values), output.shape());
        float[] predicted = output.toFloats();
        float[] expected = targets.toFloats();
        double sum = 0;
        // Rows 0 and 1 of the first clip are seen, so 6 of 8 count.
        for (int row = 2; row < 8; row++) {
          for (int i = row * values; i < (row + 1) * values; i++) {
            sum += Math.pow(predicted[i] - expected[i], 2) / values;
          }
        }
        assertEquals(sum / 6, loss.item(), 1e-6 * sum);
        step.backward(loss);
        head = model.parameters().get("decoder.head.bias").grad().toFloats();
        double total = 0;
        for (int row = 2; row < 8; row++) {
          total += 2 * (predicted[row * values] - expected[row * values]) / (6.0 * values);
        }
        assertEquals(total, head[0], 1e-7);
      }
      for (Map.Entry<String, Tensor> entry : model.parameters().entrySet()) {
        assertTrue(entry.getValue().hasGrad(), entry.getKey());
      }
    }
  }

  @Test
  void aDecoderMaskOfWhatIsSeenIsNoDecoderMask() {
    boolean[] seen = new boolean[MASK.length];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = !MASK[i];
    }
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(1), false);
        Step step = device.step()) {
      Tensor video = video(device);
      TokenPlan one = TokenPlan.fromMask(device, MASK, 2);
      TokenPlan dual = TokenPlan.fromMasks(device, MASK, seen, 2);
      assertArrayEquals(one.target().toInts(), dual.target().toInts());
      assertEquals(model.loss(video, one, true).item(), model.loss(video, dual, true).item(), 1e-6);
    }
  }

  @Test
  void aBatchInWhichNothingCountsLosesNothing() {
    boolean[] half = new boolean[MASK.length];
    for (int i = 0; i < half.length; i++) {
      half[i] = i % 8 >= 4;
    }
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(1), false);
        Step step = device.step()) {
      TokenPlan plan = TokenPlan.fromMasks(device, half, half, 2);
      assertEquals(0, model.loss(video(device), plan, true).item());
    }
  }
}
