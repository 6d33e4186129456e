package dev.tenzing.tools.command;

import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import dev.tenzing.tools.command.Predict.Skipped;
import dev.tenzing.tools.run.WindowPredictor;
import dev.tenzing.video.decode.StreamAddress;
import dev.tenzing.video.stream.WindowReader.Place;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What {@code predict} tells of videos and streams window by window, as it comes. */
final class WindowPredictions {
  /** What {@code --json} prints, at the end. */
  private record Report(
      List<Prediction> predictions,
      List<Skipped> skipped,
      long windows,
      long dropped,
      long damaged) {}

  /** The likeliest classes of a window, best first; start and end in seconds of the video. */
  private record Prediction(String path, double start, double end, List<Candidate> classes) {}

  private final WindowPredictor predictor;
  private final Path root;
  private final Function<double[], List<Candidate>> best;
  private final boolean collect;
  private final Console console;
  private final List<Prediction> predictions = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();
  private long windows;
  private long dropped;
  private long damaged;

  /**
   * @param root what relative paths start from, or null
   * @param best the likeliest classes
   * @param collect whether windows are kept for the report at the end
   */
  WindowPredictions(
      WindowPredictor predictor,
      Path root,
      Function<double[], List<Candidate>> best,
      boolean collect,
      Console console) {
    this.predictor = predictor;
    this.root = root;
    this.best = best;
    this.collect = collect;
    this.console = console;
  }

  /**
   * Tells of one source after the other.
   *
   * @throws FailureException when one cannot be read to its end, after the others
   */
  void run(List<String> sources) throws InterruptedException {
    for (String source : sources) {
      run(source, sources.size() > 1);
    }
    console.result(new Report(predictions, skipped, windows, dropped, damaged));
    if (!skipped.isEmpty()) {
      throw new FailureException(
          sources.size() == 1
              ? skipped.getFirst().path() + ": " + skipped.getFirst().sentence()
              : "%s of %s sources could not be read to their end"
                  .formatted(skipped.size(), sources.size()));
    }
  }

  private void run(String source, boolean several) throws InterruptedException {
    String name = StreamAddress.of(source).map(StreamAddress::name).orElse(source);
    console.print(name);
    WindowPredictor.End end =
        predictor.run(source, root, (place, score) -> tell(name, place, best.apply(score)));
    windows += end.windows();
    dropped += end.dropped();
    damaged += end.damaged();
    if (end.dropped() > 0) {
      console.note(
          "%s: %s windows came faster than they could be classified and were left out"
              .formatted(name, end.dropped()));
    }
    if (end.damaged() > 0) {
      console.note("%s: %s damaged frames or packets were left out".formatted(name, end.damaged()));
    }
    if (end.defect() != null) {
      skipped.add(new Skipped(name, end.defect().reason().code(), end.defect().sentence()));
      if (several) {
        console.note(name + ": " + end.defect().sentence());
      }
    }
  }

  private void tell(String name, Place place, List<Candidate> classes) {
    if (collect) {
      predictions.add(new Prediction(name, place.start(), place.end(), classes));
    }
    console.print(
        String.format(Locale.ROOT, "%9.2f s -%8.2f s  ", place.start(), place.end())
            + classes.stream().map(Candidate::text).collect(Collectors.joining(",")));
  }
}
