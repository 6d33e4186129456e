package dev.tenzing.tools.run;

import dev.tenzing.everest.task.classification.Scores;
import dev.tenzing.video.decode.FrameSource;
import dev.tenzing.video.decode.StreamAddress;
import dev.tenzing.video.decode.VideoDecoder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.sample.SlidingWindows;
import dev.tenzing.video.stream.Fit;
import dev.tenzing.video.stream.WindowFeed;
import dev.tenzing.video.stream.WindowReader.Place;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Class probabilities of a video or stream, window by window as it comes.
 *
 * @param scores of one clip, the middle of the picture
 * @param windows which frames
 * @param size side of a clip, pixels
 * @param seconds of the video after which to stop; infinity for all of it
 * @param patience seconds that are waited for a frame
 */
public record WindowPredictor(
    Scores scores, SlidingWindows windows, int size, double seconds, int patience) {
  /** Hears of every window. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A window was classified.
     *
     * @param probability of each class
     */
    void at(Place place, double[] probability);
  }

  /**
   * How a source ended.
   *
   * @param windows that were classified
   * @param dropped windows of a live source that came faster than they could be classified
   * @param damaged frames and packets that were left out
   * @param defect why it could not be read on, or null
   */
  public record End(long windows, long dropped, long damaged, VideoException defect) {}

  /**
   * Reads a source to its end, or until time is up.
   *
   * @param source a path, or an address; see {@link StreamAddress#of}
   * @param root what relative paths start from, or null
   */
  public End run(String source, Path root, Listener listener) throws InterruptedException {
    Optional<StreamAddress> stream = StreamAddress.of(source);
    boolean live = stream.isPresent() && stream.get().kind().live();
    WindowFeed.Plan plan = new WindowFeed.Plan(windows, Fit.CROP, size, 1, live, patience);
    long count = 0;
    try (WindowFeed feed =
        new WindowFeed(
            stream.map(StreamAddress::name).orElse(source), () -> open(source, root), plan)) {
      VideoException defect = null;
      try {
        WindowFeed.Group group = feed.take();
        while (group != null && group.places().getFirst().end() <= seconds) {
          listener.at(
              group.places().getFirst(), scores.of(group.pixels(), List.of(Path.of("")), 1)[0]);
          count++;
          group = feed.take();
        }
      } catch (VideoException e) {
        defect = e;
      }
      return new End(count, feed.dropped(), feed.damaged(), defect);
    }
  }

  private FrameSource open(String source, Path root) throws VideoException {
    Optional<StreamAddress> stream = StreamAddress.of(source);
    return stream.isPresent()
        ? VideoDecoder.open(stream.get(), patience)
        : FrameSource.open(root == null ? Path.of(source) : root.resolve(source));
  }
}
