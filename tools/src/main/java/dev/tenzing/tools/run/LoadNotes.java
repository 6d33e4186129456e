package dev.tenzing.tools.run;

import dev.tenzing.everest.checkpoint.Fit;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.tools.cli.Console;

/** Tells what a model took from a checkpoint. */
final class LoadNotes {
  private LoadNotes() {}

  /**
   * Tells it.
   *
   * @param parameters how many the model has
   * @param clip the clips that it is to see
   */
  static void tell(ModelFile checkpoint, Fit fit, int parameters, ClipShape clip, Console console) {
    console.note(
        "%s of %s parameters from %s%s"
            .formatted(
                fit.matched().size(),
                parameters,
                checkpoint.path(),
                fit.matched().size() == parameters ? "" : ", the others are new"));
    if (!fit.exact()) {
      console.note("--partial: " + fit.defects());
    }
    tellClips(checkpoint, clip, console);
  }

  /** Tells when clips are of another size than a checkpoint's. */
  static void tellClips(ModelFile checkpoint, ClipShape clip, Console console) {
    ClipShape made = checkpoint.made();
    boolean learned =
        checkpoint
            .description()
            .classification()
            .map(known -> known.options().learnablePositions())
            .orElse(false);
    if (!made.equals(clip)) {
      console.note(
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
