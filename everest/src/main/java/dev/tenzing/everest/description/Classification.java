package dev.tenzing.everest.description;

import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.VideoClassifier;
import java.util.List;

/**
 * A model that tells the class of a clip.
 *
 * @param options what it has beside the trunk's sizes
 * @param classNames names of the classes, in order; empty when unknown
 */
public record Classification(VideoClassifier.Options options, List<String> classNames)
    implements Purpose {
  /** Classes without names. */
  public Classification(VideoClassifier.Options options) {
    this(options, List.of());
  }

  /** K. */
  public int classes() {
    return options.classes();
  }

  @Override
  public TokenSelection selection() {
    return options.selection();
  }

  /** The same with another selection, or null for none. */
  public Classification withSelection(TokenSelection other) {
    return new Classification(options.withSelection(other), classNames);
  }
}
