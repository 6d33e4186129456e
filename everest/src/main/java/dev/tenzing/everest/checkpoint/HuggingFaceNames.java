package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.StoredTensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the names of the official state dicts and of Hugging Face's VideoMAE correspond.
 *
 * <p>The tensors are the same but for {@code attn.qkv.weight}, whose rows are those of {@code
 * query}, {@code key} and {@code value}. Newer versions of transformers call {@code q_bias} and
 * {@code v_bias} in memory {@code query.bias} and {@code value.bias}; both are read.
 */
public final class HuggingFaceNames {
  private static final String ENCODER = "videomae.";
  private static final String EMBEDDING = "embeddings.patch_embeddings.projection.";
  private static final String QKV = "attn.qkv.weight";
  private static final List<String> QKV_PARTS =
      List.of(
          "attention.attention.query.weight",
          "attention.attention.key.weight",
          "attention.attention.value.weight");

  private static final Pattern BLOCK = Pattern.compile("(.*?)blocks\\.(\\d+)\\.(.+)");
  private static final Pattern LAYER =
      Pattern.compile("(decoder\\.decoder_layers|encoder\\.layer)\\.(\\d+)\\.(.+)");

  /** Within a block: ours, theirs. */
  private static final Map<String, String> IN_BLOCK =
      Map.ofEntries(
          Map.entry("norm1.weight", "layernorm_before.weight"),
          Map.entry("norm1.bias", "layernorm_before.bias"),
          Map.entry("norm2.weight", "layernorm_after.weight"),
          Map.entry("norm2.bias", "layernorm_after.bias"),
          Map.entry("attn.q_bias", "attention.attention.q_bias"),
          Map.entry("attn.v_bias", "attention.attention.v_bias"),
          Map.entry("attn.proj.weight", "attention.output.dense.weight"),
          Map.entry("attn.proj.bias", "attention.output.dense.bias"),
          Map.entry("mlp.fc1.weight", "intermediate.dense.weight"),
          Map.entry("mlp.fc1.bias", "intermediate.dense.bias"),
          Map.entry("mlp.fc2.weight", "output.dense.weight"),
          Map.entry("mlp.fc2.bias", "output.dense.bias"));

  private static final Map<String, String> OURS_IN_BLOCK = inverse();

  /** The same on both sides. */
  private static final Set<String> SHARED =
      Set.of(
          "mask_token",
          "encoder_to_decoder.weight",
          "decoder.norm.weight",
          "decoder.norm.bias",
          "decoder.head.weight",
          "decoder.head.bias",
          "fc_norm.weight",
          "fc_norm.bias");

  private HuggingFaceNames() {}

  private static Map<String, String> inverse() {
    Map<String, String> inverse = new LinkedHashMap<>();
    IN_BLOCK.forEach((ours, theirs) -> inverse.put(theirs, ours));
    inverse.put("attention.attention.query.bias", "attn.q_bias");
    inverse.put("attention.attention.value.bias", "attn.v_bias");
    return inverse;
  }

  /** Whether tensors are named as Hugging Face names them. */
  public static boolean areThose(Collection<String> names) {
    return names.stream().anyMatch(name -> name.contains(EMBEDDING));
  }

  /** Whether a model of these names, of either side, has a decoder. */
  static boolean pretraining(Collection<String> names) {
    return names.stream()
        .anyMatch(name -> name.equals("mask_token") || name.startsWith("decoder."));
  }

  /**
   * Hugging Face's names of an official tensor; several names are its parts, joined along the first
   * dimension. Empty when their model has no such tensor.
   */
  public static List<String> theirs(String name) {
    if (SHARED.contains(name)) {
      return List.of(name);
    }
    if (name.equals("head.weight") || name.equals("head.bias")) {
      return List.of("classifier" + name.substring(4));
    }
    Matcher block = BLOCK.matcher(name);
    if (block.matches()) {
      String stack =
          switch (block.group(1)) {
            case "", "encoder." -> ENCODER + "encoder.layer.";
            case "decoder." -> "decoder.decoder_layers.";
            default -> null;
          };
      String rest = block.group(3);
      List<String> parts =
          rest.equals(QKV)
              ? QKV_PARTS
              : IN_BLOCK.containsKey(rest) ? List.of(IN_BLOCK.get(rest)) : List.of();
      return stack == null
          ? List.of()
          : parts.stream().map(part -> stack + block.group(2) + "." + part).toList();
    }
    String bare = name.startsWith("encoder.") ? name.substring(8) : name;
    return switch (bare) {
      case "patch_embed.proj.weight", "patch_embed.proj.bias" ->
          List.of(ENCODER + EMBEDDING + bare.substring("patch_embed.proj.".length()));
      case "norm.weight", "norm.bias" -> List.of(ENCODER + "layernorm" + bare.substring(4));
      default -> List.of();
    };
  }

