package dev.tenzing.everest.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Method;
import dev.tenzing.everest.recipe.Pretraining;
import dev.tenzing.video.sample.SamplingRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelDescriptionTest {
  private static final ClipShape CLIP = ClipShape.square(16, 224);

  /** Decoders of four blocks, 400 classes. */
  @ParameterizedTest
  @CsvSource({
    "vit-s, 24029376, 22033936",
    "vit-b, 94210944, 86534800",
    "vit-l, 317782016, 304270736",
    "vit-h, 645659392, 632119440",
    "vit-g, 1026306560, 1012174352"
  })
  void countsTheParametersOfTheOfficialModels(String size, long autoencoder, long classifier) {
    VitConfig config = VitConfig.named(size);
    Pretraining pretraining = Pretraining.official(Method.VIDEOMAE);
    VideoClassifier.Options options = VideoClassifier.Options.official(400, null);
    assertEquals(
        autoencoder,
        new ModelDescription(config, CLIP, 4, pretraining, null, List.of()).parameterCount());
    assertEquals(
        classifier,
        new ModelDescription(config, CLIP, 4, null, options, List.of()).parameterCount());
  }

  @Test
  void samplingIsWrittenAndOlderFilesAreDense() {
    VideoClassifier.Options options = VideoClassifier.Options.official(174, null);
    ModelDescription dense =
        new ModelDescription(VitConfig.named("tiny"), CLIP, 2, null, options, List.of());
    ModelDescription sparse = dense.withSampling(SamplingRule.SPARSE);
    assertEquals(sparse, ModelDescription.ofJson(sparse.toJson(), "a file"));
    String older = dense.toJson().replaceFirst("\"sampling\": ?\"dense\", ?", "");
    assertFalse(older.contains("sampling"), older);
    assertEquals(dense, ModelDescription.ofJson(older, "a file"));
  }

  @Test
  void frameSelectionIsWrittenAndNeedsATokenSelection() {
    VideoClassifier.Options options =
        VideoClassifier.Options.official(174, ReRoSelection.finetuning());
    ModelDescription all =
        new ModelDescription(VitConfig.named("tiny"), CLIP, 2, null, options, List.of());
    ModelDescription chosen = all.withFrames(FrameSelection.OFFICIAL);
    assertEquals(chosen, ModelDescription.ofJson(chosen.toJson(), "a file"));
    assertFalse(all.toJson().contains("frame_selection"));
    assertEquals(CLIP, all.loadedClip());
    assertEquals(CLIP.frames() * 3 / 2, chosen.loadedClip().frames());
    assertEquals(CLIP.frames() * 3 / 2, chosen.loaded(chosen.sampler()).length());
    ModelDescription keepsAll =
        new ModelDescription(
                VitConfig.named("tiny"),
                CLIP,
                2,
                null,
                VideoClassifier.Options.official(174, null),
                List.of())
            .withFrames(FrameSelection.OFFICIAL);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> keepsAll.input(video -> video))
            .getMessage()
            .contains("give --keep below 1"));
  }
}
