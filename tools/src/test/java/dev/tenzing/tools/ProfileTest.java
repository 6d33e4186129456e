package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.tenzing.tools.cli.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String words) {
    out.reset();
    err.reset();
    return Main.run(
        ("profile " + words).strip().split(" "), new PrintStream(out), new PrintStream(err), false);
  }

  private JsonObject json(String words) {
    assertEquals(0, run(words + " --json"), err::toString);
    return Json.read(out.toString()).getAsJsonObject();
  }

  @ParameterizedTest
  @CsvSource({
    "--model vit-b --method videomae, 35.48",
    "--model vit-b --method videomae-v2 --decoder-mask running-cell:0.25, 31.63",
    "--model vit-b --method videomae-v2, 25.87",
    "--model vit-b --method videomae-v2 --decoder-mask running-cell:0.75, 21.06",
    "--model vit-g --method videomae, 264.12",
    "--model vit-g --method videomae-v2 --decoder-mask running-cell:0.5, 241.76",
    "--model vit-s, 5.75",
    "--model vit-b, 19.81",
    "--model vit-l, 57.97",
    "--model vit-s --task finetune, 29.07",
    "--model vit-b --task finetune --keep 0.6, 98.06",
    "--model vit-l --task finetune, 330.00",
    "--model vit-s --task finetune --method videomae, 56.95",
    "--model vit-b --task finetune --keep 1, 180.49",
    "--model vit-l --task finetune --method videomae, 597.22"
  })
  void printsThePublishedFlops(String options, double gflops) {
    JsonObject result = json(options + " --batch 1");
    assertEquals(gflops, result.get("gflops").getAsDouble(), 0.005);
    assertEquals(3 * gflops, result.get("train_gflops").getAsDouble(), 0.015);
  }

  @Test
  void selectionOfFramesIsCounted() {
    JsonObject all = json("--model tiny --batch 2");
    JsonObject chosen = json("--model tiny --batch 2 --frame-selection");
    assertFalse(all.getAsJsonObject("macs_by_part").has("frame_selection"));
    long extra = chosen.getAsJsonObject("macs_by_part").get("frame_selection").getAsLong();
    assertEquals(3 * all.getAsJsonObject("macs_by_part").get("patch_embed").getAsLong() / 2, extra);
    assertEquals(all.get("macs").getAsLong() + extra, chosen.get("macs").getAsLong());
    assertEquals(
        all.get("train_gflops").getAsDouble() + extra / 1e9,
        chosen.get("train_gflops").getAsDouble(),
        1e-9);
    assertEquals(2352, chosen.getAsJsonObject("tokens").get("candidates").getAsInt());
    assertEquals(2, run("--task finetune --keep 1 --frame-selection"));
    assertTrue(err.toString().contains("give --keep below 1"), err::toString);
  }

  @Test
  void thePartsOfTheMemoryAddUp() {
    for (String more : List.of("", " --recompute")) {
      JsonObject memory = json("--model tiny --batch 3" + more).getAsJsonObject("memory_bytes");
      long sum = 0;
      for (String part :
          List.of(
              "weights",
              "optimizer",
              "positions",
              more.isEmpty() ? "activations" : "activations_recompute",
              "workspace")) {
        sum += memory.get(part).getAsLong();
      }
      assertEquals(sum, memory.get("peak").getAsLong());
      assertTrue(sum >= memory.get("peak_recompute").getAsLong());
    }
  }

  @Test
  void peopleGetATable() {
    assertEquals(0, run("--model vit-b --method videomae"), err::toString);
    String text = out.toString();
    assertTrue(text.startsWith("vit-b, pretrain, videomae: 1568 tokens a clip, 160 visible"), text);
    for (String line :
        List.of(
            "parameters                  94,210,944\n",
            "forward of a clip, GFLOPs        35.48\n",
            "  decoder linear                 11.10\n",
            "training on a clip, GFLOPs      106.45\n",
            "--recompute\n  weights ")) {
      assertTrue(text.contains(line), text);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--model vit-z | there is no model \"vit-z\"",
        "--method mae | there is no method \"mae\"",
        "--task sing | Invalid value for option '--task'",
        "--batch 0 | --batch must be at least 1, got 0",
        "--batch 1000000 | a batch of 1000000 clips of 1568 tokens is too large",
        "--size 100 | the image size must be a multiple of the patch size 16, got 100 x 100",
        "--frames 3 | the number of frames must be a multiple of the tubelet 2, got 3",
        "--task finetune --classes 0 | a classifier needs at least one class, got 0",
        "--task finetune --keep 2 | the share of tokens to keep",
        "--task finetune --keep 0 | the share of tokens to keep",
        "--task finetune --keep 0.0001 | the selection keeps none of the 1568 tokens",
        "--mask-ratio 0.999999 | leaves 0 visible",
        "--size 1600000 | a clip has 1 to 65536 frames of 1 to 65536 pixels a side, not",
        "--size 65536 --frames 65536 | a grid of 32768x4096x4096 tokens is too large",
        "--size 65536 --frames 32 | make 268435456 tokens of width 384, more than a model takes",
      })
  void badOptionsAreOneSentence(String options, String sentence) {
    assertEquals(2, run(options), err::toString);
    assertTrue(err.toString().contains(sentence.strip()), err::toString);
    assertEquals(1, err.toString().lines().count(), err::toString);
  }
}
