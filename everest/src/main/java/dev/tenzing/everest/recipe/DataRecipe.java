package dev.tenzing.everest.recipe;

import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.video.sample.DenseSampling;
import dev.tenzing.video.sample.Sampling;
import dev.tenzing.video.sample.SamplingRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which videos, and how clips are made of them.
 *
 * @param list list file or folder of videos
 * @param root what relative paths start from; null for the list's folder
 * @param frames frames of a clip; null for the checkpoint's, else 16
 * @param stride frames from one frame of a clip to the next; null for the checkpoint's, else 4
 * @param sampling which frames; null for the checkpoint's, else dense
 * @param temporalJitter whether each frame of a dense clip moves on by less than the stride
 * @param size side of a clip in pixels; null for the checkpoint's, else 224
 * @param decodeThreads threads that decode ahead
 * @param cacheMib MiB of decoded frames that are kept
 * @param strict whether the first unreadable video ends the run
 */
public record DataRecipe(
    Path list,
    Path root,
    Integer frames,
    Integer stride,
    SamplingRule sampling,
    boolean temporalJitter,
    Integer size,
    int decodeThreads,
    long cacheMib,
    boolean strict) {
  /** Rejects impossible values. */
  public DataRecipe {
    positive("--frames", frames == null ? 1 : frames);
    positive("--stride", stride == null ? 1 : stride);
    positive("--size", size == null ? 1 : size);
    positive("--decode-threads", decodeThreads);
    if (cacheMib < 0) {
      throw new IllegalArgumentException("--cache-mib cannot be negative, got " + cacheMib);
    }
  }

  static void positive(String option, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(option + " must be at least 1, got " + value);
    }
  }

  /** Clips as a checkpoint's or by default of a list file or folder. */
  public static DataRecipe of(Path list) {
    return new DataRecipe(list, null, null, null, null, false, null, 2, 0, false);
  }

  /** The same videos in clips of so many frames, so far apart, of so many pixels squared. */
  public DataRecipe clips(int frames, int stride, int size) {
    return new DataRecipe(
        list,
        root,
        frames,
        stride,
        sampling,
        temporalJitter,
        size,
        decodeThreads,
        cacheMib,
        strict);
  }

  /** The same, with so many MiB of decoded frames kept. */
  public DataRecipe cached(long mib) {
    return new DataRecipe(
        list, root, frames, stride, sampling, temporalJitter, size, decodeThreads, mib, strict);
  }

  /** The same with frames chosen by a rule. */
  public DataRecipe sampled(SamplingRule rule) {
    return new DataRecipe(
        list, root, frames, stride, rule, temporalJitter, size, decodeThreads, cacheMib, strict);
  }

  /**
   * The same with clips settled: as asked for, else as a checkpoint's clips, else 16 frames of 224
   * pixels, 4 apart.
   *
   * @param checkpoint whose model goes on or teaches, or null
   */
  public DataRecipe settled(ModelFile checkpoint) {
    ModelDescription made = checkpoint == null ? null : checkpoint.description();
    return clips(
        frames != null ? frames : made == null ? 16 : made.clip().frames(),
        stride != null ? stride : made == null ? 4 : made.stride(),
        size != null ? size : made == null ? 224 : made.clip().height());
  }

  /** A sentence that says what a checkpoint decides of the clips, if it does. */
  public Optional<String> taken(ModelFile checkpoint) {
    if (checkpoint == null) {
      return Optional.empty();
    }
    ModelDescription made = checkpoint.description();
    List<String> taken = new ArrayList<>();
    taken(taken, frames, "--frames", made.clip().frames());
    taken(taken, size, "--size", made.clip().height());
    taken(taken, stride, "--stride", made.stride());
    return taken.isEmpty()
        ? Optional.empty()
        : Optional.of("clips are those of " + checkpoint.path() + ": " + String.join(" ", taken));
  }

  private static void taken(List<String> taken, Integer asked, String option, int value) {
    if (asked == null) {
      taken.add(option + " " + value);
    }
  }

  /** The sampling rule, {@code otherwise} when none is asked for. */
  public SamplingRule rule(SamplingRule otherwise) {
    SamplingRule rule = sampling == null ? otherwise : sampling;
    if (temporalJitter && rule == SamplingRule.SPARSE) {
      throw new IllegalArgumentException(
          "--temporal-jitter moves the frames of dense clips; sparse ones are drawn anyway");
    }
    return rule;
  }

  /** How training draws the frames of settled clips. */
  public Sampling sampling(SamplingRule rule) {
    return rule == SamplingRule.DENSE
        ? new DenseSampling(frames, stride, temporalJitter)
        : rule.of(frames, stride);
  }

  /** Refuses to write into the folder that is read: what is written there would be data next. */
  public static void checkOutput(Path data, Path output) {
    if (data == null || !Files.isDirectory(data)) {
      return;
    }
    if (real(output).startsWith(real(data))) {
      throw new IllegalArgumentException(
          "--output %s lies inside of the data folder %s; give a folder outside of it"
              .formatted(output, data));
    }
  }

  /** The path without links, as far as it exists. */
  private static Path real(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path there = absolute; there != null; there = there.getParent()) {
      try {
        return there.toRealPath().resolve(there.relativize(absolute)).normalize();
      } catch (IOException e) {
        // The folder around it may exist.
      }
    }
    return absolute;
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("data", list);
    all.put("data-root", root);
    all.put("frames", frames);
    all.put("stride", stride);
    all.put("sampling", sampling == null ? null : sampling.label());
    all.put("temporal-jitter", temporalJitter);
    all.put("size", size);
    all.put("decode-threads", decodeThreads);
    all.put("cache-mib", cacheMib);
    all.put("strict", strict);
    return all;
  }
}
