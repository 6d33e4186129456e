package dev.tenzing.everest.verify;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Argsort;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.SelectionMasking;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenPlan;
import dev.tenzing.everest.masking.TokenSelection;
import java.util.Arrays;

/** Replays ReRo selection on given tokens, and compares it within the cases that contain it. */
final class SelectionCase {
  private SelectionCase() {}

  static FileResult run(ReferenceFile file, Device device) {
    Comparison comparison = new Comparison(file);
    TokenGrid grid =
        new TokenGrid(file.integer("temporal_slots"), 1, file.integer("tokens_per_slot"));
    try (Scope scope = device.scope()) {
      Tensor tokens = file.tensor(device, "input.tokens");
      if ("pretrain".equals(file.value("stage"))) {
        pretrain(file, comparison, grid, masking(file, "mcm_ratio", "masking_ratio"), tokens);
      } else {
        finetune(file, comparison, grid, new ReRoSelection(file.number("mcm_ratio")), tokens);
      }
    }
    return comparison.result();
  }

  static SelectionMasking masking(ReferenceFile file, String removed, String masked) {
    return new SelectionMasking(new ReRoSelection(file.number(removed)), file.number(masked));
  }

  static TokenPlan pretrain(
      ReferenceFile file,
      Comparison comparison,
      TokenGrid grid,
      SelectionMasking masking,
      Tensor tokens) {
    Tensor ranked = rank(file, comparison, grid, masking.selection(), tokens);
    Tensor noise = file.tensor(tokens.device(), "input.noise");
    int k = masking.selection().keptTokens(grid);
    int[] order = Argsort.apply(noise, false).toInts();
    int[] ids = ranked.toInts();
    int batch = (int) tokens.dim(0);
    long[] shuffled = new long[batch * k];
    for (int i = 0; i < shuffled.length; i++) {
      shuffled[i] = ids[i / k * grid.tokens() + order[i]];
    }
    comparison.exact(
        "expect.ids_shuffled",
        firstColumns(file.longs("expect.ids_shuffled"), grid.tokens(), k),
        shuffled);
    TokenPlan plan = masking.split(grid, ranked, noise);
    comparison.exact(
        "expect.encoder_mask",
        file.longs("expect.encoder_mask"),
        mask(plan.visible(), grid.tokens()));
    comparison.exact(
        "expect.target_mask", file.longs("expect.target_mask"), mask(plan.target(), grid.tokens()));
    return plan;
  }

  static void finetune(
      ReferenceFile file,
      Comparison comparison,
      TokenGrid grid,
      TokenSelection selection,
      Tensor tokens) {
    Tensor ranked = rank(file, comparison, grid, selection, tokens);
    comparison.exact(
        "expect.mask",
        file.longs("expect.mask"),
        mask(selection.kept(grid, ranked), grid.tokens()));
  }

  private static Tensor rank(
      ReferenceFile file,
      Comparison comparison,
      TokenGrid grid,
      TokenSelection selection,
      Tensor tokens) {
    Tensor importance = selection.importance(grid, tokens);
    comparison.output("output", "importance", importance);
    Tensor ranked = selection.rank(importance);
    int k = selection.keptTokens(grid);
    long[] ids = Arrays.stream(ranked.toInts()).asLongStream().toArray();
    comparison.exact(
        "expect.ids_sorted",
        firstColumns(file.longs("expect.ids_sorted"), grid.tokens(), k),
        firstColumns(ids, grid.tokens(), k));
    return ranked;
  }

  private static long[] firstColumns(long[] rows, int width, int columns) {
    long[] first = new long[rows.length / width * columns];
    for (int i = 0; i < first.length; i++) {
      first[i] = rows[i / columns * width + i % columns];
    }
    return first;
  }

  // The official masks are 1 where a token is not given.
  private static long[] mask(Tensor index, int tokens) {
    int batch = (int) index.dim(0);
    int count = (int) index.dim(1);
    long[] mask = new long[batch * tokens];
    Arrays.fill(mask, 1);
    int[] ids = index.toInts();
    for (int i = 0; i < ids.length; i++) {
      mask[i / count * tokens + ids[i]] = 0;
    }
    return mask;
  }
}
