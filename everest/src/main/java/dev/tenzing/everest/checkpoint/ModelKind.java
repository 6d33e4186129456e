package dev.tenzing.everest.checkpoint;

import java.util.Collection;

/** What a model is for, by the tensors it has. */
public enum ModelKind {
  /** A masked autoencoder: encoder and decoder. */
  PRETRAINING,
  /** An encoder with a head. */
  CLASSIFIER,
  /** An encoder alone. */
  ENCODER;

  /** The kind of a model with these official names. */
  public static ModelKind of(Collection<String> names) {
    if (HuggingFaceNames.pretraining(names)) {
      return PRETRAINING;
    }
    return names.contains("head.weight") ? CLASSIFIER : ENCODER;
  }
}
