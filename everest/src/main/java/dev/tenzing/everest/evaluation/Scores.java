package dev.tenzing.everest.evaluation;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.engine.op.Softmax;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.Pixels;
import dev.tenzing.everest.model.VideoClassifier;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Class probabilities of videos: the mean of the softmax over a video's views, as the official test
 * merges them.
 *
 * @param classifier the model
 * @param clip size of a view
 * @param clipsAtOnce views that go through the model together; bounds memory
 * @param chosen the classes of the model that are meant, by the label that stands for each; null
 *     for all as they are. Their probabilities add up to 1 in every view, as if the model's head
 *     had no others.
 */
public record Scores(
    VideoClassifier classifier, ClipShape clip, int clipsAtOnce, List<Integer> chosen) {
  /** All classes of the model. */
  public Scores(VideoClassifier classifier, ClipShape clip, int clipsAtOnce) {
    this(classifier, clip, clipsAtOnce, null);
  }

  /** Classes that scores are for. */
  public int classes() {
    return chosen == null ? classifier.classes() : chosen.size();
  }

  /**
   * Probabilities of some videos.
   *
   * @param pixels U8 [videos * views, T, H, W, 3]
   * @return [videos][classes]
   */
  public double[][] of(MemorySegment pixels, int videos, int views) {
    Device device = classifier.device();
    int all = classifier.classes();
    int classes = classes();
    long clipBytes = 3L * clip.frames() * clip.height() * clip.width();
    double[][] mean = new double[videos][classes];
    int clips = videos * views;
    for (int from = 0; from < clips; from += clipsAtOnce) {
      int count = Math.min(clipsAtOnce, clips - from);
      try (Scope scope = device.scope()) {
        Tensor bytes =
            device.tensor(
                DType.U8,
                Shape.of(count, clip.frames(), clip.height(), clip.width(), 3),
                pixels.asSlice(from * clipBytes, count * clipBytes));
        Tensor video = NormalizeVideo.apply(bytes, Pixels.MEAN, Pixels.STD);
        float[] probability = Softmax.apply(classifier.logits(video)).toFloats();
        for (int i = 0; i < count; i++) {
          double[] row = mean[(from + i) / views];
          double sum = 1;
          if (chosen != null) {
            sum = 0;
            for (int c : chosen) {
              sum += probability[i * all + c];
            }
          }
          for (int c = 0; c < classes; c++) {
            int of = chosen == null ? c : chosen.get(c);
            row[c] += probability[i * all + of] / (sum * views);
          }
        }
      }
    }
    return mean;
  }
}
