package dev.tenzing.video.load;

import dev.tenzing.video.decode.VideoException;
import java.util.List;

/**
 * What a worker made of a sample: clips, a defect or a failure; the others are null. All three are
 * null for a good video of another shard's batch.
 *
 * @param sample place in the list
 * @param clips what its views show
 * @param defect why the video cannot be used
 * @param fatal whether nothing can go on after the defect
 * @param failure what else went wrong
 */
record Drawn(
    int sample, List<ClipGeometry> clips, VideoException defect, boolean fatal, Throwable failure) {
  static Drawn clips(int sample, List<ClipGeometry> clips) {
    return new Drawn(sample, clips, null, false, null);
  }

  static Drawn elsewhere(int sample) {
    return new Drawn(sample, null, null, false, null);
  }

  static Drawn defect(int sample, VideoException defect, boolean fatal) {
    return new Drawn(sample, null, defect, fatal, null);
  }

  static Drawn failure(int sample, Throwable failure) {
    return new Drawn(sample, null, null, false, failure);
  }
}
