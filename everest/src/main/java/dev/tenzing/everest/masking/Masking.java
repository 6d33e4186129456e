package dev.tenzing.everest.masking;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;

/** A rule that splits the tokens of clips for masked pre-training. */
public interface Masking {
  /** Tokens a clip that the encoder sees. */
  int visibleTokens(TokenGrid grid);

  /** Tokens a clip that the decoder fills in. */
  int targetTokens(TokenGrid grid);

  /**
   * Rejects a grid that this rule cannot split.
   *
   * @throws IllegalArgumentException when nothing would be visible or nothing predicted
   */
  default void check(TokenGrid grid) {
    int visible = visibleTokens(grid);
    int target = targetTokens(grid);
    if (visible < 1 || target < 1) {
      throw new IllegalArgumentException(
          "of %s tokens (%s) %s leaves %s visible and %s to predict; both must be at least 1"
              .formatted(grid.tokens(), grid, this, visible, Math.max(target, 0)));
    }
  }

  /** Whether {@link #plan} looks at the tokens; otherwise they need not be computed. */
  boolean needsTokens();

  /**
   * Splits the tokens of a batch.
   *
   * @param device where the plan's indices are made
   * @param grid tokens of a clip
   * @param tokens [B, N, C] patch embeddings before positions are added; null unless {@link
   *     #needsTokens()}
   * @param batch B
   * @param draw the draws of this batch
   */
  TokenPlan plan(Device device, TokenGrid grid, Tensor tokens, int batch, Draw draw);

  /**
   * Source of a batch's random numbers: sample i of step s draws from (s, i) of the generator,
   * whatever else is drawn. It moves on with the run, so that who holds it draws for the present
   * step: what is {@linkplain Device#feed fed} to a captured step is drawn again for every replay.
   */
  final class Draw {
    private final Rng rng;
    private long step;
    private long firstSample;

    /**
     * The draws of a batch.
     *
     * @param rng generator of the run
     * @param step step of the run
     * @param firstSample index of the batch's first sample within the step
     */
    public Draw(Rng rng, long step, long firstSample) {
      this.rng = rng;
      moveTo(step, firstSample);
    }

    /** Goes on to another batch. */
    public void moveTo(long step, long firstSample) {
      this.step = step;
      this.firstSample = firstSample;
    }

    /** Generator of the run. */
    public Rng rng() {
      return rng;
    }

    /** Step of the run. */
    public long step() {
      return step;
    }

    /** Index of the batch's first sample within the step. */
    public long firstSample() {
      return firstSample;
    }

    /** The draws of one sample of the batch for one purpose. */
    public Rng.Stream stream(String purpose, int sample) {
      return rng.purpose(purpose).at(step, firstSample + sample);
    }

    /** n uniform draws for each of B samples, [B * n]. */
    float[] uniform(String purpose, int batch, int n) {
      float[] values = new float[batch * n];
      for (int b = 0; b < batch; b++) {
        Rng.Stream stream = stream(purpose, b);
        for (int i = 0; i < n; i++) {
          values[b * n + i] = stream.nextFloat();
        }
      }
      return values;
    }
  }
}
