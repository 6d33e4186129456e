package dev.tenzing.everest.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.MemoryUsage;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.task.Tasks;
import dev.tenzing.everest.training.Targets;
import dev.tenzing.everest.training.TrainingTask;
import dev.tenzing.nn.SelfAttention;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The plan of a step is what the step takes on the CPU, to the byte. */
class MemoryPlanTest {
  private static final ClipShape CLIP = new ClipShape(8, 64, 32);
  private static final VitConfig NARROW =
      new VitConfig("narrow", 24, 3, 3, 8, 2, 4, 16, 2, 2, 0, 1e-6);
  private static final VitConfig SCALED =
      new VitConfig("scaled", 66, 2, 3, 16, 2, 2.5, 36, 1, 2, 0.1, 1e-6)
          .withAttention(new SelfAttention.Style(true, true, 0));
  private static final int STEPS = 5;

  static List<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (VitConfig config : List.of(NARROW, SCALED)) {
      for (Method method : Method.values()) {
        add(cases, pretraining(config, method));
      }
      add(cases, classifier(config, null, true, 0));
      add(cases, classifier(config, new ReRoSelection(0.4), false, 0.5));
      add(cases, pretraining(config, Method.EVEREST).withFrames(FrameSelection.OFFICIAL));
      add(
          cases,
          classifier(config, new ReRoSelection(0.4), true, 0).withFrames(new FrameSelection(1.25)));
    }
    return cases;
  }

  private static void add(List<Arguments> cases, ModelDescription model) {
    for (int batch : new int[] {1, 3}) {
      for (boolean recompute : new boolean[] {false, true}) {
        cases.add(Arguments.of(model, batch, recompute));
      }
    }
  }

  private static ModelDescription pretraining(VitConfig config, Method method) {
    Pretraining pretraining =
        new Pretraining(method, 0.75, 0.5, Pretraining.official(method).decoderMask(), true);
    return new ModelDescription(config, CLIP, 4, pretraining);
  }

  private static ModelDescription classifier(
      VitConfig config, ReRoSelection selection, boolean meanPooling, double dropPath) {
    VideoClassifier.Options options =
        new VideoClassifier.Options(
            5, selection, meanPooling, !meanPooling, dropPath, 1, dropPath / 2, dropPath / 4);
    return new ModelDescription(config, CLIP, 4, new Classification(options));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void foreseesTheMemoryOfTraining(ModelDescription model, int batch, boolean recompute) {
    boolean accumulates = batch > 1;
    MemoryPlan plan = MemoryPlan.of(model, batch, accumulates, recompute, DType.F32);
    MemoryUsage measured = measure(model, batch, accumulates, recompute);
    assertEquals(measured.peak(), plan.peak(), plan::toString);
    assertEquals(measured.reserved(), plan.reserved(), plan::toString);
  }

  /** As the trainer does it; everything is closed with the device. */
  private static MemoryUsage measure(
      ModelDescription model, int batch, boolean accumulates, boolean recompute) {
    try (Device device = Device.cpu(1);
        Arena arena = Arena.ofConfined()) {
      TrainingTask<?> task = task(model, device, recompute);
      int frames = model.loadedClip().frames();
      Shape shape = Shape.of(batch, frames, CLIP.height(), CLIP.width(), 3);
      for (int i = 0; i < STEPS; i++) {
        for (int pass = 0; pass < (accumulates ? 2 : 1); pass++) {
          try (Step step = device.step()) {
            Tensor pixels = device.tensor(DType.U8, shape, arena.allocate(shape.size()));
            Masking.Draw draw = new Masking.Draw(Rng.seed(5), i, (long) pass * batch);
            Tensor video = task.video(pixels, draw);
            pixels.close();
            step.backward(loss(task, video, batch, draw));
          }
        }
        task.optimizer().update(1e-3, 0.05);
        task.optimizer().clearGradients();
      }
      return device.memory();
    }
  }

  private static <T extends Targets> Tensor loss(
      TrainingTask<T> task, Tensor video, int clips, Masking.Draw draw) {
    return task.loss(video, task.targets(clips), draw);
  }

  private static TrainingTask<?> task(ModelDescription model, Device device, boolean recompute) {
    return Tasks.of(
        model,
        hyper -> model.pretraining().isPresent() ? hyper.clipped(1) : hyper,
        device,
        Rng.seed(3),
        recompute);
  }

  @Test
  void tellsWhatEachPartIs() {
    ModelDescription model =
        new ModelDescription(
            VitConfig.BASE, ClipShape.square(16, 224), 4, Pretraining.official(Method.VIDEOMAE));
    MemoryPlan plan = MemoryPlan.of(model, 8, false, false, DType.F32);
    MemoryPlan recomputed = MemoryPlan.of(model, 8, false, true, DType.F32);
    long parameters = 4 * model.parameterCount();
    within(0.02, parameters, plan.weights());
    assertTrue(plan.gradients() >= parameters && plan.optimizer() >= 2 * parameters);
    within(0.125, 4L * 1568 * (768 + 384), plan.positions());
    within(0.1, 8L * 16 * 224 * 224 * 3 * (1 + 4), plan.input());
    // Of each block: its input, q, k, v, attention, its sum, the MLP before GELU; then there are
    // tokens of the decoder, and predicted pixels with their targets.
    long kept = 4L * 8 * (12 * 10L * 160 * 768 + 4 * 10L * 1568 * 384);
    assertTrue(plan.activations() > kept && plan.activations() < 1.3 * kept, plan::toString);
    long inputsOfBlocks = 4L * 8 * (12 * 160 * 768 + 4 * 1568 * 384);
    assertTrue(recomputed.activations() > inputsOfBlocks);
    assertTrue(recomputed.activations() < plan.activations() / 4);
    assertTrue(recomputed.peak() < plan.peak());
  }

  private static void within(double share, long expected, long actual) {
    assertEquals(expected, actual, share * expected);
  }
}
