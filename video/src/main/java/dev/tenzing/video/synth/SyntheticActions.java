package dev.tenzing.video.synth;

import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.VideoWriter;
import dev.tenzing.video.file.WholeFile;
import dev.tenzing.video.random.KeyedRandom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A data set of made videos: {@code videos/CLASS/NUMBER.mp4}, the lists {@code train.csv} and
 * {@code val.csv}, and {@code classes.txt}.
 *
 * <p>Mirroring a video changes its class (left and right, clockwise and counter-clockwise): train
 * on them without it.
 *
 * @param classes how many motions, at most {@link #MAX_CLASSES}
 * @param trainPerClass videos of each class to train on
 * @param valPerClass videos of each class to validate on
 * @param size side of the square pictures, pixels, even
 * @param seed of everything that is drawn
 */
public record SyntheticActions(
    int classes, int trainPerClass, int valPerClass, int size, long seed) {
  /** The motions that there are. */
  public static final int MAX_CLASSES = Motion.values().length;

  private static final int FPS = 12;
  private static final int SHORTEST = 32;
  private static final int LONGEST = 48;
  private static final double SLOWEST = 1.0 / 44;
  private static final double FASTEST = 1.0 / 26;

  public SyntheticActions {
    if (classes < 2 || classes > MAX_CLASSES) {
      throw new IllegalArgumentException(
          "there are made videos of 2 to " + MAX_CLASSES + " classes, not of " + classes);
    }
    if (trainPerClass < 1 || valPerClass < 0) {
      throw new IllegalArgumentException(
          "each class needs at least 1 video to train on, not " + trainPerClass);
    }
    if (size < 32 || size > 1024 || size % 2 != 0) {
      throw new IllegalArgumentException(
          "the side of made videos must be even and 32 to 1024 pixels, not " + size);
    }
  }

  /** Names of the classes, by label. */
  public List<String> classNames() {
    return Arrays.stream(Motion.values()).limit(classes).map(Motion::label).toList();
  }

  /** How many videos are written. */
  public int videos() {
    return classes * (trainPerClass + valPerClass);
  }

  /**
   * Writes the data set, on all cores.
   *
   * @param progress told how many videos are done, from any thread
   * @throws IOException when a file cannot be written
   */
  public void write(Path folder, IntConsumer progress) throws IOException {
    for (String name : classNames()) {
      Files.createDirectories(folder.resolve("videos").resolve(name));
    }
    AtomicInteger done = new AtomicInteger();
    try {
      IntStream.range(0, videos())
          .parallel()
          .forEach(number -> {
            writeVideo(folder, number);
            progress.accept(done.incrementAndGet());
          });
    } catch (RuntimeException e) {
      throw unwritable(e);
    }
    writeList(folder.resolve("train.csv"), 0, classes * trainPerClass);
    writeList(folder.resolve("val.csv"), classes * trainPerClass, videos());
    WholeFile.write(folder.resolve("classes.txt"), String.join("\n", classNames()) + "\n");
  }

  /** A pool of threads hands a failure of one of them on inside of others. */
  private static IOException unwritable(RuntimeException e) {
    for (Throwable inner = e; inner != null; inner = inner.getCause()) {
      if (inner instanceof IOException failure) {
        return failure;
      }
    }
    throw e;
  }

  private void writeList(Path list, int from, int to) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int number = from; number < to; number++) {
      lines.append(name(number)).append(' ').append(number % classes).append('\n');
    }
    WholeFile.write(list, lines.toString());
  }

  private String name(int number) {
    Motion motion = Motion.values()[number % classes];
    return String.format(Locale.ROOT, "videos/%s/%05d.mp4", motion.label(), number);
  }

  private void writeVideo(Path folder, int number) {
    Motion motion = Motion.values()[number % classes];
    KeyedRandom random = new KeyedRandom(KeyedRandom.key(seed, number));
    Scene scene = new Scene(size, random);
    Pose first =
        new Pose(
            random.nextDouble(), random.nextDouble(), random.nextDouble(), random.nextDouble());
    int frames = random.nextInt(SHORTEST, LONGEST + 1);
    double speed = random.nextDouble(SLOWEST, FASTEST);
    double phase = random.nextDouble();
    try {
      WholeFile.<RuntimeException>make(
          folder.resolve(name(number)),
          part -> {
            try (Arena arena = Arena.ofConfined();
                VideoWriter writer =
                    VideoWriter.create(part, EncoderSettings.mpeg4(size, size, FPS))) {
              MemorySegment pixels = arena.allocate(3L * size * size);
              for (int time = 0; time < frames; time++) {
                scene.paint(time, motion.after(phase + speed * time, first), pixels);
                writer.write(pixels);
              }
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
