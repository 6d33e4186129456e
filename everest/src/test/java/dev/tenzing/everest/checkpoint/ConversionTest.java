package dev.tenzing.everest.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversionTest {
  private static final VitConfig CONFIG =
      new VitConfig("custom", 12, 2, 3, 8, 2, 3.7, 8, 1, 2, 0, 1e-6);
  private static final ModelDescription DESCRIPTION =
      new ModelDescription(
          CONFIG,
          new ClipShape(4, 16, 24),
          3,
          new Classification(
              new VideoClassifier.Options(3, new ReRoSelection(0.4), true, false, 0.1, 1),
              List.of("a", "b", "ünï")));

  @TempDir private Path folder;

  private Path own() throws IOException {
    Path file = folder.resolve("own.safetensors");
    try (Device device = Device.cpu(1);
        VideoClassifier model = Models.classifier(DESCRIPTION, device, Rng.seed(1), false)) {
      ModelFile.write(file, model.parameters(), DESCRIPTION);
    }
    return file;
  }

  private List<String> convert(Path from, String to) throws IOException {
    Path target = folder.resolve(to);
    try (Checkpoint checkpoint = Checkpoint.open(from)) {
      return new Conversion(checkpoint, Hints.NONE)
          .write(target, Conversion.formatOf(target), false);
    }
  }

  private static void assertSame(
      Map<String, StoredTensor> expected, Map<String, StoredTensor> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, tensor) -> {
      assertEquals(tensor.type(), actual.get(name).type(), name);
      assertEquals(tensor.shape(), actual.get(name).shape(), name);
      assertArrayEquals(
          tensor.bytes().toArray(ValueLayout.JAVA_BYTE),
          actual.get(name).bytes().toArray(ValueLayout.JAVA_BYTE),
          name);
    });
  }

  @Test
  void ourModelGoesToHuggingFaceAndBackWithAllItSays() throws IOException {
    List<String> notes = convert(own(), "hf");
    assertEquals(2, notes.size(), notes.toString());
    convert(folder.resolve("hf"), "back.safetensors");
    try (Checkpoint there = Checkpoint.open(folder.resolve("own.safetensors"));
        Checkpoint hub = Checkpoint.open(folder.resolve("hf"));
        Checkpoint back = Checkpoint.open(folder.resolve("back.safetensors"))) {
      assertEquals(CheckpointFormat.HUGGING_FACE, hub.format());
      assertTrue(hub.tensors().containsKey("classifier.weight"));
      assertSame(there.tensors(), back.tensors());
      assertEquals(DESCRIPTION, back.description(Hints.NONE));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(3, files.count(), "nothing else is left behind");
    }
  }

  @Test
  void theConfigIsWhatTransformersReads() throws IOException {
    convert(own(), "hf");
    Map<String, Object> config =
        Json.parseObject(Files.readString(folder.resolve("hf/config.json")));
    assertEquals(List.of("VideoMAEForVideoClassification"), config.get("architectures"));
    assertEquals("videomae", config.get("model_type"));
    assertEquals(44L, config.get("intermediate_size"));
    assertEquals(List.of(16L, 24L), config.get("image_size"));
    assertEquals(Map.of("0", "a", "1", "b", "2", "ünï"), config.get("id2label"));
    assertEquals(Map.of("a", 0L, "b", 1L, "ünï", 2L), config.get("label2id"));
    assertEquals(true, config.get("qv_bias"));
    assertEquals(true, config.get("qkv_bias"));
    assertEquals(1e-6, config.get("layer_norm_eps"));
    assertEquals(true, config.get("use_mean_pooling"));
  }

  @Test
  void aModelThatTransformersChangedIsWhatItsConfigSays() throws IOException {
    convert(own(), "hf");
    Path config = folder.resolve("hf/config.json");
    Files.writeString(
        config,
        Files.readString(config).replace("\"num_attention_heads\":3", "\"num_attention_heads\":2"));
    try (Checkpoint hub = Checkpoint.open(folder.resolve("hf"))) {
      ModelDescription description = hub.description(Hints.NONE);
      assertEquals(2, description.config().heads());
      assertEquals(1e-5, description.config().headNormEps());
      assertEquals(List.of("a", "b", "ünï"), description.classNames());
    }
  }

  @Test
  void aFileOfTransformersKeepsItsBits() throws Exception {
    try (Safetensors file =
        Safetensors.open(
            Path.of(
                ConversionTest.class
                    .getResource("/reference/hf-pretrain-2.safetensors")
                    .toURI()))) {
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      file.names().stream()
          .filter(name -> name.startsWith("param."))
          .forEach(name -> tensors.put(name.substring(6), file.tensor(name)));
      Path original = Files.createDirectory(folder.resolve("original"));
      SafetensorsWriter.writeStored(original.resolve("model.safetensors"), tensors, Map.of());
      Files.writeString(
          original.resolve("config.json"),
          Json.write(Json.parseObject(file.metadata().get("config")).get("hf_config_full")));
      convert(original, "ours.safetensors");
      convert(folder.resolve("ours.safetensors"), "again");
      try (Checkpoint first = Checkpoint.open(original);
          Checkpoint again = Checkpoint.open(folder.resolve("again"))) {
        assertSame(first.tensors(), again.tensors());
        assertEquals(first.description(Hints.NONE), again.description(Hints.NONE));
      }
    }
  }

  @Test
  void nothingIsReplacedUnlessForced() throws IOException {
    Path own = own();
    Path there = folder.resolve("there.safetensors");
    Files.writeString(there, "mine");
    assertThrows(FileAlreadyExistsException.class, () -> convert(own, "there.safetensors"));
    assertEquals("mine", Files.readString(there));
    try (Checkpoint checkpoint = Checkpoint.open(own)) {
      Conversion conversion = new Conversion(checkpoint, Hints.NONE);
      conversion.write(there, CheckpointFormat.SAFETENSORS, true);
      assertArrayEquals(Files.readAllBytes(own), Files.readAllBytes(there));
      assertEquals(
          there + " is a file, not to be replaced by a folder",
          assertThrows(
                  CheckpointException.class,
                  () -> conversion.write(there, CheckpointFormat.HUGGING_FACE, true))
              .getMessage());
      Path hub = Files.createDirectory(folder.resolve("hub"));
      Files.writeString(hub.resolve("README.md"), "mine");
      conversion.write(hub, CheckpointFormat.HUGGING_FACE, true);
      assertEquals("mine", Files.readString(hub.resolve("README.md")));
      assertTrue(Files.isRegularFile(hub.resolve("model.safetensors")));
    }
  }

  @Test
  void whatCannotBeWrittenLeavesNothing() throws IOException {
    Path file = folder.resolve("plain.safetensors");
    try (Checkpoint checkpoint = Checkpoint.open(own())) {
      SafetensorsWriter.writeStored(file, checkpoint.tensors(), Map.of());
    }
    CheckpointException heads = assertThrows(CheckpointException.class, () -> convert(file, "hf"));
    assertTrue(heads.getMessage().endsWith("say it with --heads"), heads.getMessage());
    assertFalse(Files.exists(folder.resolve("hf")));
    assertEquals(1, convert(file, "copy.safetensors").size());
    assertThrows(
        IllegalArgumentException.class, () -> Conversion.formatOf(folder.resolve("model.onnx")));
  }
}
