package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Shape;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VitConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The one place where a description of a model, whoever wrote it, is compared with the tensors that
 * are there: before anything is computed from it or allocated for it.
 */
final class Promise {
  /** What may be missing, in elements, whatever the file has: a model of tests. */
  private static final long SMALL = 1 << 20;

  private static final int MISSING_FACTOR = 4;

  private Promise() {}

  /**
   * Checks a description.
   *
   * @param found shapes of the tensors by official names
   * @param file what messages call the file
   * @return the description
   * @throws CheckpointException naming what it says and what was found
   */
  static ModelDescription checked(
      ModelDescription description, Map<String, Shape> found, String file) {
    try {
      compare(description, found, file);
      return description;
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          file + " describes its model in a way that makes no sense: " + e.getMessage(), e);
    }
  }

  /** Checks that clips, as described or as asked for, go with the model. */
  static void checkClips(ModelDescription description) {
    var grid = description.clip().grid(description.config());
    description.classification().ifPresent(known -> known.options().keptTokens(grid));
    description.loadedClip().grid(description.config());
  }

  private static void compare(ModelDescription description, Map<String, Shape> found, String file) {
    if (description.purpose() instanceof Classification known
        && !known.classNames().isEmpty()
        && known.classNames().size() != known.classes()) {
      throw new IllegalArgumentException(
          "it names %s classes where its head has %s"
              .formatted(known.classNames().size(), known.classes()));
    }
    compareDepth(description.config(), description.pretraining().isPresent(), found);
    // Positions go by the clip, which may be asked for otherwise, so the smallest clip will do.
    VitConfig config = description.config();
    ClipShape least = new ClipShape(config.tubelet(), config.patch(), config.patch());
    Map<String, Shape> needed = new LinkedHashMap<>(description.shapes(least));
    needed.keySet().removeAll(ModelFile.POSITIONS);
    Fit fit = Fit.of(found, needed);
    if (!fit.mismatched().isEmpty()) {
      List<String> defects = new ArrayList<>();
      fit.mismatched().forEach(mismatch -> defects.add(mismatch.toString()));
      throw new CheckpointException(
          "%s says of its model what its tensors are not: %s".formatted(file, Fit.few(defects)));
    }
    long missing = fit.missing().stream().mapToLong(name -> needed.get(name).size()).sum();
    long there = fit.matched().stream().mapToLong(name -> needed.get(name).size()).sum();
    if (missing > SMALL + MISSING_FACTOR * there) {
      throw new CheckpointException(
          "%s says that its model has %s parameters, but holds only %s of them: it has no tensor %s"
              .formatted(file, missing + there, there, Fit.few(fit.missing())));
    }
  }

  /** A depth that no block is there for is refused before so many blocks are thought up. */
  private static void compareDepth(
      VitConfig config, boolean pretraining, Map<String, Shape> found) {
    String encoder = pretraining ? "encoder." : "";
    for (String stack : pretraining ? List.of("encoder.", "decoder.") : List.of(encoder)) {
      int depth = stack.equals("decoder.") ? config.decoderDepth() : config.depth();
      long blocks =
          found.keySet().stream()
              .filter(name -> name.startsWith(stack + "blocks."))
              .map(name -> name.substring(stack.length() + "blocks.".length()).split("\\.", 2)[0])
              .distinct()
              .count();
      if (depth > 2 * blocks + 64) {
        throw new IllegalArgumentException(
            "it says that there are %s %sblocks, but has tensors of %s"
                .formatted(depth, stack, blocks));
      }
    }
  }
}
