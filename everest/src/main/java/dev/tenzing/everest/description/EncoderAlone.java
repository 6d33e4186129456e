package dev.tenzing.everest.description;

import dev.tenzing.everest.masking.TokenSelection;

/** A trunk whose decoder or head was taken off, and which gives features. */
public record EncoderAlone() implements Purpose {
  @Override
  public TokenSelection selection() {
    return null;
  }
}
