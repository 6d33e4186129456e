package dev.tenzing.everest.recipe;

import dev.tenzing.everest.checkpoint.Hints;
import dev.tenzing.everest.checkpoint.ModelFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the first parameters of a run come from.
 *
 * @param checkpoint a run or checkpoint of any format; null for new parameters
 * @param hints what it may not say itself
 * @param partial whether to load what fits of it when not all does
 */
public record Start(Path checkpoint, Hints hints, boolean partial) {
  /** New parameters. */
  public static final Start SCRATCH = new Start(null, Hints.NONE, false);

  /** All of a checkpoint. */
  public static Start from(Path checkpoint) {
    return new Start(checkpoint, Hints.NONE, false);
  }

  /** Opens the checkpoint; null where there is none. */
  public ModelFile open() {
    return checkpoint == null ? null : ModelFile.open(checkpoint, hints);
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("checkpoint", checkpoint);
    all.put("heads", hints.heads());
    all.put("decoder-heads", hints.decoderHeads());
    all.put("partial", partial);
    return all;
  }
}
