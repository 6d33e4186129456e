package dev.tenzing.everest.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
  private static final ClipShape CLIP = new ClipShape(4, 16, 24);
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 2, 3, 8, 2, 4, 8, 1, 2, 0, 1e-6);
  private static final VideoClassifier.Options OPTIONS =
      new VideoClassifier.Options(3, new ReRoSelection(0.4), true, false, 0.1, 1);

  @TempDir private Path folder;

  private Path pretrained(Device device) throws IOException {
    Path file = folder.resolve("pretrained.safetensors");
    Pretraining pretraining = Pretraining.official(Method.EVEREST);
    try (MaskedAutoencoder model =
        new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(3), false)) {
      ModelFile.write(file, model.parameters(), new ModelDescription(CONFIG, CLIP, 4, pretraining));
    }
    return file;
  }

  @Test
  void aClassifierComesBackWithItsDescription() throws IOException {
    ModelDescription description =
        new ModelDescription(
            CONFIG, CLIP, 3, new Classification(OPTIONS, List.of("a", "b", "ünï")));
    Path file = folder.resolve("model.safetensors");
    try (Device device = Device.cpu(1);
        VideoClassifier model =
            new VideoClassifier(CONFIG, CLIP, OPTIONS, device, Rng.seed(1), false)) {
      ModelFile.write(file, model.parameters(), description);
      try (ModelFile read = ModelFile.open(file);
          VideoClassifier again = read.classifier(device)) {
        assertEquals(description, read.description());
        for (Map.Entry<String, Tensor> entry : model.parameters().entrySet()) {
          assertArrayEquals(
              entry.getValue().toFloats(), again.parameters().get(entry.getKey()).toFloats());
        }
      }
    }
  }

  @Test
  void pretrainingIsDescribedWithItsMasks() {
    for (Method method : Method.values()) {
      ModelDescription description =
          new ModelDescription(CONFIG, CLIP, 4, Pretraining.official(method));
      assertEquals(description, DescriptionJson.read(DescriptionJson.write(description), "test"));
    }
    // Files from before there were decoder masks.
    ModelDescription videomae =
        new ModelDescription(CONFIG, CLIP, 4, Pretraining.official(Method.VIDEOMAE));
    String old =
        DescriptionJson.write(videomae)
            .replace(",\"decoder_mask\":null", "")
            .replace("\"keep\":1.0", "\"keep\":0.3");
    assertFalse(old.equals(DescriptionJson.write(videomae)) || old.contains("decoder_mask"), old);
    assertEquals(videomae, DescriptionJson.read(old, "test"));
    String wrong =
        DescriptionJson.write(videomae)
            .replace("\"decoder_mask\":null", "\"decoder_mask\":\"cells\"");
    assertThrows(CheckpointException.class, () -> DescriptionJson.read(wrong, "test"));
  }

  @Test
  void whoTakesAnOlderCheckpointOfARunIsTold() throws IOException {
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(1), false)) {
      ModelDescription about =
          new ModelDescription(CONFIG, CLIP, 4, Pretraining.official(Method.VIDEOMAE));
      CheckpointFolder checkpoints = new CheckpointFolder(folder.resolve("run/checkpoints"));
      Map<String, CheckpointFolder.FileWriter> files =
          Map.of(ModelFile.NAME, file -> ModelFile.write(file, model.parameters(), about));
      checkpoints.save(1, files, Map.of(), 2);
      Path newest = checkpoints.save(2, files, Map.of(), 2);
      try (ModelFile file = ModelFile.open(folder.resolve("run"))) {
        assertEquals(List.of(), file.notes());
      }
      Path state = newest.resolve(CheckpointFolder.STATE);
      byte[] bytes = Files.readAllBytes(state);
      bytes[20] ^= 2;
      Files.write(state, bytes);
      try (ModelFile file = ModelFile.open(folder.resolve("run"));
          Checkpoint looked = Checkpoint.look(folder.resolve("run"))) {
        assertTrue(file.path().toString().contains("step-1"), file.path().toString());
        assertEquals(1, file.notes().size());
        assertTrue(
            file.notes().getFirst().contains("step-2 is damaged: state.json")
                && file.notes().getFirst().endsWith("; step-1 is used"),
            file.notes().getFirst());
        assertEquals(file.notes(), looked.notes());
      }
    }
  }

  @Test
  void fineTuningTakesTheEncoderAndKeepsNewHeads() throws IOException {
    try (Device device = Device.cpu(1);
        ModelFile file = ModelFile.open(pretrained(device));
        MaskedAutoencoder source = file.autoencoder(device);
        VideoClassifier target =
            new VideoClassifier(CONFIG, CLIP, OPTIONS, device, Rng.seed(9), false)) {
      float[] head = target.parameters().get("head.weight").toFloats();
      List<String> loaded = file.loadEncoder(target, false, false).matched();
      assertTrue(
          loaded.contains("blocks.1.attn.q_bias") && loaded.contains("patch_embed.proj.weight"));
      assertFalse(loaded.contains("fc_norm.weight") || loaded.contains("head.weight"));
      assertArrayEquals(head, target.parameters().get("head.weight").toFloats());
      assertArrayEquals(
          source.parameters().get("encoder.blocks.1.mlp.fc2.weight").toFloats(),
          target.parameters().get("blocks.1.mlp.fc2.weight").toFloats());
    }
  }

  @Test
  void whatDoesNotFitIsOneSentence() throws IOException {
    try (Device device = Device.cpu(1);
        ModelFile file = ModelFile.open(pretrained(device))) {
      CheckpointException noClassifier =
          assertThrows(CheckpointException.class, () -> file.classifier(device));
      assertTrue(
          noClassifier
              .getMessage()
              .endsWith("holds a pre-trained model without a classifier; run finetune first"));
      VitConfig wider = new VitConfig("wide", 24, 2, 3, 8, 2, 4, 8, 1, 2, 0, 1e-6);
      try (VideoClassifier target =
          new VideoClassifier(wider, CLIP, OPTIONS, device, Rng.seed(9), false)) {
        CheckpointException shape =
            assertThrows(CheckpointException.class, () -> file.loadEncoder(target, false, false));
        assertTrue(
            shape.getMessage().contains("has shape [12,3,2,8,8] where [24,3,2,8,8] is needed"),
            shape.getMessage());
      }
    }
    assertThrows(CheckpointException.class, () -> ModelFile.open(folder.resolve("none")));
    Files.createDirectory(folder.resolve("empty"));
    CheckpointException empty =
        assertThrows(CheckpointException.class, () -> ModelFile.open(folder.resolve("empty")));
    assertTrue(empty.getMessage().startsWith("there is no checkpoint in "), empty.getMessage());
  }
}
