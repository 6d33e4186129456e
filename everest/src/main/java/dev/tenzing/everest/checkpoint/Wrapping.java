package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.StoredTensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What training put around a model: the names of its tensors without the prefix that they share,
 * and the head that lies beside a wrapped encoder.
 *
 * <p>A model is found by its patch embedding, so any wrapper does, and any number of them: {@code
 * model.}, {@code module.}, {@code _orig_mod.}, {@code backbone.}, {@code net.encoder.} and so on.
 */
final class Wrapping {
  private static final String OFFICIAL = "patch_embed.proj.weight";
  private static final String HUGGING_FACE = "embeddings.patch_embeddings.projection.weight";
  private static final int MOST_MODELS = 16;

  /** Wrappers of tensors among which no model is found. */
  private static final List<String> KNOWN =
      List.of(
          "_orig_mod.",
          "module.",
          "model.",
          "backbone.",
          "net.",
          "_forward_module.",
          "state_dict.");

  /** Names of averaged copies, which are taken only where there is no other. */
  private static final Pattern COPY =
      Pattern.compile("ema|teacher|averag|momentum", Pattern.CASE_INSENSITIVE);

  /** Names of a head's linear layer, by their last part. */
  private static final Pattern HEAD =
      Pattern.compile(
          "(?:.*\\.)?(?:[a-z_]*head[a-z_]*|[a-z_]*classif[a-z_]*|fc|fc_cls|cls|linear|logits|output"
              + "|final)(?:\\.\\d+|\\.fc|\\.linear|\\.fc_cls|\\.proj)?",
          Pattern.CASE_INSENSITIVE);

  private final Map<String, StoredTensor> tensors;
  private final String file;
  private final Set<String> copies = new LinkedHashSet<>();
  private String prefix = "";
  private String head = "";

  /**
   * Looks for the model among tensors.
   *
   * @param file what messages call the file
   * @throws CheckpointException when there are several
   */
  Wrapping(Map<String, StoredTensor> tensors, String file) {
    this.tensors = tensors;
    this.file = file;
    Set<String> models = models(tensors.keySet());
    if (models.isEmpty()) {
      prefix = shared();
      return;
    }
    List<String> own = models.stream().filter(model -> !isCopy(model)).toList();
    List<String> left = own.isEmpty() ? List.copyOf(models) : own;
    if (left.size() > 1) {
      throw new CheckpointException(
          "%s holds %s models, under %s; save the state dict of one of them alone"
              .formatted(
                  file,
                  left.size(),
                  Fit.few(left.stream().map(model -> '"' + model + '"').toList())));
    }
    prefix = left.getFirst();
    copies.addAll(models);
    copies.remove(prefix);
  }

  /** Whether a name, of a wrapper or of a key, is that of an averaged copy. */
  static boolean isCopy(String name) {
    return COPY.matcher(name).find();
  }

  /** Whether there is a model among tensors of these names. */
  static boolean holdsModel(Collection<String> names) {
    return names.stream()
        .anyMatch(name -> isAnchor(name, OFFICIAL) || isAnchor(name, HUGGING_FACE));
  }

  private static boolean isAnchor(String name, String anchor) {
    return name.endsWith(anchor)
        && (name.length() == anchor.length()
            || name.charAt(name.length() - anchor.length() - 1) == '.');
  }

  private Set<String> models(Collection<String> names) {
    Set<String> models = new LinkedHashSet<>();
    for (String name : names) {
      String model = model(name);
      if (model != null && models.add(model) && models.size() > MOST_MODELS) {
        throw new CheckpointException("%s holds more than %s models".formatted(file, MOST_MODELS));
      }
    }
    return models;
  }

  /** What the names of a model begin with whose patch embedding has this name, or null. */
  private String model(String name) {
    if (isAnchor(name, HUGGING_FACE)) {
      return without(name.substring(0, name.length() - HUGGING_FACE.length()), "videomae.");
    }
    if (!isAnchor(name, OFFICIAL)) {
      return null;
    }
    String before = name.substring(0, name.length() - OFFICIAL.length());
    String outside = without(before, "encoder.");
    boolean autoencoder =
        tensors.containsKey(outside + "mask_token")
            || tensors.containsKey(outside + "encoder_to_decoder.weight")
            || tensors.containsKey(outside + "decoder.norm.weight");
    return autoencoder ? outside : before;
  }

  private static String without(String name, String ending) {
    boolean ends =
        name.endsWith(ending)
            && (name.length() == ending.length()
                || name.charAt(name.length() - ending.length() - 1) == '.');
    return ends ? name.substring(0, name.length() - ending.length()) : name;
  }

