package dev.tenzing.everest.training;

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
public record ClipLabels(int[] own, int[] other, float[] shares) {
  /** Clips that are not mixed. */
  public static ClipLabels of(int... labels) {
    float[] shares = new float[labels.length];
    Arrays.fill(shares, 1);
    return new ClipLabels(labels, labels, shares);
  }

  /** Takes the labels of as many other clips. */
  void set(ClipLabels labels) {
    System.arraycopy(labels.own, 0, own, 0, own.length);
    System.arraycopy(labels.other, 0, other, 0, other.length);
    System.arraycopy(labels.shares, 0, shares, 0, shares.length);
  }

  /** The clips of a batch, every view of a video having its label. */
  public static ClipLabels of(Batch batch) {
    int[] videos = batch.labels();
    BatchMix mix = batch.mix();
    int[] own = new int[videos.length * batch.views()];
    int[] other = new int[own.length];
    for (int row = 0; row < own.length; row++) {
      own[row] = videos[row / batch.views()];
      other[row] = videos[mix.partner(row) / batch.views()];
    }
    return new ClipLabels(own, other, mix.shares());
  }
}
