package dev.tenzing.everest.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.engine.io.torch.TorchWriter;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models as other programs wrap them, and over several files. */
class WrappingTest {
  private static final VitConfig CONFIG =
      new VitConfig("custom", 12, 2, 3, 8, 2, 4, 12, 1, 3, 0, 1e-6);
  private static final ClipShape CLIP = ClipShape.square(4, 16);
  private static final Hints HINTS = new Hints(3, 3, 4, 16, null, null);

  @TempDir private Path folder;

  private Device device;
  private Map<String, Tensor> classifier;
  private Map<String, Tensor> autoencoder;

  @BeforeEach
  void makeModels() {
    device = Device.cpu(1);
    VideoClassifier.Options options = VideoClassifier.Options.official(5, null);
    classifier =
        new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(1), false).parameters();
    autoencoder = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(2), false).parameters();
  }

  @AfterEach
  void close() {
    device.close();
  }

  private static Map<String, Tensor> named(Map<String, Tensor> tensors, String prefix) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> named.put(prefix + name, tensor));
    return named;
  }

  private Path write(Map<String, Tensor> tensors) throws IOException {
    Path file = folder.resolve("a.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());
    return file;
  }

  private void assertClassifier(Path path, String prefix) {
    try (Checkpoint checkpoint = Checkpoint.open(path);
        ModelFile file = ModelFile.open(path, HINTS)) {
      assertEquals(prefix, checkpoint.prefix());
      assertEquals(ModelKind.CLASSIFIER, checkpoint.kind());
      assertEquals(classifier.keySet(), checkpoint.official().keySet());
      file.classifier(device).close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.",
        "module.",
        "backbone.",
        "encoder.",
        "_orig_mod.",
        "_forward_module.",
        "net.encoder.",
        "module._orig_mod.model.",
        "somebody.elses.wrapper."
      })
  void wrappersAreTakenOff(String prefix) throws IOException {
    assertClassifier(write(named(classifier, prefix)), prefix);
    Path torch = folder.resolve("a.pth");
    TorchWriter.write(torch, Map.of("state_dict", named(classifier, prefix), "epoch", 3L));
    assertClassifier(torch, prefix);
    TorchWriter.write(torch, Map.of("state_dict", Map.of("model", named(classifier, prefix))));
    assertClassifier(torch, prefix);
    try (ModelFile file = ModelFile.open(write(named(autoencoder, prefix)), HINTS)) {
      assertEquals(ModelKind.PRETRAINING, file.kind());
      file.autoencoder(device).close();
    }
  }

  @Test
  void aHeadBesideTheEncoderIsFound() throws IOException {
    for (String head : List.of("head", "cls_head.fc_cls", "classifier", "model.fc", "head.1")) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      classifier.forEach((name, tensor) ->
          tensors.put(
              name.startsWith("head.")
                  ? head + name.substring(4)
                  : name.startsWith("fc_norm.") ? "neck." + name : "model.backbone." + name,
              tensor));
      Path file = write(tensors);
      assertClassifier(file, "model.backbone.");
      try (Checkpoint checkpoint = Checkpoint.open(file)) {
        assertEquals(head, checkpoint.head());
      }
    }
  }

  @Test
  void averagedCopiesAreLeftAside() throws IOException {
    Map<String, Tensor> both = named(classifier, "ema_model.module.");
    both.putAll(named(classifier, "model."));
    assertClassifier(write(both), "model.");
    Path torch = folder.resolve("a.pth");
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("model_ema", classifier);
    TorchWriter.write(torch, root);
    assertClassifier(torch, "");
    root.put("net", named(classifier, "module."));
    TorchWriter.write(torch, root);
    assertClassifier(torch, "module.");
    both.putAll(named(classifier, "other."));
    Path three = write(both);
    String message =
        assertThrows(CheckpointException.class, () -> Checkpoint.open(three)).getMessage();
    assertTrue(message.contains("holds 2 models, under \"model.\", \"other.\""), message);
  }

  /** As VideoMAE V2 is on the Hub: a config of its own, no head. */
  @Test
  void anEncoderOfTheHub() throws IOException {
    Map<String, Tensor> tensors = named(classifier, "model.");
    tensors.keySet().removeIf(name -> name.startsWith("model.head."));
    Path hub = Files.createDirectory(folder.resolve("hub"));
    SafetensorsWriter.write(hub.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    String config =
        """
        {"model_type": "VideoMAEv2_Base", "model_config": {"img_size": 16, "patch_size": 8,
        "embed_dim": 12, "depth": 2, "num_heads": 3, "num_frames": 4, "tubelet_size": 2}}
        """;
    Files.writeString(hub.resolve("config.json"), config);
    try (ModelFile file = ModelFile.open(hub)) {
      assertEquals(CLIP, file.description().clip());
      assertEquals(ModelKind.ENCODER, file.kind());
      assertTrue(file.encoder(device, null).parameters().containsKey("fc_norm.weight"));
    }
    Files.writeString(hub.resolve("config.json"), config.replace("\"depth\": 2", "\"depth\": 12"));
    String message =
        assertThrows(CheckpointException.class, () -> ModelFile.open(hub)).getMessage();
    assertTrue(
        message.endsWith("model_config.depth must be 2 as its tensors are, but is 12"), message);
  }

  private Path shards(String ending) throws IOException {
    Path hub = Files.createDirectory(folder.resolve("shards"));
    Map<String, Tensor> first = new LinkedHashMap<>(classifier);
    Map<String, Tensor> second = new LinkedHashMap<>();
    second.put("head.weight", first.remove("head.weight"));
    Map<String, String> places = new LinkedHashMap<>();
    first.keySet().forEach(name -> places.put(name, "1" + ending));
    places.put("head.weight", "2" + ending);
    if (ending.equals(".bin")) {
      TorchWriter.write(hub.resolve("1.bin"), first);
      TorchWriter.write(hub.resolve("2.bin"), second);
    } else {
      SafetensorsWriter.write(hub.resolve("1" + ending), first, Map.of());
      SafetensorsWriter.write(hub.resolve("2" + ending), second, Map.of());
    }
    String name = ending.equals(".bin") ? "pytorch_model.bin" : "model.safetensors";
    Files.writeString(hub.resolve(name + ".index.json"), Json.write(Map.of("weight_map", places)));
    return hub;
  }

  @ParameterizedTest
  @ValueSource(strings = {".safetensors", ".bin"})
  void shardsAreOneModel(String ending) throws IOException {
    assertClassifier(shards(ending), "");
  }

  @Test
  void shardsHoldWhatTheIndexSays() throws IOException {
    Path hub = shards(".safetensors");
    Path index = hub.resolve("model.safetensors.index.json");
    String good = Files.readString(index);
    for (String name : List.of("../1.safetensors", "/etc/passwd", "..", "", "a\\\\b", "a/b")) {
      Files.writeString(index, good.replace("\"2.safetensors\"", '"' + name + '"'));
      assertRefused(hub, "which is no file name of its folder");
    }
    Files.writeString(index, good.replace("\"2.safetensors\"", "3"));
    assertRefused(hub, "is in no text, which");
    Files.writeString(index, good.replace("2.safetensors", "3.safetensors"));
    assertRefused(hub, "is incomplete: its part 3.safetensors is missing");
    Files.writeString(index, good.replace("\"2.safetensors\"", "\"1.safetensors\""));
    assertRefused(hub, "\"head.weight\" is in 1.safetensors, which does not have it");
    Files.writeString(index, "{\"weight_map\": {}}");
    assertRefused(hub, "it has no weight_map");
    Files.writeString(index, good);
    SafetensorsWriter.write(hub.resolve("2.safetensors"), classifier, Map.of());
    assertRefused(hub, "is in both 1.safetensors and 2.safetensors");
  }

  private static void assertRefused(Path path, String defect) {
    String message =
        assertThrows(CheckpointException.class, () -> Checkpoint.open(path)).getMessage();
    assertTrue(message.contains(defect), message);
  }

  @Test
  void aTagOfDeepSpeedStaysInItsFolder() throws IOException {
    Path run = Files.createDirectory(folder.resolve("deepspeed"));
    for (String tag : List.of("../deepspeed", "/tmp", "..", "a\0b", "")) {
      Files.writeString(run.resolve("latest"), tag);
      assertRefused(run, "which is no folder beside it");
    }
  }

  @Test
  void countersAreNoParameters() throws IOException {
    Map<String, Tensor> tensors = named(classifier, "module.");
    tensors.put("n_averaged", device.tensor(Shape.SCALAR, 3));
    assertClassifier(write(tensors), "module.");
  }
}