  /**
   * A state dict under its official names; tensors that have none keep theirs.
   *
   * @throws CheckpointException when the parts of a tensor do not fit together
   */
  public static Map<String, StoredTensor> toOfficial(Map<String, StoredTensor> theirs) {
    String encoder = pretraining(theirs.keySet()) ? "encoder." : "";
    Map<String, StoredTensor> ours = new LinkedHashMap<>();
    Map<String, StoredTensor> rest = new LinkedHashMap<>(theirs);
    for (String name : theirs.keySet()) {
      String official = ours(name, encoder);
      if (official == null || !rest.containsKey(name)) {
        continue;
      }
      if (official.endsWith(QKV)) {
        List<String> parts = parts(name);
        if (theirs.keySet().containsAll(parts)) {
          List<StoredTensor> tensors = parts.stream().map(theirs::get).toList();
          ours.put(official, joined(tensors));
          parts.forEach(rest::remove);
        }
      } else {
        ours.put(official, rest.remove(name));
      }
    }
    ours.putAll(rest);
    return ours;
  }

  private static StoredTensor joined(List<StoredTensor> parts) {
    try {
      return StoredTensor.concat(parts);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  private static List<String> parts(String name) {
    String layer = name.substring(0, name.indexOf("attention.attention."));
    return QKV_PARTS.stream().map(part -> layer + part).toList();
  }

  /** The official name of Hugging Face's tensor, or of what it is a part of; null when none. */
  private static String ours(String name, String encoder) {
    if (SHARED.contains(name)) {
      return name;
    }
    if (name.equals("classifier.weight") || name.equals("classifier.bias")) {
      return "head" + name.substring("classifier".length());
    }
    // VideoMAEModel alone has no prefix.
    String bare = name.startsWith(ENCODER) ? name.substring(ENCODER.length()) : name;
    Matcher layer = LAYER.matcher(bare);
    if (layer.matches()) {
      String stack = layer.group(1).startsWith("decoder") ? "decoder." : encoder;
      String rest = QKV_PARTS.contains(layer.group(3)) ? QKV : OURS_IN_BLOCK.get(layer.group(3));
      return rest == null ? null : stack + "blocks." + layer.group(2) + "." + rest;
    }
    if (bare.equals(EMBEDDING + "weight") || bare.equals(EMBEDDING + "bias")) {
      return encoder + "patch_embed.proj." + bare.substring(EMBEDDING.length());
    }
    if (bare.equals("layernorm.weight") || bare.equals("layernorm.bias")) {
      return encoder + "norm" + bare.substring("layernorm".length());
    }
    return null;
  }

  /**
   * An official state dict under Hugging Face's names.
   *
   * @param file what messages call its file
   * @throws CheckpointException naming tensors that their model does not have
   */
  public static Map<String, StoredTensor> toTheirs(Map<String, StoredTensor> ours, String file) {
    Map<String, StoredTensor> theirs = new LinkedHashMap<>();
    Set<String> homeless = new TreeSet<>();
    ours.forEach((name, tensor) -> {
      List<String> names = theirs(name);
      if (names.isEmpty() || tensor.shape().rank() == 0 && names.size() > 1) {
        homeless.add(name);
        return;
      }
      if (names.size() == 1) {
        theirs.put(names.getFirst(), tensor);
        return;
      }
      long rows = tensor.shape().dim(0) / names.size();
      for (int i = 0; i < names.size(); i++) {
        theirs.put(names.get(i), tensor.rows(i * rows, rows));
      }
    });
    if (!homeless.isEmpty()) {
      throw new CheckpointException(
          "%s cannot become a Hugging Face checkpoint: their VideoMAE has no tensor for %s"
              .formatted(file, Fit.few(new ArrayList<>(homeless))));
    }
    return theirs;
  }
}
