package dev.tenzing.everest.description;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.RunningCellMask;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Hyper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of the papers' official code. */
class PretrainingTest {
  /** 16 frames of 224 x 224 in patches of 16: 8 slots of 14 x 14 tokens. */
  private static final TokenGrid GRID = new TokenGrid(8, 14, 14);

  @ParameterizedTest
  @CsvSource({
    "everest, 156, 314, true",
    "videomae, 160, 1408, false",
    "st-mae, 157, 1411, false",
    "videomae-v2, 160, 784, false"
  })
  void officialCountsOfTokens(String label, int visible, int target, boolean selects) {
    Method method = Method.named(label);
    assertEquals(label, method.label());
    assertEquals(selects, method.selects());
    Pretraining official = Pretraining.official(method);
    assertTrue(official.normalizeTargets());
    Masking masking = official.masking();
    assertEquals(visible, masking.visibleTokens(GRID));
    assertEquals(target, masking.targetTokens(GRID));
    Pretraining raw = official.withRawTargets();
    assertFalse(raw.normalizeTargets());
    assertEquals(visible, raw.masking().visibleTokens(GRID));
    assertEquals(target, raw.masking().targetTokens(GRID));
  }

  @Test
  void keepIsOfMethodsThatSelect() {
    assertEquals(0.4, new Pretraining(Method.EVEREST, 0.9, 0.4, null, true).keep());
    assertEquals(1, new Pretraining(Method.VIDEOMAE, 0.9, 0.4, null, true).keep());
  }

  @Test
  void aDecoderMaskDoesNotGoWithASelection() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Pretraining(Method.EVEREST, 0.9, 0.3, new RunningCellMask(0.5), true));
    assertTrue(e.getMessage().contains("running-cell:0.5"), e.getMessage());
    assertTrue(e.getMessage().contains("everest"), e.getMessage());
  }

  @Test
  void anUnknownMethodIsRefusedWithThoseThereAre() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Method.named("mae"));
    assertEquals(
        "there is no method \"mae\"; choose one of everest, videomae, st-mae, videomae-v2",
        e.getMessage());
  }

  @Test
  void everestGivesTheHugeModelAWiderDecoder() {
    VitConfig wide = Method.EVEREST.model("vit-h");
    assertNotEquals(VitConfig.HUGE, wide);
    assertEquals(640, wide.decoderWidth());
    assertEquals(4, wide.decoderDepth());
    assertEquals(8, wide.decoderHeads());
    assertEquals(VitConfig.HUGE, Method.VIDEOMAE.model("vit-h"));
    assertEquals(VitConfig.named("vit-b"), Method.EVEREST.model("vit-b"));
  }

  @Test
  void officialHyperparameters() {
    Hyper pretraining = Hyper.pretraining();
    assertEquals(new Hyper(1.5e-4, 1e-5, 40, 0.05, 1, 0.9, 0.95, 1e-8, 0), pretraining);
    Hyper finetuning = Hyper.finetuning();
    assertEquals(new Hyper(1e-3, 1e-6, 5, 0.05, 0.75, 0.9, 0.999, 1e-8, 0), finetuning);
    Hyper clipped = finetuning.clipped(0.02);
    assertEquals(new Hyper(1e-3, 1e-6, 5, 0.05, 0.75, 0.9, 0.999, 1e-8, 0.02), clipped);
    assertEquals(0.02, clipped.adamW().clipGrad());
    assertEquals(0.999, clipped.adamW().beta2());
  }
}
