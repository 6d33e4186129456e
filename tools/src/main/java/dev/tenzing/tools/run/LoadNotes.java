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
        "%d of %d parameters from %s%s"
            .formatted(
                fit.matched().size(),
                parameters,
                checkpoint.path(),
                fit.matched().size() == parameters ? "" : ", the others are new"));
    if (!fit.exact()) {
      console.note("--partial: " + fit.defects());
    }
    ClipShape made = checkpoint.description().clip();
    if (!made.equals(clip)) {
      console.note(
          "the checkpoint's clips are %s, these are %s: positions are computed anew"
              .formatted(text(made), text(clip)));
    }
  }

  private static String text(ClipShape clip) {
    return "%d x %d x %d".formatted(clip.frames(), clip.height(), clip.width());
  }
}
