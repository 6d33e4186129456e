package dev.tenzing.everest.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.io.Json;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.SelectionMasking;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenMask;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against counts of the official code, most of them measured by running its models. */
class ForwardCostTest {
  private static final ClipShape CLIP = ClipShape.square(16, 224);

  /** A row such as {@code pretrain/videomaev2/ViT-B/tube0.9/run_cell0.5}. */
  private static ModelDescription model(String row) {
    String[] words = row.split("/");
    VitConfig config = VitConfig.named(words[2].toLowerCase(Locale.ROOT));
    if (words[0].equals("finetune")) {
      double keep = words.length > 3 ? Double.parseDouble(words[3].substring("keep".length())) : 1;
      VideoClassifier.Options options =
          VideoClassifier.Options.official(400, keep == 1 ? null : new ReRoSelection(1 - keep));
      return new ModelDescription(config, CLIP, 4, new Classification(options));
    }
    Pretraining pretraining =
        switch (words[1]) {
          case "everest" -> Pretraining.official(Method.EVEREST);
          case "videomae" -> Pretraining.official(Method.VIDEOMAE);
          default ->
              new Pretraining(
                  Method.VIDEOMAE_V2,
                  0.9,
                  1,
                  TokenMask.parse(words[4].replace("run_cell", "running-cell:")),
                  true);
        };
    return new ModelDescription(config, CLIP, 4, pretraining);
  }

  @Test
  @SuppressWarnings("unchecked")
  void countsWhatTheOfficialModelsDo() throws IOException {
    Map<String, Map<String, Object>> rows;
    try (InputStream in = ForwardCostTest.class.getResourceAsStream("/cost/flops.json")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      rows = (Map<String, Map<String, Object>>) Json.parseObject(text).get("rows");
    }
    assertTrue(rows.size() > 30);
    rows.forEach((name, row) -> {
      ForwardCost cost = ForwardCost.of(model(name));
      Map<String, Long> parts = cost.macsByPart();
      assertEquals(row.get("macs_by_part").toString(), parts.toString(), name);
      assertEquals(number(row, "macs"), cost.macs(), name);
      assertEquals(number(row, "layernorm_elements"), cost.layerNormElements(), name);
      assertEquals(number(row, "fvcore_like"), cost.flops(), name);
    });
  }

  private static long number(Map<String, Object> row, String key) {
    return ((Number) row.get(key)).longValue();
  }

  @Test
  void aRunEmbedsOnlyTheTokensItLooksAt() {
    TokenGrid grid = CLIP.grid(VitConfig.SMALL);
    Masking masking = Pretraining.official(Method.VIDEOMAE).masking();
    ForwardCost paper = ForwardCost.pretraining(VitConfig.SMALL, grid, masking);
    ForwardCost run = ForwardCost.pretrainingAsRun(VitConfig.SMALL, grid, masking);
    assertEquals(paper.patchEmbed() * 160 / 1568, run.patchEmbed());
    assertEquals(paper.macs() - paper.patchEmbed(), run.macs() - run.patchEmbed());
    Masking selection = SelectionMasking.everest();
    assertEquals(
        ForwardCost.pretraining(VitConfig.SMALL, grid, selection),
        ForwardCost.pretrainingAsRun(VitConfig.SMALL, grid, selection));
  }

  @Test
  void trainingIsThreeForwardsAndRecomputingRunsTheBlocksOnceMore() {
    ForwardCost cost = new ForwardCost(0, 1, 10, 100, 1_000, 10_000, 100_000, 1, 7, 3);
    assertEquals(111_112 + 5 * 10, cost.flops());
    assertEquals(3 * cost.flops(), cost.trainingFlops(false));
    assertEquals(3 * cost.flops() + 110_110 + 5 * 7, cost.trainingFlops(true));
  }

  @Test
  void choosingFramesCostsTheirEmbeddingOnceInTheForward() {
    ModelDescription model = model("finetune/everest/ViT-S/keep0.6");
    ForwardCost all = ForwardCost.of(model);
    ForwardCost chosen = ForwardCost.of(model.withFrames(FrameSelection.OFFICIAL));
    long candidates = all.patchEmbed() * 3 / 2;
    assertEquals(candidates, chosen.frameSelection());
    assertEquals(candidates, chosen.macsByPart().get("frame_selection"));
    assertEquals(all.flops() + candidates, chosen.flops());
    assertEquals(all.trainingFlops(true) + candidates, chosen.trainingFlops(true));
  }

  @Test
  void aMaskThatLeavesNothingIsRefused() {
    TokenGrid grid = new TokenGrid(2, 2, 2);
    assertThrows(
        IllegalArgumentException.class,
        () -> ForwardCost.pretraining(VitConfig.TINY, grid, SelectionMasking.everest()));
  }
}
