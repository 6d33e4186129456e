package dev.tenzing.everest.run;

import static dev.tenzing.everest.run.ResumeRule.Kind.FIXED;
import static dev.tenzing.everest.run.ResumeRule.Kind.FREE;
import static dev.tenzing.everest.run.ResumeRule.Kind.TOLD;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whether a setting may change when a run goes on. The table here is the one that docs/running.md
 * shows; every option of a training command stands in it.
 *
 * @param kind what becomes of a change
 * @param reason why, as the end of a sentence
 */
public record ResumeRule(Kind kind, String reason) {
  /** What becomes of a change. */
  public enum Kind {
    /** The bits are the same, so the change is not mentioned. */
    FREE,
    /** It goes on with other bits than a run that was never stopped: told and kept. */
    TOLD,
    /** It would be another run: refused. */
    FIXED
  }

  /** The key of how many steps the run has, whether they were asked for as steps or as epochs. */
  public static final String STEPS = "total-steps";

  /** The key of the videos of a step. */
  public static final String TOTAL_BATCH = "total-batch";

  /** The key of what the data list holds. */
  public static final String VIDEOS = "videos";

  private static final Map<String, ResumeRule> TABLE = new LinkedHashMap<>();

  static {
    put(
        FREE,
        "it changes no bit of the weights",
        "output",
        "resume",
        "threads",
        "decode-threads",
        "cache-mib",
        "log-every",
        "checkpoint-every",
        "keep-checkpoints",
        "recompute",
        "fit",
        "strict",
        "val",
        "views",
        "allow-skips",
        "data",
        "data-root");
    put(FREE, "the number of steps says it", "steps", "epochs");
    put(TOLD, "the learning rate follows another schedule from here on", STEPS);
    put(
        TOLD,
        "the learning rate follows another schedule from here on",
        "lr",
        "min-lr",
        "warmup-epochs");
    put(TOLD, "the updates are others from here on", "weight-decay", "clip-grad", "layer-decay");
    put(TOLD, "sums are rounded in another order", "batch", "accumulate");
    put(TOLD, "numbers are rounded in another way", "precision", "device");
    put(
        TOLD,
        "clips or losses are others from here on",
        "smoothing",
        "temperature",
        "alpha",
        "temporal-jitter",
        "crop",
        "no-mirror",
        "auto-augment",
        "color-jitter",
        "erase",
        "erase-mode",
        "erase-count",
        "mixup",
        "cutmix",
        "mix-prob",
        "mix-switch-prob",
        "mix-mode");
    put(FIXED, "the epochs and the learning rate are counted in it", TOTAL_BATCH);
    put(FIXED, "the place in the data is a place among these videos", VIDEOS);
    put(FIXED, "every random draw follows from it", "seed");
    put(FIXED, "the epochs and the place in the data are counted in it", "num-sample");
    put(FIXED, "the run began with it", "checkpoint", "partial", "reset-head", "init-scale");
    put(
        FIXED,
        "the run learns something else without it",
        "method",
        "mask-ratio",
        "keep",
        "decoder-mask",
        "raw-targets",
        "frame-selection",
        "teacher",
        "unlabelled",
        "classes");
    put(
        FIXED,
        "the clips and the model belong together",
        "frames",
        "size",
        "stride",
        "sampling",
        "model",
        "layer-scale",
        "cosine-attention",
        "no-qkv-bias",
        "first-token",
        "heads",
        "decoder-heads",
        "drop-path",
        "dropout",
        "head-dropout");
  }

  private static void put(Kind kind, String reason, String... keys) {
    for (String key : keys) {
      TABLE.put(key, new ResumeRule(kind, reason));
    }
  }

  /** The rules by the key of the setting: an option without its dashes, or one of the keys here. */
  public static Map<String, ResumeRule> table() {
    return java.util.Collections.unmodifiableMap(TABLE);
  }

  /** The rule of a setting; one that is in no table is fixed. */
  static ResumeRule of(String key) {
    return TABLE.getOrDefault(key, new ResumeRule(FIXED, "nothing is known of it"));
  }
}
