package dev.tenzing.everest.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.io.SafetensorsException;
import dev.tenzing.engine.reference.ReferenceBackend;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replays a few reference files of the official code: outputs, loss, every gradient, one optimiser
 * step, masks.
 */
class VerifierTest {
  private static Path reference(String name) throws URISyntaxException {
    return Path.of(VerifierTest.class.getResource("/reference/" + name + ".safetensors").toURI());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "everest-pretrain-4",
        "everest-finetune-6",
        "everest-select-2",
        "everest-select-4",
        "hf-classify-2",
        "hf-pretrain-2",
        "videomaev2-dual-pretrain-2",
        "videomaev2-finetune-2",
        "distill-loss-1",
        "distill-model-1",
        "posembed-interp-1",
        "sinusoid"
      })
  void theVectorKernelsMatchTheOfficialCode(String name) throws URISyntaxException {
    try (Device device = Device.cpu(2)) {
      assertPasses(Verifier.verify(reference(name), device));
      assertEquals(0, device.memory().current(), "memory in use after the replay");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "everest-pretrain-4",
        "everest-finetune-6",
        "videomaev2-dual-pretrain-2",
        "videomaev2-finetune-2",
        "distill-loss-1"
      })
  void theReferenceKernelsMatchTheOfficialCode(String name) throws URISyntaxException {
    try (Device device = new Device(new ReferenceBackend())) {
      assertPasses(Verifier.verify(reference(name), device));
    }
  }

  private static void assertPasses(FileResult result) {
    List<TensorCheck> failed = result.checks().stream().filter(check -> !check.pass()).toList();
    assertTrue(result.pass(), () -> "failed: " + failed);
  }

  @Test
  void theCasesCompareEverythingTheyHold() throws URISyntaxException {
    try (Device device = Device.cpu(1)) {
      FileResult pretrain = Verifier.verify(reference("everest-pretrain-4"), device);
      assertEquals(
          List.of("output", "mask", "loss", "grad", "after"),
          List.copyOf(pretrain.maxRelativeErrors().keySet()));
      assertTrue(pretrain.checks().size() > 100, "comparisons made: " + pretrain.checks().size());
    }
  }

  @Test
  void aChangedValueIsNoticed(@TempDir Path folder) throws IOException, URISyntaxException {
    byte[] bytes = Files.readAllBytes(reference("everest-select-2"));
    // The last bytes of the file belong to the input tokens: a changed token changes the
    // importance.
    for (int i = 1; i <= 20; i++) {
      bytes[bytes.length - 4 * i + 2] ^= 0x40;
    }
    Path changed = folder.resolve("changed.safetensors");
    Files.write(changed, bytes);
    try (Device device = Device.cpu(1)) {
      assertFalse(Verifier.verify(changed, device).pass());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "drop_path_rate\\\": 0.0 | drop_path_rate\\\": 0.1 | made with drop_path_rate 0.1, and its"
            + " draws",
        "\\\"init_scale\\\": 0.001 | \\\"drop_rate\\\": 0.25  | made with drop_rate 0.25: its"
            + " draws",
        "\\\"init_scale\\\" | \\\"init_skale\\\" | made with init_skale, which no model here has"
      })
  void whatCannotBeReplayedIsRefusedByName(
      String official, String other, String sentence, @TempDir Path folder)
      throws IOException, URISyntaxException {
    String file = Files.readString(reference("everest-finetune-6"), StandardCharsets.ISO_8859_1);
    assertTrue(file.contains(official), official);
    Path changed = folder.resolve("changed.safetensors");
    String padded = other + " ".repeat(official.length() - other.length());
    Files.writeString(changed, file.replace(official, padded), StandardCharsets.ISO_8859_1);
    try (Device device = Device.cpu(1)) {
      VerifyException e =
          assertThrows(VerifyException.class, () -> Verifier.verify(changed, device));
      assertTrue(e.getMessage().contains(sentence), e::getMessage);
    }
  }

  @Test
  void otherFilesAreRefusedInOneSentence(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("plain.safetensors");
    byte[] header = "{}      ".getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[16];
    bytes[0] = 8;
    System.arraycopy(header, 0, bytes, 8, 8);
    Files.write(file, bytes);
    try (Device device = Device.cpu(1)) {
      VerifyException e = assertThrows(VerifyException.class, () -> Verifier.verify(file, device));
      assertEquals(file + " is no reference file: its metadata have no \"config\"", e.getMessage());
      assertThrows(
          SafetensorsException.class, () -> Verifier.verify(folder.resolve("none"), device));
    }
  }
}
