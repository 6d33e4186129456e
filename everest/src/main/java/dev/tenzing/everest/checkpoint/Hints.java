package dev.tenzing.everest.checkpoint;

/**
 * What a user says of a checkpoint that may not say it itself; null where nothing is said.
 *
 * @param heads attention heads of the encoder
 * @param decoderHeads attention heads of the decoder
 * @param frames frames of a clip
 * @param size side of a clip in pixels
 * @param stride frames from one frame of a clip to the next
 * @param keep share of tokens that a classifier's ReRo selection keeps
 */
public record Hints(
    Integer heads,
    Integer decoderHeads,
    Integer frames,
    Integer size,
    Integer stride,
    Double keep) {
  /** Nothing said. */
  public static final Hints NONE = new Hints(null, null, null, null, null, null);
}
