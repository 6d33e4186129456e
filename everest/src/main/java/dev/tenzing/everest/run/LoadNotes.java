package dev.tenzing.everest.run;

import dev.tenzing.everest.checkpoint.Fit;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.model.ClipShape;
import java.util.function.Consumer;

/** Tells what a model took from a checkpoint. */
final class LoadNotes {
  private LoadNotes() {}

  /**
   * Tells it.
   *
   * @param parameters how many the model has
   * @param clip the clips that it is to see
   */
  static void tell(
      ModelFile checkpoint, Fit fit, int parameters, ClipShape clip, Consumer<String> notes) {
    notes.accept(
        "%s of %s parameters from %s%s"
            .formatted(
                fit.matched().size(),
                parameters,
                checkpoint.path(),
                fit.matched().size() == parameters ? "" : ", the others are new"));
    if (!fit.exact()) {
      notes.accept("--partial: " + fit.defects());
    }
    tellClips(checkpoint, clip, notes);
  }

  /** Tells when clips are of another size than a checkpoint's. */
  static void tellClips(ModelFile checkpoint, ClipShape clip, Consumer<String> notes) {
    ClipShape made = checkpoint.made();
    boolean learned =
        checkpoint
            .description()
            .classification()
            .map(known -> known.options().learnablePositions())
            .orElse(false);
    if (!made.equals(clip)) {
      notes.accept(
          "the clips of %s are %s, these are %s: positions are %s"
              .formatted(
                  checkpoint.path(),
                  text(made),
                  text(clip),
                  learned ? "interpolated" : "computed for the new size"));
    }
  }

  private static String text(ClipShape clip) {
    return "%s x %s x %s".formatted(clip.frames(), clip.height(), clip.width());
  }
}
