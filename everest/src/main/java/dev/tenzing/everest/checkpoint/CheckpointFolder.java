package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.engine.io.FileProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The {@code checkpoints/} folder of a run: one folder {@code step-N} a checkpoint.
 *
 * <p>A checkpoint is written into a hidden folder beside the others, every file is forced to disk,
 * {@code state.json} with the sizes and checksums of the others and of itself comes last, and then
 * the folder is renamed: a {@code step-N} folder is either complete or was damaged later, which
 * shows. Older checkpoints go only after that; what was just written stays whatever else lies
 * there.
 */
public final class CheckpointFolder {
  /**
   * The file that is written last and holds the training state and the checksums of the other
   * files.
   */
  public static final String STATE = StateFile.NAME;

  private static final String RUN = "checkpoints";
  private static final String PREFIX = "step-";
  private static final String ASIDE = "set-aside-";
  private static final String REPLACED = ".replaced-";
  // Also ".writing-step-N" of older versions.
  private static final String LEFTOVER = "\\.(" + PREFIX + ".*\\.writing|writing-.*|replaced-.*)";

  private final Path path;
  private final Set<Path> intact = new HashSet<>();

  /** The checkpoints in a folder, which need not be there yet. */
  public CheckpointFolder(Path path) {
    this.path = path;
  }

  /** Writes one file of a checkpoint. */
  @FunctionalInterface
  public interface FileWriter {
    /** Writes it to {@code file}. */
    void write(Path file) throws IOException;
  }

  /**
   * A checkpoint that was found whole.
   *
   * @param path its folder
   * @param step the step after which it was saved
   * @param state the values it was saved with
   */
  public record Saved(Path path, long step, Map<String, Object> state) {}

  /** The folder. */
  public Path path() {
    return path;
  }

  /**
   * Makes the folder ready for a run that goes on after a step: what later steps left there, be it
   * damaged or of a run that took another course from here, gets another name, so that the newest
   * checkpoint is always one of this run.
   *
   * @param note told, in a sentence each, of what was renamed
   * @throws IOException when something cannot be renamed
   */
  public void begin(long step, Consumer<String> note) throws IOException {
    if (!Files.isDirectory(path)) {
      return;
    }
    try (Stream<Path> entries = Files.list(path)) {
      for (Path entry : entries.toList()) {
        if (entry.getFileName().toString().matches(LEFTOVER)) {
          AtomicFolder.deleteTree(entry);
        }
      }
    }
    for (Path later : stepFolders()) {
      if (stepOf(later) > step) {
        Path aside = path.resolve(ASIDE + later.getFileName());
        for (int i = 2; Files.exists(aside, LinkOption.NOFOLLOW_LINKS); i++) {
          aside = path.resolve(ASIDE + later.getFileName() + "-" + i);
        }
        Files.move(later, aside, StandardCopyOption.ATOMIC_MOVE);
        note.accept(
            "%s is later than step %s, where this run goes on; it is called %s from now on and can be deleted"
                .formatted(later, step, aside.getFileName()));
      }
    }
  }

