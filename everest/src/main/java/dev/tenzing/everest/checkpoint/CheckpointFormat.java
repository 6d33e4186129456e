package dev.tenzing.everest.checkpoint;

import java.util.Locale;

/** Formats of checkpoints. */
public enum CheckpointFormat {
  /** A safetensors file. */
  SAFETENSORS,
  /** A PyTorch file: {@code .pth}, {@code .pt}, {@code .bin}. */
  PTH,
  /** A DeepSpeed folder with {@code mp_rank_00_model_states.pt}. */
  DEEPSPEED,
  /** A Hugging Face folder with {@code config.json}. */
  HUGGING_FACE;

  /** Its name for people and options. */
  public String label() {
    return switch (this) {
      case HUGGING_FACE -> "hf";
      default -> name().toLowerCase(Locale.ROOT);
    };
  }
}
