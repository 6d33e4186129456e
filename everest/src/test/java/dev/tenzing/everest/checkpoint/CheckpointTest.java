package dev.tenzing.everest.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.masking.TokenPlan;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.PositionInterpolation;
import dev.tenzing.nn.SelfAttention;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  @TempDir private Path folder;

  private static Safetensors reference(String name) throws URISyntaxException {
    return Safetensors.open(
        Path.of(CheckpointTest.class.getResource("/reference/" + name + ".safetensors").toURI()));
  }

  /** The folder that transformers would save of a case's model. */
  private void writeHuggingFace(Safetensors file, String biasKey) throws IOException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    file.names().stream()
        .filter(name -> name.startsWith("param."))
        .forEach(name -> tensors.put(name.substring(6), file.tensor(name)));
    SafetensorsWriter.writeStored(
        folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    Map<?, ?> config =
        (Map<?, ?>) Json.parseObject(file.metadata().get("config")).get("hf_config_full");
    String json = Json.write(config).replace("\"qv_bias\"", "\"" + biasKey + "\"");
    Files.writeString(folder.resolve("config.json"), json);
  }

  private static void assertClose(Safetensors file, String name, Tensor actual) {
    double[] expected = file.toDoubles("expect." + name);
    List<?> noise =
        (List<?>) Json.parseObject(file.metadata().get("fp32_noise")).get("expect." + name);
    double largest = ((Number) noise.get(1)).doubleValue();
    double tolerance = Math.max(10 * ((Number) noise.get(0)).doubleValue(), 1e-6 * largest);
    float[] values = actual.toFloats();
    assertEquals(expected.length, values.length, name);
    for (int i = 0; i < values.length; i++) {
      assertEquals(expected[i], values[i], tolerance, name + " " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qv_bias", "qkv_bias"})
  void aHuggingFaceClassifierGivesItsValues(String biasKey) throws Exception {
    try (Safetensors file = reference("hf-classify-2");
        Device device = Device.cpu(1)) {
      writeHuggingFace(file, biasKey);
      try (ModelFile model = ModelFile.open(folder);
          VideoClassifier classifier = model.classifier(device);
          Scope scope = device.scope()) {
        assertEquals(1e-6, model.description().config().layerNormEps());
        assertEquals(ClipShape.square(8, 32), model.description().clip());
        Tensor video = file.toTensor(device, "input.video");
        assertClose(file, "logits", classifier.logits(video));
      }
    }
  }

  @Test
  void aHuggingFaceAutoencoderGivesItsValues() throws Exception {
    try (Safetensors file = reference("hf-pretrain-2");
        Device device = Device.cpu(1)) {
      writeHuggingFace(file, "qv_bias");
      try (ModelFile model = ModelFile.open(folder.resolve("model.safetensors"));
          MaskedAutoencoder autoencoder = model.autoencoder(device);
          Scope scope = device.scope()) {
        assertEquals(false, model.description().pretraining().orElseThrow().normalizeTargets());
        long[] mask = file.toLongs("input.mask");
        boolean[] masked = new boolean[mask.length];
        for (int i = 0; i < mask.length; i++) {
          masked[i] = mask[i] != 0;
        }
        TokenPlan plan = TokenPlan.fromMask(device, masked, (int) file.shape("input.mask").dim(0));
        Tensor video = file.toTensor(device, "input.video");
        assertClose(file, "output", autoencoder.forward(video, plan).output());
      }
    }
  }

  @Test
  void modelsOfOtherKindsAreRefused() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"bert\"}");
    Files.writeString(folder.resolve("model.safetensors"), "");
    assertEquals(
        folder.resolve("config.json") + " describes a model of type bert, not videomae",
        assertThrows(CheckpointException.class, () -> Checkpoint.open(folder)).getMessage());
    Files.delete(folder.resolve("model.safetensors"));
    assertTrue(
        assertThrows(CheckpointException.class, () -> Checkpoint.open(folder))
            .getMessage()
            .endsWith("has a config.json but neither model.safetensors nor pytorch_model.bin"));
  }

  /** A file of a model's parameters that says nothing of the model, with a wrapper's prefix. */
  private Path plain(Map<String, Tensor> parameters, String prefix) throws IOException {
    Map<String, Tensor> named = new LinkedHashMap<>();
    parameters.forEach((name, tensor) -> named.put(prefix + name, tensor));
    Path file = folder.resolve("plain.safetensors");
    SafetensorsWriter.write(file, named, Map.of());
    return file;
  }

  @Test
  void aKnownSizeIsRecognised() throws IOException {
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model =
            new MaskedAutoencoder(
                VitConfig.TINY, ClipShape.square(16, 224), device, Rng.seed(1), false);
        ModelFile file = ModelFile.open(plain(model.parameters(), "_orig_mod.module."))) {
      assertEquals(VitConfig.TINY, file.description().config());
      assertEquals(ClipShape.square(16, 224), file.description().clip());
      assertEquals(Method.VIDEOMAE, file.description().pretraining().orElseThrow().method());
      file.autoencoder(device).close();
    }
  }

  @Test
  void headsThatNothingTellsAreAskedFor() throws IOException {
    VitConfig config = new VitConfig("custom", 12, 2, 3, 8, 2, 3.7, 10, 1, 2, 0.1, 1e-6);
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model =
            new MaskedAutoencoder(config, ClipShape.square(4, 16), device, Rng.seed(1), false)) {
      Path file = plain(model.parameters(), "");
      CheckpointException heads =
          assertThrows(CheckpointException.class, () -> ModelFile.open(file));
      assertEquals(
          file
              + " does not say how many attention heads its widths of 12 and 10 (decoder) split"
              + " into; say it with --heads and --decoder-heads",
          heads.getMessage());
      Hints some = new Hints(3, null, null, null, null, null);
      assertTrue(
          assertThrows(CheckpointException.class, () -> ModelFile.open(file, some))
              .getMessage()
              .endsWith("say it with --decoder-heads"));
      Hints all = new Hints(3, 2, 4, 16, null, null);
      try (ModelFile read = ModelFile.open(file, all)) {
        assertEquals(44, (int) (12 * read.description().config().mlpRatio()));
        assertEquals(37, (int) (10 * read.description().config().decoderMlpRatio()));
        read.autoencoder(device).close();
      }
      Hints wrong = new Hints(5, 2, null, null, null, null);
      assertTrue(
          assertThrows(CheckpointException.class, () -> ModelFile.open(file, wrong))
              .getMessage()
              .contains("the width 12 must be a positive multiple of the heads 5"));
    }
  }

  @Test
  void cosineAttentionTellsItsHeads() throws IOException {
    VitConfig config =
        new VitConfig("custom", 12, 2, 3, 8, 2, 4, 10, 1, 2, 0, 1e-6)
            .withAttention(new SelfAttention.Style(true, true, 0));
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model =
            new MaskedAutoencoder(config, ClipShape.square(4, 16), device, Rng.seed(1), false);
        ModelFile file = ModelFile.open(plain(model.parameters(), ""))) {
      assertEquals(config, file.description().config());
    }
  }

  private static final VitConfig SMALL =
      new VitConfig("custom", 12, 1, 3, 8, 2, 4, 8, 1, 2, 0, 1e-6);
  private static final ClipShape CLIP = ClipShape.square(4, 16);

  private static VideoClassifier classifier(Device device, int classes) {
    return new VideoClassifier(
        SMALL,
        CLIP,
        VideoClassifier.Options.official(classes, null),
        device,
        Rng.seed(classes),
        false);
  }

  @Test
  void aHeadForOtherClassesIsRefusedUnlessItIsReset() throws IOException {
    Hints hints = new Hints(3, 2, null, null, null, null);
    try (Device device = Device.cpu(1);
        VideoClassifier source = classifier(device, 5);
        VideoClassifier same = classifier(device, 5);
        VideoClassifier other = classifier(device, 7);
        ModelFile file = ModelFile.open(plain(source.parameters(), ""), hints)) {
      assertEquals(
          source.parameters().size(), file.loadEncoder(same, false, false).matched().size());
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> file.loadEncoder(other, false, true));
      assertTrue(
          e.getMessage()
              .endsWith(
                  "has a head of 5 classes where 7 are needed; start a new one with --reset-head"),
          e.getMessage());
      Fit fit = file.loadEncoder(other, true, false);
      assertTrue(fit.exact() && !fit.matched().contains("head.weight"), fit.toString());
      assertTrue(fit.matched().contains("fc_norm.weight"), fit.toString());
    }
  }

  @Test
  void learnedPositionsAreBroughtToTheModelsClips() throws IOException {
    VideoClassifier.Options options = new VideoClassifier.Options(5, null, true, true, 0, 1);
    ClipShape wider = new ClipShape(16, 24, 32);
    Hints hints = new Hints(3, 2, null, 16, null, null);
    try (Device device = Device.cpu(1);
        VideoClassifier source =
            new VideoClassifier(
                SMALL, ClipShape.square(16, 16), options, device, Rng.seed(1), false);
        VideoClassifier target =
            new VideoClassifier(SMALL, wider, options, device, Rng.seed(2), false);
        ModelFile file = ModelFile.open(plain(source.parameters(), ""), hints)) {
      assertTrue(file.loadEncoder(target, false, false).exact());
      assertArrayEquals(
          PositionInterpolation.spatial(
              source.parameters().get("pos_embed").toFloats(), 8, 2, 2, 3, 4),
          target.parameters().get("pos_embed").toFloats());
    }
  }

  @Test
  void partOfAModelIsRefusedUnlessAskedFor() throws IOException {
    Hints hints = new Hints(3, 2, null, null, null, null);
    try (Device device = Device.cpu(1);
        VideoClassifier source = classifier(device, 5);
        VideoClassifier target = classifier(device, 5)) {
      Map<String, Tensor> some = new LinkedHashMap<>(source.parameters());
      some.put("blocks.0.extra", some.remove("blocks.0.mlp.fc2.bias"));
      float[] before = target.parameters().get("patch_embed.proj.weight").toFloats();
      try (ModelFile file = ModelFile.open(plain(some, ""), hints)) {
        CheckpointException e =
            assertThrows(CheckpointException.class, () -> file.loadEncoder(target, false, false));
        assertTrue(
            e.getMessage()
                .endsWith(
                    "does not fit the model: it has no tensor blocks.0.mlp.fc2.bias; the model has"
                        + " no parameter blocks.0.extra"),
            e.getMessage());
        assertArrayEquals(
            before, target.parameters().get("patch_embed.proj.weight").toFloats(), "untouched");
        Fit fit = file.loadEncoder(target, false, true);
        assertEquals(List.of("blocks.0.mlp.fc2.bias"), fit.missing());
        assertEquals(List.of("blocks.0.extra"), fit.unexpected());
      }
    }
  }
}
