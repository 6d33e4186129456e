package dev.tenzing.everest.features;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.AtomicFile;
import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.everest.features.FeatureFolder.Done;
import dev.tenzing.everest.model.ClipEncoder;
import dev.tenzing.everest.model.Pixels;
import dev.tenzing.video.decode.FileStamp;
import dev.tenzing.video.decode.FrameSource;
import dev.tenzing.video.decode.Limits;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.sample.SlidingWindows;
import dev.tenzing.video.stream.WindowFeed;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the features of whole videos into a folder, a NumPy file [clips, D] a video, whose row i
 * is the clip that begins at frame {@code i * hop}: those of VideoMAE V2 for temporal action
 * detection (THUMOS14 every 4 frames, FineAction every 16).
 *
 * <p>A video is decoded once, in one pass, and never held: windows go through the model some at a
 * time and rows to the disk as they come, so memory does not grow with the length. A video whose
 * features are complete is not read again; one that was left in the middle is read from its start.
 */
public final class FeatureExtraction {
  /** Name of the list of bad videos in the folder. */
  public static final String SKIPPED = "skipped.csv";

  private static final float[] ZERO = {0, 0, 0};
  private static final float[] ONE = {1, 1, 1};

  /** Hears of progress. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Some windows went through the model, or a video is done.
     *
     * @param videos done, there already or skipped
     * @param clips that went through the model
     * @param skipped videos that cannot be read
     * @param share of the work that is done, 0 to 1, guessed from file sizes
     */
    void at(int videos, long clips, int skipped, double share);

