package dev.tenzing.everest.model;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.masking.TokenGrid;
import java.util.Map;

/** A network that sees videos: a {@linkplain VideoEncoder trunk} with what stands on it. */
public sealed interface VideoModel extends AutoCloseable
    permits MaskedAutoencoder, VideoClassifier, ClipEncoder {
  /** The trunk. */
  VideoEncoder encoder();

  /** Parameters by their official names. */
  Map<String, Tensor> parameters();

  /** The device it lives on. */
  default Device device() {
    return encoder().device();
  }

  /** Sizes of the model. */
  default VitConfig config() {
    return encoder().config();
  }

  /** Tokens of the clips it is made for. */
  default TokenGrid grid() {
    return encoder().grid();
  }

  /** Embeddings [B, N, C] of all tokens of video [B, 3, T, H, W], before positions. */
  default Tensor tokens(Tensor video) {
    return encoder().tokens(video);
  }

  /** Gives its memory back. */
  @Override
  void close();
}
