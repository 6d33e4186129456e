package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code finetune} with the clips changed at random. */
class AugmentOptionsTest {
  @TempDir private static Path data;
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(2, 2, 1, 32, 1).write(data, done -> {});
  }

  private int finetune(String run, String options) {
    out.reset();
    err.reset();
    String words =
        "finetune --data %s --output %s --model tiny --size 32 --threads 1 --json %s"
            .formatted(data.resolve("train.csv"), folder.resolve(run), options);
    return Main.run(words.split(" "), new PrintStream(out), new PrintStream(err), false);
  }

  private JsonObject training() {
    return Json.read(out.toString()).getAsJsonObject().getAsJsonObject("training");
  }

  @Test
  void theOfficialRecipeRunsAndItsConfigurationRunsAgain() throws IOException {
    String recipe =
        "--crop resized --auto-augment rand-m7-n4-mstd0.5-inc1 --erase 0.25 --mixup 0.8"
            + " --cutmix 1.0 --num-sample 2 --batch 2 --steps 3 --stride 2 --seed 3";
    assertEquals(0, finetune("one", recipe), err::toString);
    assertTrue(err.toString().contains("3 steps of 4 clips"), err::toString);
    double loss = training().get("loss").getAsDouble();
    long told = Math.round(training().get("peak_memory_mib").getAsDouble());
    assertTrue(
        err.toString().contains("memory of tensors: %s MiB at most".formatted(told)),
        err::toString);
    Path config = folder.resolve("one/config.yaml");
    String text = Files.readString(config);
    assertTrue(text.contains("auto-augment: rand-m7-n4-mstd0.5-inc1"), text);
    assertEquals(0, finetune("two", "--config " + config), err::toString);
    assertEquals(loss, training().get("loss").getAsDouble());
    assertEquals(0, finetune("three", recipe + " --mix-prob 0"), err::toString);
    assertFalse(loss == training().get("loss").getAsDouble());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--auto-augment augmix-m3 | --auto-augment: 'augmix' in 'augmix-m3' is not understood",
        "--auto-augment rand-m7-x1 | 'x1' in 'rand-m7-x1' is not understood; RandAugment is"
            + " written",
        "--auto-augment rand-m12 | the magnitude m of RandAugment must be from 0 to 10, got 12.0",
        "--erase 1.5 | --erase must be from 0 to 1, got 1.5",
        "--erase-mode snow | --erase-mode",
        "--erase-count 0 | --erase-count must be at least 1, got 0",
        "--color-jitter -0.4 | --color-jitter cannot be negative, got -0.4",
        "--mixup -1 | --mixup and --cutmix cannot be negative, got -1.0 and 0.0",
        "--mixup NaN | --mixup and --cutmix cannot be negative, got NaN and 0.0",
        "--cutmix 1 --mix-prob 2 | --mix-prob must be from 0 to 1, got 2.0",
        "--cutmix 1 --mix-switch-prob -1 | --mix-switch-prob must be from 0 to 1, got -1.0",
        "--cutmix 1 --mix-mode all | --mix-mode",
        "--cutmix 1 --batch 1 | --batch 1 has no other clip",
        "--num-sample 0 | --num-sample must be at least 1, got 0",
        "--crop half | --crop"
      })
  void badValuesAreOneSentence(String options, String sentence) {
    assertEquals(2, finetune("bad", "--steps 1 " + options.strip()), err::toString);
    assertTrue(err.toString().contains(sentence.strip()), err::toString);
    assertFalse(err.toString().contains("\tat "), err::toString);
    assertFalse(Files.exists(folder.resolve("bad")), "nothing is written for it");
  }
}
