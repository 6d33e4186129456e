package dev.tenzing.tools.run;

import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.SelfAttention;
import dev.tenzing.tools.cli.Heading;
import dev.tenzing.tools.cli.UsageException;
import picocli.CommandLine.Option;

/** Variants of a model that is trained from scratch; a checkpoint brings its own. */
@Heading("Model, from scratch")
public final class ModelOptions {
  @Option(
      names = "--layer-scale",
      paramLabel = "GAMMA",
      description = "initial layer scale of every branch, as 1e-5 (default: none)")
  private Double layerScale;

  @Option(
      names = "--cosine-attention",
      description = "attention by cosine similarity with learned scales, as VideoMAE V2 has it")
  private boolean cosineAttention;

  @Option(names = "--no-qkv-bias", description = "queries and values without biases")
  private boolean noQkvBias;

  /** Whether one of them is given. */
  boolean any() {
    return layerScale != null || cosineAttention || noQkvBias;
  }

  /** A model of given sizes in the variant asked for. */
  VitConfig of(VitConfig sizes) {
    if (layerScale != null && !(layerScale > 0)) {
      throw new UsageException("--layer-scale must be above 0, got " + layerScale);
    }
    VitConfig config =
        any()
            ? sizes.withAttention(new SelfAttention.Style(!noQkvBias, cosineAttention, 0))
            : sizes;
    return layerScale == null ? config : config.withLayerScale(layerScale);
  }
}
