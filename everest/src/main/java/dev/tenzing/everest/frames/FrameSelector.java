package dev.tenzing.everest.frames;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Argsort;
import dev.tenzing.engine.op.GatherTokens;
import dev.tenzing.engine.op.MaskTokens;
import dev.tenzing.engine.op.MeanTokens;
import dev.tenzing.engine.op.Residual;
import dev.tenzing.engine.op.Scale;
import dev.tenzing.engine.op.TakeSorted;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VitConfig;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * Draws the frames where much happens (Hwang et al., EVEREST, ICML 2024, section 3.2).
 *
 * <p>Of a clip of alpha T frames, ReRo selection keeps the most important tokens, {@code c_i} of
 * them in slot i. Of the alpha T / t slots, T / t are drawn one after the other without
 * replacement, each with probability {@code c_i} over the sum of those that are left; slots without
 * a kept token come after all others, in random order. The slots drawn make the clip that the model
 * sees, in the order of time. Tokens are measured by the model's own embedding; no gradient flows
 * through any of it.
 *
 * <p>It all happens on the device, and nothing is read back. Drawing one after the other without
 * replacement is a race: with {@code e_i} of an exponential distribution, slots ordered by {@code
 * e_i / c_i} have the order in which they would be drawn (Efraimidis and Spirakis, "Weighted random
 * sampling with a reservoir", 2006). So the host gives {@code 1 / e_i}, and the rest is sorting.
 */
public final class FrameSelector {
  private static final int CHANNELS = 3;

  /** What a slot without kept tokens counts: nothing beside any other, but no two are equal. */
  private static final float NEXT_TO_NOTHING = 1e-30f;

  private final TokenSelection selection;
  private final UnaryOperator<Tensor> embedding;
  private final ClipShape clip;
  private final ClipShape candidates;
  private final TokenGrid grid;
  private final int slots;

  /**
   * A selector for a model.
   *
   * @param frames how many frames there are to choose from
   * @param selection which tokens count
   * @param config sizes of the model
   * @param clip the clips that the model takes
   * @param embedding its patch embedding, from video [B, 3, T, H, W] to tokens [B, N, C] before
   *     positions: {@code model::tokens}
   * @throws IllegalArgumentException when the frames make no whole slots, or no token is kept
   */
  public FrameSelector(
      FrameSelection frames,
      TokenSelection selection,
      VitConfig config,
      ClipShape clip,
      UnaryOperator<Tensor> embedding) {
    this.selection = selection;
    this.embedding = embedding;
    this.clip = clip;
    this.candidates = frames.candidates(clip, config.tubelet());
    this.grid = candidates.grid(config);
    this.slots = clip.grid(config).slots();
    if (selection.keptTokens(grid) < 1) {
      throw new IllegalArgumentException(
          "frame selection counts kept tokens, but of %s (%s) none is kept"
              .formatted(grid.tokens(), grid));
    }
  }

  /** The clips to choose from. */
  public ClipShape candidates() {
    return candidates;
  }

  /** Their tokens. */
  public TokenGrid grid() {
    return grid;
  }

  /**
   * What was chosen and why.
   *
   * @param importance [B, N] of all tokens of the candidates
   * @param kept I32 [B, K] the tokens that count, ascending
   * @param slots I32 [B * 3, S] the slots drawn, ascending: each sample's once for each colour
   *     plane
   * @param video [B, 3, T, H, W] their frames
   */
  public record Choice(Tensor importance, Tensor kept, Tensor slots, Tensor video) {}

  /**
   * Chooses the frames of a batch.
   *
   * @param video [B, 3, alpha T, H, W]
   * @param draws random numbers of each sample
   */
  public Choice choose(Tensor video, IntFunction<Rng.Stream> draws) {
    long batch = video.dim(0);
    Tensor importance;
    try (Scope scope = video.device().scope()) {
      importance = scope.escape(selection.importance(grid, embedding.apply(video)));
    }
    Tensor kept = selection.kept(grid, selection.rank(importance));
    Tensor drawn = slots(kept, draws);
    long slotPixels = video.size() / (batch * CHANNELS * grid.slots());
    Tensor frames =
        GatherTokens.apply(video.reshape(batch * CHANNELS, grid.slots(), slotPixels), drawn);
    return new Choice(
        importance,
        kept,
        drawn,
        frames.reshape(batch, CHANNELS, clip.frames(), clip.height(), clip.width()));
  }

  /**
   * The slots that win the race. Planes of colour are moved each on its own, so everything is done
   * three times from the counts on; these are a few numbers a clip.
   */
  private Tensor slots(Tensor kept, IntFunction<Rng.Stream> draws) {
    Device device = kept.device();
    int batch = (int) kept.dim(0);
    int width = CHANNELS * grid.slots();
    Tensor slotOfToken = repeated(device, batch, grid.tokens(), token -> token / grid.perSlot());
    Tensor slotOfKept = TakeSorted.apply(slotOfToken, kept, 0, (int) kept.dim(1));
    // Shares of the kept tokens: the mean of a row for each with a 1 in the place of its slot.
    Tensor none = device.zeros(Shape.of(width));
    Tensor counts = MeanTokens.apply(MaskTokens.apply(none, places(device), slotOfKept));
    Tensor speed = device.feed(Shape.of((long) batch * width, 1, 1), () -> speeds(batch, draws));
    Tensor lead =
        Residual.apply(
            Scale.apply(speed, NEXT_TO_NOTHING), speed, null, counts.reshape((long) batch * width));
    Tensor order = Argsort.apply(lead.reshape((long) batch * CHANNELS, grid.slots()), true);
    return TakeSorted.apply(order, repeated(device, batch * CHANNELS, slots, i -> i), 0, slots);
  }

  /** {@code 1 / e}, the same for all planes of a sample. */
  private float[] speeds(int batch, IntFunction<Rng.Stream> draws) {
    int width = grid.slots();
    float[] speeds = new float[batch * CHANNELS * width];
    for (int b = 0; b < batch; b++) {
      Rng.Stream stream = draws.apply(b);
      for (int i = 0; i < width; i++) {
        // Never 0 or 1; StrictMath gives the same bits everywhere.
        double uniform = ((stream.nextInt() >>> 8) + 0.5) * 0x1p-24;
        float speed = (float) (-1 / StrictMath.log(uniform));
        for (int c = 0; c < CHANNELS; c++) {
          speeds[(b * CHANNELS + c) * width + i] = speed;
        }
      }
    }
    return speeds;
  }

  /** A row a slot with a 1 in its place, once for each plane. */
  private Tensor places(Device device) {
    int width = CHANNELS * grid.slots();
    float[] table = new float[grid.slots() * width];
    for (int slot = 0; slot < grid.slots(); slot++) {
      for (int c = 0; c < CHANNELS; c++) {
        table[slot * width + c * grid.slots() + slot] = 1;
      }
    }
    return device.constant(Shape.of(grid.slots(), width), table);
  }

  /** The same row of integers several times. */
  private static Tensor repeated(Device device, int rows, int columns, IntUnaryOperator value) {
    int[] values = new int[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = value.applyAsInt(i % columns);
    }
    return device.constant(Shape.of(rows, columns), values);
  }
}
