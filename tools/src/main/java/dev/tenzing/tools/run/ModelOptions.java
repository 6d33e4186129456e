package dev.tenzing.tools.run;

import dev.tenzing.everest.recipe.ModelRecipe;
import dev.tenzing.tools.cli.Heading;
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

  /** A model of a size in the variant asked for. */
  ModelRecipe of(String size, boolean recompute) {
    return new ModelRecipe(size, layerScale, cosineAttention, noQkvBias, recompute);
  }
}
