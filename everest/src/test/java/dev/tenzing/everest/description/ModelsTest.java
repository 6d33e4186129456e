package dev.tenzing.everest.description;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.everest.checkpoint.DescriptionJson;
import dev.tenzing.everest.cost.ForwardCost;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipEncoder;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VideoModel;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.task.Tasks;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelsTest {
  private static final VitConfig CONFIG =
      new VitConfig("custom", 12, 2, 3, 8, 2, 2, 8, 1, 2, 0, 1e-6);
  private static final ClipShape CLIP = ClipShape.square(4, 32);

  static List<Purpose> purposes() {
    return List.of(
        Pretraining.official(Method.EVEREST),
        Pretraining.official(Method.VIDEOMAE_V2),
        new Classification(
            VideoClassifier.Options.official(3, new ReRoSelection(0.4)), List.of("a", "b", "c")),
        new Classification(new VideoClassifier.Options(2, null, false, true, 0, 1)),
        new EncoderAlone());
  }

  private static ModelDescription description(Purpose purpose) {
    return new ModelDescription(CONFIG, CLIP, 4, purpose);
  }

  @ParameterizedTest
  @MethodSource("purposes")
  void everyPurposeHasItsNetworkItsTextAndItsCost(Purpose purpose) {
    ModelDescription description = description(purpose);
    assertEquals(
        description, DescriptionJson.read(DescriptionJson.write(description), "a description"));
    assertTrue(ForwardCost.of(description).macs() > 0);
    try (Device device = Device.cpu(1);
        VideoModel model = Models.of(description, device, Rng.seed(1), false);
        Scope scope = device.scope()) {
      Class<?> type =
          switch (purpose) {
            case Pretraining any -> MaskedAutoencoder.class;
            case Classification any -> VideoClassifier.class;
            case EncoderAlone any -> ClipEncoder.class;
          };
      assertInstanceOf(type, model);
      Map<String, Shape> shapes = new HashMap<>();
      model.parameters().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      assertEquals(shapes, description.shapes());
      assertEquals(
          Shape.of(1, model.grid().tokens(), CONFIG.width()),
          model.tokens(device.zeros(Shape.of(1, 3, 4, 32, 32))).shape());
    }
  }

  @ParameterizedTest
  @MethodSource("purposes")
  void whatItIsNotForIsRefused(Purpose purpose) {
    ModelDescription description = description(purpose);
    try (Device device = Device.meta()) {
      Rng rng = Rng.seed(1);
      if (!(purpose instanceof Pretraining)) {
        assertThrows(
            IllegalArgumentException.class,
            () -> Models.autoencoder(description, device, rng, false));
      }
      if (!(purpose instanceof Classification)) {
        assertThrows(
            IllegalArgumentException.class,
            () -> Models.classifier(description, device, rng, false));
      }
      if (purpose instanceof EncoderAlone) {
        assertThrows(
            IllegalArgumentException.class,
            () -> Tasks.of(description, UnaryOperator.identity(), device, rng, false));
      } else {
        assertEquals(
            description.shapes().keySet(),
            Tasks.of(description, UnaryOperator.identity(), device, rng, false)
                .parameters()
                .keySet());
      }
    }
  }

  /** Weights follow from names, so an encoder has those of the classifier around it. */
  @ParameterizedTest
  @MethodSource("purposes")
  void aClassifierIsAnEncoderOfClipsWithAHead(Purpose purpose) {
    if (purpose instanceof Classification classification) {
      try (Device device = Device.meta();
          ClipEncoder encoder =
              ClipEncoder.of(CONFIG, CLIP, classification.options(), device, Rng.seed(1))) {
        Set<String> withoutHead =
            description(purpose).shapes().keySet().stream()
                .filter(name -> !name.startsWith("head."))
                .collect(Collectors.toSet());
        assertEquals(withoutHead, encoder.parameters().keySet());
      }
    }
  }
}
