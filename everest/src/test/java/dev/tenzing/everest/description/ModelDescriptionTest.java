package dev.tenzing.everest.description;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.everest.checkpoint.DescriptionJson;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.video.sample.SamplingRule;
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
    assertEquals(autoencoder, new ModelDescription(config, CLIP, 4, pretraining).parameterCount());
    assertEquals(
        classifier,
        new ModelDescription(config, CLIP, 4, new Classification(options)).parameterCount());
  }

  @Test
  void samplingIsWrittenAndOlderFilesAreDense() {
    VideoClassifier.Options options = VideoClassifier.Options.official(174, null);
    ModelDescription dense =
        new ModelDescription(VitConfig.named("tiny"), CLIP, 2, new Classification(options));
    ModelDescription sparse = dense.withSampling(SamplingRule.SPARSE);
    assertEquals(sparse, DescriptionJson.read(DescriptionJson.write(sparse), "a file"));
    String older = DescriptionJson.write(dense).replaceFirst("\"sampling\": ?\"dense\", ?", "");
    assertFalse(older.contains("sampling"), older);
    assertEquals(dense, DescriptionJson.read(older, "a file"));
  }

  @Test
  void frameSelectionIsWrittenAndNeedsATokenSelection() {
    VideoClassifier.Options options =
        VideoClassifier.Options.official(174, ReRoSelection.finetuning());
    ModelDescription all =
        new ModelDescription(VitConfig.named("tiny"), CLIP, 2, new Classification(options));
    ModelDescription chosen = all.withFrames(FrameSelection.OFFICIAL);
    assertEquals(chosen, DescriptionJson.read(DescriptionJson.write(chosen), "a file"));
    assertFalse(DescriptionJson.write(all).contains("frame_selection"));
    assertEquals(CLIP, all.loadedClip());
    assertEquals(CLIP.frames() * 3 / 2, chosen.loadedClip().frames());
    assertEquals(CLIP.frames() * 3 / 2, chosen.loaded(chosen.sampler()).length());
    ModelDescription keepsAll =
        new ModelDescription(
                VitConfig.named("tiny"),
                CLIP,
                2,
                new Classification(VideoClassifier.Options.official(174, null)))
            .withFrames(FrameSelection.OFFICIAL);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> keepsAll.input(video -> video))
            .getMessage()
            .contains("give --keep below 1"));
  }
}
