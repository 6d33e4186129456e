package dev.tenzing.everest.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.profile.KernelWork;
import dev.tenzing.engine.profile.Profile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.task.Tasks;
import dev.tenzing.everest.training.Targets;
import dev.tenzing.everest.training.TrainingTask;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernels of a step compute as many products as are foreseen. */
class ProfiledStepTest {
  private static final VitConfig CONFIG = VitConfig.SMALL;
  private static final ClipShape CLIP = ClipShape.square(16, 224);
  private static final int BATCH = 2;

  @ParameterizedTest
  @EnumSource(Method.class)
  void pretrainingMultipliesAsForeseen(Method method) {
    Pretraining pretraining = Pretraining.official(method);
    Masking masking = pretraining.masking();
    TokenGrid grid = CLIP.grid(CONFIG);
    ForwardCost cost = ForwardCost.pretrainingAsRun(CONFIG, grid, masking);
    long visible = Linear.macs(masking.visibleTokens(grid), CONFIG.width(), CONFIG.patchValues());
    boolean chooses = masking.needsTokens();
    check(
        new ModelDescription(CONFIG, CLIP, 4, pretraining),
        cost,
        // All tokens are embedded to choose among them, then the visible ones to train on.
        chooses ? visible : 0,
        chooses ? visible : cost.patchEmbed());
  }

  @Test
  void classificationMultipliesAsForeseen() {
    VideoClassifier.Options options = VideoClassifier.Options.official(7, null).withoutDropPath();
    ForwardCost cost = ForwardCost.classification(CONFIG, CLIP.grid(CONFIG), options);
    check(
        new ModelDescription(CONFIG, CLIP, 4, new Classification(options)),
        cost,
        0,
        cost.patchEmbed());
  }

  /**
   * Profiles a step.
   *
   * @param embeddedAgain multiply-adds of an embedding that is not foreseen
   * @param trainedEmbedding multiply-adds of the embedding that has a gradient
   */
  private static void check(
      ModelDescription model, ForwardCost cost, long embeddedAgain, long trainedEmbedding) {
    Map<String, Double> flops = profile(model);
    long attention = cost.encoderAttention() + cost.decoderAttention();
    long linear = cost.macs() - attention;
    double unit = 2.0 * BATCH;
    long layers = linear - cost.patchEmbed();
    assertEquals(unit * (linear + embeddedAgain), flops.get("linear") + flops.get("linearGelu"));
    // No gradient flows to the pixels.
    assertEquals(unit * layers, flops.get("linearBackwardInput"));
    assertEquals(unit * (layers + trainedEmbedding), flops.get("linearBackwardWeight"));
    assertEquals(unit * attention, flops.get("attention"));
    // Four products have the gradients, as many as are foreseen; a fifth computes scores again.
    assertEquals(5 * unit * attention / 2, flops.get("attentionBackward"));
  }

  private static <T extends Targets> Tensor loss(
      TrainingTask<T> task, Tensor video, Masking.Draw draw) {
    return task.loss(video, task.targets(BATCH), draw);
  }

  private static Map<String, Double> profile(ModelDescription model) {
    try (Device meta = Device.meta();
        Profile profile = meta.profile()) {
      TrainingTask<?> task = Tasks.of(model, UnaryOperator.identity(), meta, Rng.seed(0), false);
      profile.begin();
      try (Step step = meta.step()) {
        Tensor video = meta.zeros(Shape.of(BATCH, 3, CLIP.frames(), CLIP.height(), CLIP.width()));
        Masking.Draw draw = new Masking.Draw(Rng.seed(1), 0, 0);
        step.backward(loss(task, video, draw));
      }
      profile.end();
      return profile.kernels().stream()
          .collect(Collectors.toMap(KernelWork::kernel, KernelWork::flops));
    }
  }
}
