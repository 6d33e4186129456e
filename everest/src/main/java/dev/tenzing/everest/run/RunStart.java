package dev.tenzing.everest.run;

import dev.tenzing.everest.checkpoint.CheckpointException;
import dev.tenzing.everest.checkpoint.CheckpointFolder;
import dev.tenzing.everest.checkpoint.CheckpointFolder.Saved;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Where a run begins: at its first step, after a checkpoint, or not at all because it is finished.
 * Nothing is written to find out.
 *
 * @param checkpoint what it goes on from; empty for the beginning
 * @param finished whether nothing is left to do
 * @param changes settings that are not as they were when the checkpoint was made
 */
public record RunStart(Optional<Saved> checkpoint, boolean finished, List<Change> changes) {
  /** Goes on from the newest intact checkpoint of the run's own folder, if there is one. */
  public static final String AUTO = "auto";

  /** Begins at the first step, in a folder without checkpoints. */
  public static final String NONE = "none";

  /**
   * Finds out.
   *
   * @param run its folder
   * @param resume {@link #AUTO}, {@link #NONE}, or the path of a run folder or checkpoint folder
   * @param settings of the run by the keys of {@link ResumeRule#table()}
   * @param note told, in a sentence each, of damaged checkpoints that are passed over
   * @throws IllegalArgumentException when settings changed that must not, with the way out
   * @throws CheckpointException when there is no intact checkpoint where there should be one
   */
  public static RunStart of(
      RunFolder run, String resume, Map<String, Object> settings, Consumer<String> note)
      throws IOException {
    Optional<Saved> own = newest(run, note);
    if (resume.equals(NONE)) {
      if (own.isPresent()) {
        throw new IllegalArgumentException(
            run.path()
                + " already holds checkpoints; go on with --resume auto, or choose another"
                + " --output");
      }
      return new RunStart(Optional.empty(), false, List.of());
    }
    RunFolder source = run;
    Optional<Saved> found = own;
    if (!resume.equals(AUTO)) {
      Path path = Path.of(resume);
      source = runOf(path);
      found = Optional.of(named(path, source, note));
      if (own.isPresent() && !Files.isSameFile(own.get().path(), found.get().path())) {
        throw new IllegalArgumentException(
            run.path()
                + " holds "
                + own.get().path().getFileName()
                + ", which --resume "
                + resume
                + " would pass over; go on from there in a new folder, with --output NEW");
      }
    }
    return found.isEmpty()
        ? new RunStart(Optional.empty(), false, List.of())
        : goOn(source, found.get(), settings);
  }

  private static Optional<Saved> newest(RunFolder run, Consumer<String> note) {
    List<String> damaged = new ArrayList<>();
    Optional<Saved> found = TrainingState.newest(run.checkpoints(), damaged::add);
    if (found.isEmpty() && !damaged.isEmpty()) {
      throw new CheckpointException(
          "no checkpoint in " + run.path() + " is intact: " + damaged.getFirst());
    }
    damaged.forEach(sentence -> note.accept(sentence + "; an older one is used"));
    return found;
  }

  private static RunFolder runOf(Path path) {
    if (Files.isDirectory(new RunFolder(path).checkpoints().path())) {
      return new RunFolder(path);
    }
    Path above = path.toAbsolutePath().normalize().getParent();
    return new RunFolder(above == null || above.getParent() == null ? path : above.getParent());
  }

  private static Saved named(Path path, RunFolder source, Consumer<String> note) {
    if (!Files.isDirectory(path)) {
      throw new CheckpointException("--resume: there is no run or checkpoint folder " + path);
    }
    if (!path.equals(source.path())) {
      return CheckpointFolder.open(path);
    }
    return newest(source, note)
        .orElseThrow(() ->
            new CheckpointException("--resume: there is no checkpoint in the run folder " + path));
  }

  private static RunStart goOn(RunFolder source, Saved saved, Map<String, Object> settings)
      throws IOException {
    Map<String, Object> before = RunHistory.of(source.path()).settings();
    List<Change> changes = before.isEmpty() ? List.of() : Change.between(before, settings);
    refuse(source, changes.stream().filter(is(ResumeRule.Kind.FIXED)).toList());
    long steps = number(settings.get(ResumeRule.STEPS), Long.MAX_VALUE);
    long planned = number(saved.state().get("steps"), steps);
    if (saved.step() < steps) {
      return new RunStart(Optional.of(saved), false, changes);
    }
    if (steps < planned || steps < saved.step()) {
      throw new IllegalArgumentException(
          "%s is at step %s of %s already, so it cannot end after %s; %s"
              .formatted(
                  source.path(),
                  String.valueOf(saved.step()),
                  String.valueOf(planned),
                  String.valueOf(steps),
                  wayOut(source)));
    }
    List<Change> unused = changes.stream().filter(is(ResumeRule.Kind.TOLD)).toList();
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException(
          "the run in %s is finished, and %s would change nothing of it; train it longer with a larger --steps, or %s"
              .formatted(source.path(), texts(unused), wayOut(source)));
    }
    return new RunStart(Optional.of(saved), true, changes);
  }

  private static void refuse(RunFolder source, List<Change> fixed) {
    if (!fixed.isEmpty()) {
      throw new IllegalArgumentException(
          "the run in %s cannot go on with %s (%s); go on as it was with --config %s, or %s"
              .formatted(
                  source.path(),
                  texts(fixed),
                  fixed.getFirst().rule().reason(),
                  source.config(),
                  wayOut(source)));
    }
  }

  private static String wayOut(RunFolder run) {
    return "begin another run from its weights with --checkpoint " + run.path() + " --output NEW";
  }

  private static java.util.function.Predicate<Change> is(ResumeRule.Kind kind) {
    return change -> change.rule().kind() == kind;
  }

  private static String texts(List<Change> changes) {
    return changes.stream().map(Change::text).collect(Collectors.joining(", "));
  }

  private static long number(Object value, long otherwise) {
    return value instanceof Number number ? number.longValue() : otherwise;
  }

  /** The changes that make other bits, one sentence each. */
  public List<String> told() {
    return changes.stream()
        .filter(is(ResumeRule.Kind.TOLD))
        .map(change -> "from here on " + change.text() + ": " + change.rule().reason())
        .toList();
  }
}
