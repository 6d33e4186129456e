package dev.tenzing.everest.description;

import dev.tenzing.everest.masking.TokenSelection;

/**
 * What a model is for, which says what stands on its trunk. The union is closed: who adds a purpose
 * is shown by the compiler where something has to be said of it.
 */
public sealed interface Purpose permits Pretraining, Classification, EncoderAlone {
  /** The selection of tokens that is part of the model, or null when it takes all. */
  TokenSelection selection();
}
