package dev.tenzing.everest.task.classification;

import dev.tenzing.everest.training.Targets;
import dev.tenzing.video.augment.BatchMix;
import dev.tenzing.video.load.Batch;
import java.util.Arrays;

/**
 * Classes of the clips of a batch: clip {@code b} shows {@code shares[b]} of class {@code own[b]}
 * and the rest of class {@code other[b]}.
 *
 * @param own class of each clip; -1 where there is none
 * @param other class of the clip that it is mixed with
 * @param shares of the own class, 1 for clips that are not mixed
 */
public record ClipLabels(int[] own, int[] other, float[] shares) implements Targets {
  /** Clips that are not mixed. */
  public static ClipLabels of(int... labels) {
    float[] shares = new float[labels.length];
    Arrays.fill(shares, 1);
    return new ClipLabels(labels, labels, shares);
  }

  /** Room for the classes of so many clips. */
  public static ClipLabels room(int clips) {
    float[] shares = new float[clips];
    Arrays.fill(shares, 1);
    return new ClipLabels(new int[clips], new int[clips], shares);
  }

  /** Takes the classes of a batch, every view of a video having its class. */
  @Override
  public void take(Batch batch) {
    int[] videos = batch.labels();
    BatchMix mix = batch.mix();
    for (int row = 0; row < own.length; row++) {
      own[row] = videos[row / batch.views()];
      other[row] = videos[mix.partner(row) / batch.views()];
    }
    System.arraycopy(mix.shares(), 0, shares, 0, shares.length);
  }
}