    /** Something people should know, in one sentence. */
    default void note(String sentence) {}
  }

  /**
   * What was done.
   *
   * @param videos videos with features in the folder
   * @param clips their rows
   * @param extracted videos that were read now
   * @param skipped videos that cannot be read
   * @param width D
   */
  public record Result(int videos, long clips, int extracted, int skipped, int width) {}

  /** A bad video inside of a file operation. */
  private static final class BadVideo extends IOException {
    private static final long serialVersionUID = 1;

    private final transient VideoException defect;

    BadVideo(VideoException defect) {
      super(defect);
      this.defect = defect;
    }
  }

  private final ClipEncoder encoder;
  private final FeatureSettings settings;
  private final WindowFeed.Plan plan;
  private final boolean strict;
  private final Listener listener;
  private SkipLog skips;
  private int videos;
  private int extracted;
  private long newClips;
  private long clips;
  private double work;
  private double workDone;

  /**
   * @param batch clips that go through the model together
   * @param strict whether the first bad video ends the work
   */
  public FeatureExtraction(
      ClipEncoder encoder, FeatureSettings settings, int batch, boolean strict, Listener listener) {
    this.encoder = encoder;
    this.settings = settings;
    this.plan =
        new WindowFeed.Plan(
            settings.windows(),
            settings.fit(),
            settings.size(),
            batch,
            false,
            Limits.STALL_SECONDS);
    this.strict = strict;
    this.listener = listener;
  }

  /**
   * Writes the features of every video of a list that has none yet.
   *
   * @param list videos, each once
   * @param root what files are named after: a video's place below it
   * @param output the folder
   * @param about more to be told of them in {@code features.json}
   * @throws IllegalArgumentException when the folder holds features made otherwise
   * @throws VideoException for a bad video, where that is strict
   */
  public Result run(List<Path> list, Path root, Path output, Map<String, Object> about)
      throws IOException, VideoException, InterruptedException {
    List<Path> all = list.stream().map(p -> p.toAbsolutePath().normalize()).distinct().toList();
    Map<Path, Path> names = FeatureNames.of(all, root.toAbsolutePath().normalize());
    Map<String, Object> made = settings.toMap(encoder);
    try (FeatureFolder folder =
        FeatureFolder.open(output, encoder.width(), made, about, listener::note)) {
      // What was skipped before is tried again, and named again if it still cannot be read.
      Files.deleteIfExists(output.resolve(SKIPPED));
      skips = new SkipLog(output.resolve(SKIPPED));
      Map<Path, Path> left = new LinkedHashMap<>();
      for (Map.Entry<Path, Path> entry : names.entrySet()) {
        Done done = folder.find(entry.getValue(), entry.getKey());
        if (done == null) {
          left.put(entry.getKey(), entry.getValue());
          work += weight(entry.getKey());
        } else {
          videos++;
          clips += done.clips();
        }
      }
      int there = videos;
      for (Map.Entry<Path, Path> entry : left.entrySet()) {
        extract(entry.getKey(), entry.getValue(), folder);
        workDone += weight(entry.getKey());
        tell(0);
      }
      return new Result(there + extracted, clips, extracted, skips.count(), encoder.width());
    }
  }

  /** Progress is measured in bytes, because the number of frames is known only at the end. */
  private static double weight(Path video) {
    return Math.max(1, FileStamp.of(video).size());
  }

  private void tell(double more) {
    listener.at(videos, newClips, skips.count(), work == 0 ? 1 : (workDone + more) / work);
  }

  private void extract(Path video, Path name, FeatureFolder folder)
      throws IOException, VideoException, InterruptedException {
    FileStamp stamp = FileStamp.of(video);
    Path file = folder.file(name);
    AtomicFolder.create(file.getParent());
    AtomicFile.deleteLeftovers(file); // this run alone is writing here
    try (WindowFeed feed = new WindowFeed(video.toString(), () -> FrameSource.open(video), plan)) {
      long[] rows = {0};
      AtomicFile.write(
          file,
          out -> {
            NpyRows npy = new NpyRows(out, encoder.width());
            for (WindowFeed.Group group = take(feed); group != null; group = take(feed)) {
              float[] features = features(group.pixels(), group.places().size());
              check(features, video, npy.rows());
              npy.add(features);
              newClips += group.places().size();
              tell(weight(video) * share(feed));
            }
            npy.finish();
            rows[0] = npy.rows();
          });
      Done done = new Done(video.toString(), stamp, rows[0], feed.frames(), feed.fps());
      folder.add(name, done);
      clips += done.clips();
      extracted++;
    } catch (BadVideo e) {
      // The reader knows the file by its own name or not at all.
      VideoException defect = new VideoException(video, e.defect.reason(), e.defect.sentence());
      skips.add(defect);
      if (strict) {
        throw defect;
      }
    }
    videos++;
  }

  private static WindowFeed.Group take(WindowFeed feed) throws IOException {
    try {
      return feed.take();
    } catch (VideoException e) {
      throw new BadVideo(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("extracting features was interrupted", e);
    }
  }

  private static double share(WindowFeed feed) {
    long promised = feed.promisedFrames();
    return promised <= 0 ? 0 : Math.min(1, (double) feed.frames() / promised);
  }

  /**
   * Features of some clips.
   *
   * @param pixels U8 [count, T, size, size, 3], or more
   * @return [count, D]
   */
  float[] features(MemorySegment pixels, int count) {
    Device device = encoder.device();
    SlidingWindows windows = settings.windows();
    int size = settings.size();
    boolean normalize = settings.normalize();
    long bytes = 3L * count * windows.length() * size * size;
    try (Scope scope = device.scope()) {
      Tensor raw =
          device.tensor(
              DType.U8, Shape.of(count, windows.length(), size, size, 3), pixels.asSlice(0, bytes));
      Tensor video =
          NormalizeVideo.apply(raw, normalize ? Pixels.MEAN : ZERO, normalize ? Pixels.STD : ONE);
      return encoder.features(video).toFloats();
    }
  }

  private void check(float[] features, Path video, long row) {
    for (int i = 0; i < features.length; i++) {
      if (!Float.isFinite(features[i])) {
        throw new NonFiniteFeatureException(
            "the feature of clip %s of %s is not finite; the checkpoint may be damaged"
                .formatted(row + i / encoder.width(), video));
      }
    }
  }
}
