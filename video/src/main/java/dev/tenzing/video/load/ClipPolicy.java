package dev.tenzing.video.load;

import dev.tenzing.video.augment.Augmentation;
import dev.tenzing.video.sample.DenseSampling;
import dev.tenzing.video.sample.Sampling;
import dev.tenzing.video.transform.Crop;
import dev.tenzing.video.transform.MultiScaleCrop;
import dev.tenzing.video.transform.ShortSide;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How clips are drawn from a video: the recipe of a kind of training or testing.
 *
 * @param sampling chooses a clip's frames
 * @param size side of a clip's square pictures, pixels
 * @param views clips drawn from a video at once
 * @param shortSide the working size: the length to which the shorter side is scaled while decoding
 * @param enlarges whether a shorter side below that is scaled up; random crops are scaled once
 *     more, so that two scalings up would only cost time and detail
 * @param draw chooses rectangles, and which of the sampling's clips
 */
public record ClipPolicy(
    Sampling sampling, int size, int views, int shortSide, boolean enlarges, Draw draw) {

  /** Chooses the clips of one video. */
  @FunctionalInterface
  public interface Draw {
    /**
     * The clips of one video.
     *
     * @param sampling the policy's, at the stride of the video's source
     * @param total frames that may be used, numbered from 0
     * @param width of the working size, pixels
     * @param height of the working size, pixels
     * @return one plan for each of the policy's views
     */
    List<ClipPlan> clips(
        Sampling sampling, int total, int width, int height, RandomGenerator random);
  }

  public ClipPolicy {
    if (size < 1 || views < 1 || shortSide < size) {
      throw new IllegalArgumentException(
          "clips of side "
              + size
              + " need at least 1 view and a working size no smaller, not "
              + views
              + " and "
              + shortSide);
    }
  }

  /** The size at which frames of {@code width} x {@code height} are decoded. */
  ShortSide workingSize(int width, int height) {
    int side = Math.min(width, height);
    return ShortSide.of(width, height, enlarges ? shortSide : Math.min(shortSide, side));
  }

  /** Frames in a clip, T. */
  public int frames() {
    return sampling.length();
  }

  /** Masked pre-training from dense clips. */
  public static ClipPolicy pretraining(int frames, int stride, int size) {
    return pretraining(new DenseSampling(frames, stride), size);
  }

  /** Masked pre-training: a random clip, a multi-scale crop, no mirroring. */
  public static ClipPolicy pretraining(Sampling sampling, int size) {
    return training(
        sampling,
        size,
        1,
        (frames, total, width, height, random) ->
            List.of(
                new ClipPlan(
                    frames.pretraining(total, random),
                    MultiScaleCrop.draw(width, height, size, random))));
  }

  /** Supervised training from dense clips. */
  public static ClipPolicy finetuning(int frames, int stride, int size, Augmentation augmentation) {
    return finetuning(new DenseSampling(frames, stride), size, augmentation);
  }

  /** Supervised training: random clips of a video, each augmented on its own. */
  public static ClipPolicy finetuning(Sampling sampling, int size, Augmentation augmentation) {
    return training(
        sampling,
        size,
        augmentation.samples(),
        (frames, total, width, height, random) ->
            IntStream.range(0, augmentation.samples())
                .mapToObj(view ->
                    augmented(
                        frames.finetuning(total, random),
                        width,
                        height,
                        size,
                        augmentation,
                        random))
                .toList());
  }

  private static ClipPlan augmented(
      int[] frames,
      int width,
      int height,
      int size,
      Augmentation augmentation,
      RandomGenerator random) {
    Crop crop = augmentation.crop().draw(width, height, size, random);
    boolean mirror = augmentation.mirror() && random.nextBoolean();
    return new ClipPlan(
        frames, augmentation.pictures(random), crop, mirror, augmentation.erasure(size, random));
  }

  /** Validation with dense clips. */
  public static ClipPolicy validation(int frames, int stride, int size) {
    return validation(new DenseSampling(frames, stride), size);
  }

  /** Validation while training: one clip from the middle of the video and of the picture. */
  public static ClipPolicy validation(Sampling sampling, int size) {
    return new ClipPolicy(
        sampling,
        size,
        1,
        size,
        true,
        (frames, total, width, height, random) ->
            List.of(new ClipPlan(frames.middle(total), Crop.center(width, height, size))));
  }

  /** Multi-view testing with dense clips. */
  public static ClipPolicy testing(int frames, int stride, int size, int segments, int crops) {
    return testing(new DenseSampling(frames, stride), size, segments, crops);
  }

  /**
   * Multi-view testing: {@code segments} clips spread over the video, {@code crops} squares along
   * the longer side of each; view {@code v} is segment {@code v / crops}, crop {@code v % crops}.
   * The shorter side is scaled to the clip's, as the reference's scripts do.
   */
  public static ClipPolicy testing(Sampling sampling, int size, int segments, int crops) {
    return new ClipPolicy(
        sampling,
        size,
        segments * crops,
        size,
        true,
        (frames, total, width, height, random) ->
            IntStream.range(0, segments * crops)
                .mapToObj(view ->
                    new ClipPlan(
                        frames.view(total, view / crops, segments),
                        Crop.alongLongSide(width, height, view % crops, crops)))
                .toList());
  }

  /** Random crops are taken from at most 256 pixels for clips of 224, in proportion. */
  private static ClipPolicy training(Sampling sampling, int size, int views, Draw draw) {
    return new ClipPolicy(sampling, size, views, (size * 256 + 112) / 224, false, draw);
  }
}
