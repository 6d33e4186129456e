package dev.tenzing.everest.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.torch.TorchWriter;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.video.sample.SamplingRule;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints that PyTorch wrote, against the same weights as safetensors. */
class TorchContentsTest {
  private static final Hints PRETRAINED = new Hints(3, 2, 8, 16, null, null);
  private static final Hints FINETUNED = new Hints(3, null, 8, 16, null, null);

  @TempDir private Path folder;

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(TorchContentsTest.class.getResource("/pth/" + name).toURI());
  }

  private static void assertSame(
      Map<String, StoredTensor> expected, Map<String, StoredTensor> actual) {
    assertEquals(new HashSet<>(expected.keySet()), new HashSet<>(actual.keySet()));
    expected.forEach((name, tensor) -> {
      assertEquals(tensor.type(), actual.get(name).type(), name);
      assertEquals(tensor.shape(), actual.get(name).shape(), name);
      assertArrayEquals(
          tensor.bytes().toArray(ValueLayout.JAVA_BYTE),
          actual.get(name).bytes().toArray(ValueLayout.JAVA_BYTE),
          name);
    });
  }

  @ParameterizedTest
  @CsvSource({
    "everest_pretrain_zip.pth, everest_pretrain, model, ''",
    "v2_finetune_module_bf16_legacy.pth, v2_finetune_bf16, module, ''",
    "v2_finetune_plain_legacy.pth, v2_finetune_f32, '', ''",
    "v2_pretrain_compiled_zip.pth, v2_pretrain_compiled, model, _orig_mod."
  })
  void theStateDictIsFound(String file, String weights, String where, String prefix)
      throws Exception {
    try (Checkpoint torch = Checkpoint.open(resource(file));
        Checkpoint plain = Checkpoint.open(resource(weights + ".weights.safetensors"))) {
      assertEquals(CheckpointFormat.PTH, torch.format());
      assertEquals(where, torch.stateDict());
      assertEquals(prefix, torch.prefix());
      assertSame(plain.tensors(), torch.tensors());
    }
  }

  @Test
  void whatLiesBesideIsTold() throws Exception {
    try (Checkpoint torch = Checkpoint.open(resource("everest_pretrain_zip.pth"))) {
      assertEquals(0L, torch.metadata().get("epoch"));
      assertEquals(
          "pretrain_videoms_base_patch16_224",
          ((Map<?, ?>) torch.metadata().get("args")).get("model"));
      assertTrue(((String) torch.metadata().get("optimizer")).endsWith(" tensors"));
      Json.write(torch.metadata());
      ModelDescription description = torch.description(PRETRAINED);
      assertEquals(Method.EVEREST, description.pretraining().orElseThrow().method());
      assertEquals(0.3, description.pretraining().orElseThrow().keep(), 1e-12);
      assertEquals(4, description.stride());
      assertEquals(8, description.config().patch());
    }
  }

  @ParameterizedTest
  @CsvSource({"SSV2, false, SPARSE", "MIT, true, SPARSE", "Kinetics-400, false, DENSE"})
  void argumentsTellTheSampling(String dataSet, boolean sparse, SamplingRule rule)
      throws Exception {
    Path file = folder.resolve("tuned.pth");
    try (Checkpoint plain = Checkpoint.open(resource("v2_finetune_f32.weights.safetensors"))) {
      TorchWriter.write(
          file,
          Map.of(
              "model",
              plain.tensors(),
              "args",
              Map.of("data_set", dataSet, "sparse_sample", sparse)));
    }
    try (Checkpoint torch = Checkpoint.open(file)) {
      assertEquals(rule, torch.description(FINETUNED).sampling());
    }
  }

  @Test
  void halfPrecisionIsWidened() throws Exception {
    try (Device device = Device.cpu(1);
        ModelFile file = ModelFile.open(resource("v2_finetune_module_bf16_legacy.pth"), FINETUNED);
        VideoClassifier model = file.classifier(device);
        Safetensors weights = Safetensors.open(resource("v2_finetune_bf16.weights.safetensors"))) {
      assertEquals(10, model.classes());
      model
          .parameters()
          .forEach(
              (name, tensor) -> assertArrayEquals(weights.toFloats(name), tensor.toFloats(), name));
    }
  }

  @Test
  void everyBitSurvivesTheWayThroughAllFormats() throws Exception {
    Path original = resource("everest_pretrain_zip.pth");
    convert(original, "a.safetensors", PRETRAINED);
    convert(folder.resolve("a.safetensors"), "b", Hints.NONE);
    convert(folder.resolve("b"), "c.pth", Hints.NONE);
    try (Checkpoint first = Checkpoint.open(original);
        Checkpoint hub = Checkpoint.open(folder.resolve("b"));
        Checkpoint last = Checkpoint.open(folder.resolve("c.pth"))) {
      assertTrue(hub.tensors().containsKey("videomae.layernorm.weight"));
      assertEquals("model", last.stateDict());
      assertSame(first.tensors(), last.tensors());
      assertEquals(first.description(PRETRAINED), last.description(Hints.NONE));
    }
  }

  @Test
  void halfPrecisionSurvivesToo() throws Exception {
    Path original = resource("v2_finetune_module_bf16_legacy.pth");
    convert(original, "hub", FINETUNED);
    convert(folder.resolve("hub"), "back.pth", Hints.NONE);
    try (Checkpoint first = Checkpoint.open(original);
        Checkpoint last = Checkpoint.open(folder.resolve("back.pth"))) {
      assertSame(first.tensors(), last.tensors());
    }
    String config = Files.readString(folder.resolve("hub/config.json"));
    assertEquals("bfloat16", Json.parseObject(config).get("dtype"));
  }

  private void convert(Path from, String to, Hints hints) throws IOException {
    Path target = folder.resolve(to);
    try (Checkpoint checkpoint = Checkpoint.open(from)) {
      new Conversion(checkpoint, hints).write(target, Conversion.formatOf(target), false);
    }
  }

  @Test
  void aDeepSpeedFolderIsRead() throws Exception {
    Path step = Files.createDirectories(folder.resolve("checkpoint-99"));
    Path model = step.resolve("mp_rank_00_model_states.pt");
    Files.copy(resource("v2_finetune_module_bf16_legacy.pth"), model);
    Files.writeString(folder.resolve("latest"), "checkpoint-99\n");
    for (Path path : List.of(folder, step)) {
      try (Checkpoint checkpoint = Checkpoint.open(path)) {
        assertEquals(CheckpointFormat.DEEPSPEED, checkpoint.format());
        assertEquals("module", checkpoint.stateDict());
        assertEquals(ModelKind.CLASSIFIER, checkpoint.kind());
      }
    }
    Files.copy(model, step.resolve("mp_rank_01_model_states.pt"));
    assertTrue(
        assertThrows(CheckpointException.class, () -> Checkpoint.open(folder))
            .getMessage()
            .contains("is a model split over 2 files"));
  }

  @Test
  void anOlderHuggingFaceFolderIsRead() throws Exception {
    convert(resource("everest_pretrain_zip.pth"), "hub", PRETRAINED);
    Path hub = folder.resolve("hub");
    try (Checkpoint checkpoint = Checkpoint.open(hub)) {
      TorchWriter.write(
          hub.resolve("pytorch_model.bin"), new LinkedHashMap<>(checkpoint.tensors()));
    }
    Files.delete(hub.resolve("model.safetensors"));
    try (Device device = Device.cpu(1);
        ModelFile file = ModelFile.open(hub);
        MaskedAutoencoder model = file.autoencoder(device);
        Safetensors weights = Safetensors.open(resource("everest_pretrain.weights.safetensors"))) {
      String name = "encoder.blocks.0.attn.qkv.weight";
      assertArrayEquals(weights.toFloats(name), model.parameters().get(name).toFloats());
    }
  }

  @Test
  void aFileWithoutStateDictIsRefused() throws IOException {
    Path file = folder.resolve("other.pth");
    TorchWriter.write(file, Map.of("epoch", 3L));
    CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
    assertEquals(
        file
            + " holds no state dict: there are no tensors at its top, nor under model, module,"
            + " state_dict; it has epoch",
        e.getMessage());
  }
}