  /**
   * Saves a checkpoint.
   *
   * @param step steps done
   * @param files writers by file name
   * @param state values to find again in {@link Saved#state()}: strings, numbers, booleans, maps of
   *     them
   * @param keep how many of the newest intact checkpoints up to this one stay, this one included
   * @return its folder
   * @throws IOException when it could not be written; older checkpoints are untouched
   */
  public Path save(long step, Map<String, FileWriter> files, Map<String, Object> state, int keep)
      throws IOException {
    AtomicFolder.create(path);
    Path target = path.resolve(PREFIX + step);
    Path replaced = path.resolve(REPLACED + PREFIX + step);
    AtomicFolder.deleteTree(replaced);
    AtomicFolder.write(
        target,
        writing -> {
          Map<String, StateFile.Sealed> sealed = new LinkedHashMap<>();
          for (Map.Entry<String, FileWriter> entry : files.entrySet()) {
            Path file = writing.resolve(entry.getKey());
            entry.getValue().write(file);
            sealed.put(entry.getKey(), StateFile.seal(file));
          }
          new StateFile(step, state, sealed).write(writing.resolve(STATE));
          if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
          }
        });
    AtomicFolder.deleteTree(replaced);
    intact.add(target);
    prune(step, Math.max(1, keep));
    return target;
  }

  /** Later ones are not of this run's course and damaged ones are nothing to go on from. */
  private void prune(long step, int keep) throws IOException {
    int kept = 0;
    for (Path folder : stepFolders()) {
      if (stepOf(folder) > step) {
        continue;
      }
      if (kept == keep) {
        AtomicFolder.deleteTree(folder);
      } else if (isIntact(folder)) {
        kept++;
      }
    }
  }

  private boolean isIntact(Path folder) {
    try {
      if (intact.contains(folder)) {
        look(folder).checkSizes(folder); // its bytes were read once
      } else {
        open(folder);
        intact.add(folder);
      }
      return true;
    } catch (CheckpointException e) {
      return false;
    }
  }

  /**
   * The newest checkpoint whose checksums hold and that serves.
   *
   * @param check throws a {@link CheckpointException} when it does not
   * @param passedOver told, in one sentence each, of newer ones
   */
  public Optional<Saved> newest(Consumer<Saved> check, Consumer<String> passedOver) {
    for (Path folder : stepFolders()) {
      try {
        Saved saved = open(folder);
        check.accept(saved);
        return Optional.of(saved);
      } catch (CheckpointException e) {
        passedOver.accept(e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** Whether a folder is one checkpoint. */
  static boolean isCheckpoint(Path folder) {
    return Files.isRegularFile(folder.resolve(STATE));
  }

  /** Whether a folder is a run, or the {@code checkpoints/} folder of one. */
  static boolean isRun(Path folder) {
    return Files.isDirectory(folder.resolve(RUN))
        || !new CheckpointFolder(folder).stepFolders().isEmpty();
  }

  /**
   * A checkpoint of a run.
   *
   * @param path its folder
   * @param notes a sentence for each newer one that is damaged
   */
  record Newest(Path path, List<String> notes) {}

  /**
   * The newest intact checkpoint of a run, or the checkpoint that the folder itself is.
   *
   * @param verified whether the bytes of all files are checked; otherwise only what {@code
   *     state.json} says of itself and of their sizes
   * @throws CheckpointException when there is none
   */
  static Newest newest(Path folder, boolean verified) {
    Consumer<Path> check = verified ? CheckpointFolder::open : one -> look(one).checkSizes(one);
    if (isCheckpoint(folder)) {
      check.accept(folder);
      return new Newest(folder, List.of());
    }
    Path inside = folder.resolve(RUN);
    List<String> damaged = new ArrayList<>();
    for (Path one :
        new CheckpointFolder(Files.isDirectory(inside) ? inside : folder).stepFolders()) {
      try {
        check.accept(one);
        return new Newest(
            one, damaged.stream().map(it -> it + "; " + one.getFileName() + " is used").toList());
      } catch (CheckpointException e) {
        damaged.add(e.getMessage());
      }
    }
    throw new CheckpointException(
        damaged.isEmpty() ? "there is no checkpoint in " + folder : damaged.getFirst());
  }

  /**
   * Opens a checkpoint folder and checks it whole.
   *
   * @throws CheckpointException when it is missing or damaged
   */
  public static Saved open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException("there is no checkpoint folder " + folder);
    }
    StateFile state = look(folder);
    state.checkSizes(folder);
    state.checkBytes(folder);
    return new Saved(folder, state.step(), state.values());
  }

  private static StateFile look(Path folder) {
    StateFile state = StateFile.read(folder);
    long named = stepOf(folder);
    if (named >= 0 && named != state.step()) {
      throw new CheckpointException(
          "the checkpoint %s is of step %s and not what its name says"
              .formatted(folder, state.step()));
    }
    return state;
  }

  private List<Path> stepFolders() {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(path)) {
      List<Path> folders = new ArrayList<>(entries.filter(entry -> stepOf(entry) >= 0).toList());
      folders.sort(Comparator.comparingLong(CheckpointFolder::stepOf).reversed());
      return folders;
    } catch (IOException e) {
      throw new CheckpointException(
          "the folder %s cannot be listed: %s".formatted(path, FileProblem.reason(e)), e);
    }
  }

  private static long stepOf(Path folder) {
    String name = folder.getFileName() == null ? "" : folder.getFileName().toString();
    return name.matches(PREFIX + "[0-9]{1,18}")
        ? Long.parseLong(name.substring(PREFIX.length()))
        : -1;
  }
}
