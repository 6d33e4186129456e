package dev.tenzing.everest.task.classification;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Softmax;
import dev.tenzing.everest.frames.ClipInput;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * Class probabilities of videos: the mean of the softmax over a video's views, as the official test
 * merges them.
 *
 * @param classifier the model
 * @param input what the model sees of a view
 * @param clipsAtOnce views that go through the model together; bounds memory
 * @param chosen the classes of the model that are meant, by the label that stands for each; null
 *     for all as they are. Their probabilities add up to 1 in every view, as if the model's head
 *     had no others.
 */
public record Scores(
    VideoClassifier classifier, ClipInput input, int clipsAtOnce, List<Integer> chosen) {
  /** All classes of the model. */
  public Scores(VideoClassifier classifier, ClipInput input, int clipsAtOnce) {
    this(classifier, input, clipsAtOnce, null);
  }

  /** Classes that scores are for. */
  public int classes() {
    return chosen == null ? classifier.classes() : chosen.size();
  }

  /**
   * Probabilities of some videos.
   *
   * @param pixels U8 [videos * views, T, H, W, 3]
   * @param files the videos; frames that are chosen follow from the file's name and the view
   * @return [videos][classes]
   */
  public double[][] of(MemorySegment pixels, List<Path> files, int views) {
    int videos = files.size();
    Device device = classifier.device();
    int all = classifier.classes();
    int classes = classes();
    ClipShape clip = input.loaded();
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
        int first = from;
        Tensor video =
            input.video(
                bytes,
                i -> FrameSelection.testing(files.get((first + i) / views), (first + i) % views));
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
