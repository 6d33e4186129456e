package dev.tenzing.everest.masking;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;

/**
 * Pre-training by masks that do not look at the tokens: one hides tokens from the encoder, another
 * leaves tokens out of the decoder (dual masking: Wang et al., VideoMAE V2, CVPR 2023).
 *
 * <p>The decoder fills in every token that its mask leaves, also those that the encoder sees, as in
 * the official code; the loss counts those that the encoder does not see. So clips may differ in
 * how many tokens count.
 *
 * @param encoder masks what the encoder does not see
 * @param decoder masks what the decoder does not fill in; null when it fills in exactly what the
 *     encoder does not see
 */
public record DualMask(TokenMask encoder, TokenMask decoder) implements Masking {
  @Override
  public int visibleTokens(TokenGrid grid) {
    return grid.tokens() - encoder.masked(grid);
  }

  @Override
  public int targetTokens(TokenGrid grid) {
    return decoder == null ? encoder.masked(grid) : grid.tokens() - decoder.masked(grid);
  }

  @Override
  public void check(TokenGrid grid) {
    if (encoder.masked(grid) < 1) {
      throw new IllegalArgumentException(
          "the mask %s hides none of %s tokens (%s)"
              .formatted(encoder.spec(), grid.tokens(), grid));
    }
    Masking.super.check(grid);
  }

  @Override
  public boolean needsTokens() {
    return false;
  }

  @Override
  public TokenPlan plan(Device device, TokenGrid grid, Tensor tokens, int batch, Draw draw) {
    check(grid);
    return TokenPlan.drawn(
        device,
        Shape.of(batch, visibleTokens(grid)),
        Shape.of(batch, targetTokens(grid)),
        decoder != null,
        () ->
            new TokenPlan.Masks(
                batch,
                draw(encoder, encoder.label(), grid, batch, draw),
                // Its own purpose: two masks of one kind must not draw the same.
                decoder == null
                    ? null
                    : draw(decoder, "decoder." + decoder.label(), grid, batch, draw)));
  }

  private static boolean[] draw(
      TokenMask mask, String purpose, TokenGrid grid, int batch, Draw draw) {
    int n = grid.tokens();
    boolean[] all = new boolean[batch * n];
    for (int b = 0; b < batch; b++) {
      System.arraycopy(mask.draw(grid, draw.stream(purpose, b)), 0, all, b * n, n);
    }
    return all;
  }

  @Override
  public String toString() {
    return encoder.spec() + (decoder == null ? "" : " with decoder mask " + decoder.spec());
  }
}
