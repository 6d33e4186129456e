package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.tools.cli.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inspect} and {@code convert} from their options to their files. */
class CheckpointCommandsTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = folder.resolve("model.safetensors");
    ClipShape clip = ClipShape.square(16, 32);
    Pretraining how = Pretraining.official(Method.VIDEOMAE);
    try (Device device = Device.cpu(1);
        MaskedAutoencoder autoencoder =
            new MaskedAutoencoder(VitConfig.TINY, clip, device, Rng.seed(1), false)) {
      ModelFile.write(
          model, autoencoder.parameters(), new ModelDescription(VitConfig.TINY, clip, 4, how));
    }
  }

  private int run(Object... words) {
    out.reset();
    err.reset();
    String[] args = new String[words.length];
    for (int i = 0; i < words.length; i++) {
      args[i] = words[i].toString();
    }
    return Main.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        false);
  }

  private JsonObject json() {
    return Json.read(out.toString(StandardCharsets.UTF_8)).getAsJsonObject();
  }

  private String error() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void inspectTellsWhatACheckpointHoldsAndHowItFits() {
    assertEquals(0, run("inspect", model, "--json"), this::error);
    JsonObject report = json();
    assertEquals("safetensors", report.get("format").getAsString());
    assertEquals("tiny", report.getAsJsonObject("model").get("name").getAsString());
    assertEquals(32, report.getAsJsonObject("clip").get("height").getAsInt());
    JsonObject fit = report.getAsJsonObject("fit");
    assertEquals(report.get("tensor_count").getAsInt(), fit.getAsJsonArray("matched").size());
    assertEquals(0, fit.getAsJsonArray("missing").size() + fit.getAsJsonArray("unexpected").size());

    assertEquals(0, run("inspect", model, "--task", "finetune", "--json"), this::error);
    fit = json().getAsJsonObject("fit");
    assertEquals(
        "[\"fc_norm.weight\",\"fc_norm.bias\",\"head.weight\",\"head.bias\"]",
        fit.getAsJsonArray("missing").toString());
    assertTrue(fit.getAsJsonArray("unexpected").toString().contains("mask_token"));

    assertEquals(0, run("inspect", model, "--model", "vit-s"), this::error);
    String text = out.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains("tiny: width 192, depth 6, 3 heads, patches of 2 x 16 x 16"), text);
    assertTrue(
        text.contains("as vit-s for pretrain: 1 matched, 104 missing, 0 unexpected, 113 of"), text);
  }

  @Test
  void inspectRefusesWhatIsNoCheckpoint() throws IOException {
    Path other = Files.writeString(folder.resolve("notes.txt"), "not a checkpoint");
    assertEquals(1, run("inspect", other));
    assertTrue(
        error()
            .contains(
                "notes.txt is neither a safetensors file nor a PyTorch checkpoint, by its first"
                    + " bytes"),
        error());
    assertEquals(1, run("inspect", folder.resolve("none")));
    assertTrue(error().contains("there is no checkpoint "), error());
    assertEquals(2, run("inspect", model, "--model", "vit-x"));
    assertEquals(2, run("inspect", model, "--task", "sing"));
  }

  @Test
  void convertGoesThereAndBack() throws IOException {
    Path hub = folder.resolve("hub");
    Path back = folder.resolve("back.safetensors");
    assertEquals(0, run("convert", model, hub, "--json"), this::error);
    assertEquals("hf", json().get("format").getAsString());
    assertEquals(0, run("convert", hub, back), this::error);
    assertArrayEquals(Files.readAllBytes(model), Files.readAllBytes(back));
    assertEquals(2, run("convert", hub, back));
    assertTrue(error().contains("back.safetensors exists; give --force to replace it"), error());
    assertEquals(0, run("convert", hub, back, "--force"), this::error);
    assertEquals(2, run("convert", hub, folder.resolve("model.onnx")));
    assertEquals(2, run("convert", hub, folder.resolve("other"), "--to", "onnx"));
  }
}
