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

/**
 * Class probabilities of videos: the mean of the softmax over a video's views, as the official test
 * merges them.
 *
 * @param classifier the model
 * @param clip size of a view
 * @param clipsAtOnce views that go through the model together; bounds memory
 */
public record Scores(VideoClassifier classifier, ClipShape clip, int clipsAtOnce) {
  /**
   * Probabilities of some videos.
   *
   * @param pixels U8 [videos * views, T, H, W, 3]
   * @return [videos][classes]
   */
  public double[][] of(MemorySegment pixels, int videos, int views) {
    Device device = classifier.device();
    int classes = classifier.classes();
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
          for (int c = 0; c < classes; c++) {
            row[c] += (double) probability[i * classes + c] / views;
          }
        }
      }
    }
    return mean;
  }
}