  private String shared() {
    String shared = "";
    boolean found = !tensors.isEmpty();
    while (found) {
      found = false;
      for (String wrapper : KNOWN) {
        String longer = shared + wrapper;
        if (!found && tensors.keySet().stream().allMatch(name -> name.startsWith(longer))) {
          shared = longer;
          found = true;
        }
      }
    }
    return shared;
  }

  /** What the names of the model begin with, to be taken off. */
  String prefix() {
    return prefix;
  }

  /** The name in the file of the head that was found under another name; empty for none. */
  String head() {
    return head;
  }

  /** What the names of further copies of the model begin with, which are left aside. */
  List<String> copies() {
    return List.copyOf(copies);
  }

  /**
   * The tensors of the model by their names without the prefix.
   *
   * @throws CheckpointException when two have the same name
   */
  Map<String, StoredTensor> bare() {
    Map<String, StoredTensor> bare = new LinkedHashMap<>();
    Map<String, StoredTensor> beside = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      if (name.startsWith(prefix)) {
        if (copies.stream().noneMatch(copy -> copy.length() > 0 && name.startsWith(copy))) {
          bare.put(name.substring(prefix.length()), tensor);
        }
      } else if (copies.stream().noneMatch(name::startsWith) && isParameter(tensor)) {
        beside.put(name, tensor);
      }
    });
    if (holdsModel(bare.keySet()) && !HuggingFaceNames.pretraining(bare.keySet())) {
      adoptHead(bare, beside);
      adoptNorm(bare, beside);
    }
    beside.forEach((name, tensor) -> {
      if (bare.putIfAbsent(name, tensor) != null) {
        throw new CheckpointException(
            "%s has both %s and %s%s".formatted(file, name, prefix, name));
      }
    });
    return bare;
  }

  /** Counters and the like are no parameters. */
  private static boolean isParameter(StoredTensor tensor) {
    return tensor.type().isFloating() && tensor.shape().size() != 1;
  }

  /** The only linear layer behind the encoder that may be a head becomes the head. */
  private void adoptHead(Map<String, StoredTensor> bare, Map<String, StoredTensor> beside) {
    boolean theirs = HuggingFaceNames.areThose(bare.keySet());
    String wanted = theirs ? "classifier" : "head";
    StoredTensor patches =
        theirs
            ? bare.getOrDefault(HUGGING_FACE, bare.get("videomae." + HUGGING_FACE))
            : bare.get(OFFICIAL);
    if (bare.containsKey(wanted + ".weight") || patches == null || patches.shape().rank() == 0) {
      return;
    }
    long width = patches.shape().dim(0);
    List<String> found = new ArrayList<>();
    for (Map<String, StoredTensor> side : List.of(beside, bare)) {
      if (found.isEmpty()) {
        side.keySet().stream().filter(name -> isHead(side, name, width)).forEach(found::add);
      }
    }
    if (found.size() != 1) {
      return;
    }
    Map<String, StoredTensor> side = beside.containsKey(found.getFirst()) ? beside : bare;
    String layer = found.getFirst().substring(0, found.getFirst().length() - ".weight".length());
    StoredTensor weight = side.remove(layer + ".weight");
    StoredTensor bias = side.remove(layer + ".bias");
    bare.put(wanted + ".weight", weight);
    bare.put(wanted + ".bias", bias);
    head = side == beside ? layer : prefix + layer;
  }

  private static boolean isHead(Map<String, StoredTensor> side, String name, long width) {
    if (!name.endsWith(".weight") || name.contains("blocks.") || name.contains("layer.")) {
      return false;
    }
    String layer = name.substring(0, name.length() - ".weight".length());
    StoredTensor weight = side.get(name);
    StoredTensor bias = side.get(layer + ".bias");
    return HEAD.matcher(layer).matches()
        && weight.shape().rank() == 2
        && weight.shape().dim(1) == width
        && bias != null
        && bias.shape().rank() == 1
        && bias.shape().dim(0) == weight.shape().dim(0);
  }

  /** The norm before a head that lies beside the encoder. */
  private void adoptNorm(Map<String, StoredTensor> bare, Map<String, StoredTensor> beside) {
    if (head.isEmpty()) {
      return;
    }
    for (String norm : List.of("fc_norm", "norm")) {
      for (String name : List.copyOf(beside.keySet())) {
        String layer = without(name, norm + ".weight");
        boolean free = !bare.containsKey("fc_norm.weight") && !bare.containsKey("norm.weight");
        if (!layer.equals(name) && free && beside.containsKey(layer + norm + ".bias")) {
          bare.put(norm + ".weight", beside.remove(name));
          bare.put(norm + ".bias", beside.remove(layer + norm + ".bias"));
        }
      }
    }
  }
}
