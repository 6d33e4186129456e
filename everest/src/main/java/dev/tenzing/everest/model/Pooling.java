package dev.tenzing.everest.model;

/** How the tokens of a clip become one vector. */
public enum Pooling {
  /** The mean of the tokens as the trunk ends, which may be in a norm. */
  MEAN("normalised tokens"),
  /** The mean of the tokens, normalised after it: {@code fc_norm} of a classifier. */
  NORMALIZED_MEAN("true"),
  /** The first token as the trunk ends, in a norm. */
  FIRST_TOKEN("false");

  private final String label;

  Pooling(String label) {
    this.label = label;
  }

  /** Its name in what a folder of features was made with. */
  String label() {
    return label;
  }
}
