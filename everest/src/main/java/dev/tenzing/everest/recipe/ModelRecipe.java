package dev.tenzing.everest.recipe;

import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.SelfAttention;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which model is trained.
 *
 * @param size its name; null for the checkpoint's, else vit-s
 * @param layerScale initial layer scale of a model from scratch; null for none
 * @param cosineAttention whether a model from scratch attends by cosine similarity
 * @param noQkvBias whether a model from scratch has no biases of queries and values
 * @param recompute whether blocks run again in the backward
 */
public record ModelRecipe(
    String size, Double layerScale, boolean cosineAttention, boolean noQkvBias, boolean recompute) {
  /** The usual variant of a size. */
  public static ModelRecipe of(String size) {
    return new ModelRecipe(size, null, false, false, false);
  }

  ModelRecipe named(String name) {
    return new ModelRecipe(name, layerScale, cosineAttention, noQkvBias, recompute);
  }

  /**
   * Sizes of the model: the checkpoint's when there is one, else those asked for.
   *
   * @param method how it is pre-trained, or null when it has no decoder
   * @throws IllegalArgumentException when they differ
   */
  public VitConfig config(ModelFile checkpoint, Method method) {
    boolean varied = layerScale != null || cosineAttention || noQkvBias;
    if (checkpoint == null) {
      String name = size == null ? VitConfig.SMALL.name() : size;
      VitConfig sizes = method == null ? VitConfig.named(name) : method.model(name);
      if (layerScale != null && !(layerScale > 0)) {
        throw new IllegalArgumentException("--layer-scale must be above 0, got " + layerScale);
      }
      VitConfig config =
          varied
              ? sizes.withAttention(new SelfAttention.Style(!noQkvBias, cosineAttention, 0))
              : sizes;
      return layerScale == null ? config : config.withLayerScale(layerScale);
    }
    if (varied) {
      throw new IllegalArgumentException(
          "--layer-scale, --cosine-attention and --no-qkv-bias are for training from scratch; a"
              + " checkpoint brings its own");
    }
    VitConfig config = checkpoint.description().config();
    if (size != null && !size.equals(config.name())) {
      throw new IllegalArgumentException(
          "--model %s does not fit the checkpoint, which holds %s".formatted(size, config.name()));
    }
    return config;
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", size);
    all.put("layer-scale", layerScale);
    all.put("cosine-attention", cosineAttention);
    all.put("no-qkv-bias", noQkvBias);
    all.put("recompute", recompute);
    return all;
  }
}
