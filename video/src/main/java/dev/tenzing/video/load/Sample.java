package dev.tenzing.video.load;

import dev.tenzing.video.list.Annotation;
import java.nio.file.Path;
import java.util.List;

/**
 * What is known of one video of a batch.
 *
 * @param index place in the list
 * @param path the file, or another name that tells it from others
 * @param annotation what it shows
 * @param views which part of it each view shows; empty where the source of the clips does not say
 */
public record Sample(int index, Path path, Annotation annotation, List<ClipGeometry> views) {
  public Sample {
    views = List.copyOf(views);
  }

  /** A video without a known geometry of its clips. */
  public Sample(int index, Path path, Annotation annotation) {
    this(index, path, annotation, List.of());
  }
}
