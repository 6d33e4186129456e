package dev.tenzing.tools.gallery;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.PatchTargets;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenPlan;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.Pixels;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.tools.picture.Picture;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What a masked autoencoder makes of a clip: the frames, the tokens that its encoder sees, and its
 * prediction.
 *
 * <p>A model trained on targets normalised per patch predicts neither brightness nor contrast of a
 * patch. The usual picture takes both from the very patch that is predicted, which looks better
 * than the model is; so the prediction is drawn once like that and once with both interpolated from
 * the tokens that the encoder sees.
 *
 * @param picture the rows, a column a slot
 * @param loss mean squared error of the prediction, as in training
 * @param tokens tokens of the clip
 * @param visible tokens that the encoder sees
 * @param predicted tokens that are predicted
 */
public record ReconstructionPicture(
    Picture picture, double loss, int tokens, int visible, int predicted) {
  private static final int TO_PREDICT = 0x808080;
  private static final int LEFT_OUT = 0x202020;

  /**
   * Predicts and draws.
   *
   * @param how how tokens are hidden and targets normalised
   * @param rng draws the mask
   */
  public static ReconstructionPicture of(
      Device device, MaskedAutoencoder model, Pretraining how, ClipPixels clip, Rng rng) {
    VitConfig config = model.config();
    TokenGrid grid = model.grid();
    try (Scope scope = device.scope()) {
      Tensor video = clip.video(device);
      TokenPlan plan = model.plan(video, how.masking(), new Masking.Draw(rng, 0, 0));
      Tensor output = model.forward(video, plan).output();
      double loss =
          MaskedAutoencoder.loss(output, model.targets(video, plan, how.normalizeTargets()), plan)
              .item();
      int[] visible = plan.visible().toInts();
      Predictions predictions = Predictions.of(plan, output);
      int[] target = predictions.tokens();
      float[] prediction = predictions.values();
      Sheet sheet =
          new Sheet()
              .row("first frame of each slot", SlotFrames.of(clip, grid).frames())
              .row(caption(grid, visible, target), masked(clip, grid, visible, target).frames());
      if (how.normalizeTargets()) {
        int pixels = config.tubelet() * config.patch() * config.patch();
        PatchColors[] truth =
            PatchColors.of(
                Predictions.of(plan, model.targets(video, plan, false)).values(), pixels);
        PatchColors[] seen = PatchColors.of(patches(video, plan.visible(), config), pixels);
        PatchColors[] guess =
            IntStream.of(target)
                .mapToObj(token -> PatchColors.interpolated(grid, token, visible, seen))
                .toArray(PatchColors[]::new);
        sheet
            .row(
                "predicted, brightness and contrast guessed from what is seen",
                painted(clip, grid, visible, target, prediction, i -> guess[i]::toByte).frames())
            .row(
                "predicted, with brightness and contrast of the true patch",
                painted(clip, grid, visible, target, prediction, i -> truth[i]::toByte).frames());
      } else {
        ToByte plain = (value, c) -> PatchColors.toByte(value);
        sheet.row(
            "predicted", painted(clip, grid, visible, target, prediction, i -> plain).frames());
      }
      return new ReconstructionPicture(
          sheet.picture(), loss, grid.tokens(), visible.length, target.length);
    }
  }

  /**
   * Values of the targets that the encoder does not see, as the loss counts them: what a decoder
   * fills in for a token that the encoder sees is not drawn.
   *
   * @param tokens M of them
   * @param values [M, t p p 3]
   */
  private record Predictions(int[] tokens, float[] values) {
    static Predictions of(TokenPlan plan, Tensor output) {
      int[] target = plan.target().toInts();
      float[] values = output.toFloats();
      if (plan.weight() == null) {
        return new Predictions(target, values);
      }
      float[] weight = plan.weight().toFloats();
      int[] hidden = IntStream.range(0, target.length).filter(i -> weight[i] > 0).toArray();
      int size = values.length / target.length;
      float[] kept = new float[hidden.length * size];
      for (int i = 0; i < hidden.length; i++) {
        System.arraycopy(values, hidden[i] * size, kept, i * size, size);
      }
      return new Predictions(Arrays.stream(hidden).map(i -> target[i]).toArray(), kept);
    }
  }

  /** From a predicted value of channel c to 0 to 255. */
  @FunctionalInterface
  interface ToByte {
    int of(float value, int c);
  }

  private static float[] patches(Tensor video, Tensor index, VitConfig config) {
    return PatchTargets.apply(
            video, index, config.tubelet(), config.patch(), Pixels.MEAN, Pixels.STD, false)
        .toFloats();
  }

  private static String caption(TokenGrid grid, int[] visible, int[] target) {
    int leftOut = grid.tokens() - visible.length - target.length;
    return "seen: %s of %s tokens, to predict: %s (grey)%s"
        .formatted(
            visible.length,
            grid.tokens(),
            target.length,
            leftOut == 0 ? "" : ", left out: %s (dark)".formatted(leftOut));
  }

  private static SlotFrames masked(ClipPixels clip, TokenGrid grid, int[] visible, int[] target) {
    int[] colors = new int[grid.tokens()];
    Arrays.fill(colors, LEFT_OUT);
    for (int token : target) {
      colors[token] = TO_PREDICT;
    }
    for (int token : visible) {
      colors[token] = -1;
    }
    SlotFrames frames = SlotFrames.of(clip, grid);
    for (int token = 0; token < colors.length; token++) {
      if (colors[token] >= 0) {
        frames.tint(token, colors[token], 1);
      }
    }
    return frames;
  }

  /**
   * Paints predictions [M, t p p 3] over the hidden tokens.
   *
   * @param toByte by index of the target
   */
  static SlotFrames painted(
      ClipPixels clip,
      TokenGrid grid,
      int[] visible,
      int[] target,
      float[] prediction,
      IntFunction<ToByte> toByte) {
    SlotFrames frames = masked(clip, grid, visible, target);
    int patch = frames.patch();
    int values = prediction.length / target.length;
    for (int i = 0; i < target.length; i++) {
      ToByte convert = toByte.apply(i);
      for (int pixel = 0; pixel < patch * patch; pixel++) {
        int at = i * values + 3 * pixel;
        int color =
            convert.of(prediction[at], 0) << 16
                | convert.of(prediction[at + 1], 1) << 8
                | convert.of(prediction[at + 2], 2);
        frames
            .frame(target[i])
            .set(frames.x(target[i]) + pixel % patch, frames.y(target[i]) + pixel / patch, color);
      }
    }
    return frames;
  }
}
