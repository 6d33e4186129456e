package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The {@code checkpoints/} folder of a run: one folder {@code step-N} a checkpoint.
 *
 * <p>A checkpoint is written into a hidden folder beside the others, every file is forced to disk,
 * {@code state.json} with the checksums of the others comes last, and then the folder is renamed: a
 * {@code step-N} folder is either complete or was damaged later, which its checksums reveal. Older
 * checkpoints go only after that.
 *
 * @param path the folder
 */
public record CheckpointFolder(Path path) {
  /**
   * The file that is written last and holds the training state and the checksums of the other
   * files.
   */
  public static final String STATE = "state.json";

  private static final String RUN = "checkpoints";
  private static final String PREFIX = "step-";
  private static final String UNFINISHED = ".writing-";

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

  /**
   * Saves a checkpoint.
   *
   * @param step steps done
   * @param files writers by file name
   * @param state values to find again in {@link Saved#state()}: strings, numbers, booleans
   * @param keep how many of the newest checkpoints stay, this one included
   * @return its folder
   * @throws IOException when it could not be written; older checkpoints are untouched
   */
  public Path save(long step, Map<String, FileWriter> files, Map<String, Object> state, int keep)
      throws IOException {
    Files.createDirectories(path);
    Path writing = path.resolve(UNFINISHED + PREFIX + step);
    Path target = path.resolve(PREFIX + step);
    deleteTree(writing);
    try {
      Files.createDirectory(writing);
      Map<String, Object> checksums = new LinkedHashMap<>();
      for (Map.Entry<String, FileWriter> entry : files.entrySet()) {
        Path file = writing.resolve(entry.getKey());
        entry.getValue().write(file);
        force(file);
        checksums.put(entry.getKey(), sha256(file));
      }
      Map<String, Object> all = new LinkedHashMap<>(state);
      all.put("step", step);
      all.put("sha256", checksums);
      Path stateFile = writing.resolve(STATE);
      Files.writeString(stateFile, Json.write(all) + "\n");
      force(stateFile);
      force(writing);
      deleteTree(target);
      Files.move(writing, target, StandardCopyOption.ATOMIC_MOVE);
      force(path);
    } catch (IOException | RuntimeException e) {
      try {
        deleteTree(writing);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
    List<Path> all = stepFolders();
    for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
      deleteTree(old);
    }
    return target;
  }

  /**
   * The newest checkpoint whose checksums hold.
   *
   * @param damaged told, in one sentence each, of newer ones that were passed over
   */
  public Optional<Saved> newestIntact(Consumer<String> damaged) {
    for (Path folder : stepFolders()) {
      try {
        return Optional.of(open(folder));
      } catch (CheckpointException e) {
        damaged.accept(e.getMessage());
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
   * The newest checkpoint of a run, or the checkpoint that the folder itself is.
   *
   * @param verified whether it has to be intact, which reads all of it
   * @throws CheckpointException when there is none
   */
  static Path newest(Path folder, boolean verified) {
    if (isCheckpoint(folder)) {
      return verified ? open(folder).path() : folder;
    }
    Path inside = folder.resolve(RUN);
    CheckpointFolder all = new CheckpointFolder(Files.isDirectory(inside) ? inside : folder);
    List<String> damaged = new ArrayList<>();
    Optional<Path> newest =
        verified
            ? all.newestIntact(damaged::add).map(Saved::path)
            : all.stepFolders().stream().filter(CheckpointFolder::isCheckpoint).findFirst();
    return newest.orElseThrow(() ->
        new CheckpointException(
            damaged.isEmpty() ? "there is no checkpoint in " + folder : damaged.getFirst()));
  }

  /**
   * Opens a checkpoint folder and checks it whole.
   *
   * @throws CheckpointException when it is missing or damaged
   */
  public static Saved open(Path folder) {
    Path stateFile = folder.resolve(STATE);
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException("there is no checkpoint folder " + folder);
    }
    if (!Files.isRegularFile(stateFile)) {
      throw new CheckpointException(
          "the checkpoint " + folder + " is incomplete: it has no " + STATE);
    }
    try {
      Map<?, ?> state = (Map<?, ?>) Json.parse(Files.readString(stateFile, StandardCharsets.UTF_8));
      Map<?, ?> checksums = (Map<?, ?>) state.get("sha256");
      for (Map.Entry<?, ?> entry : checksums.entrySet()) {
        Path file = folder.resolve((String) entry.getKey());
        if (!Files.isRegularFile(file)) {
          throw new CheckpointException(
              "the checkpoint " + folder + " is incomplete: " + entry.getKey() + " is missing");
        }
        if (!sha256(file).equals(entry.getValue())) {
          throw new CheckpointException(
              "the checkpoint "
                  + folder
                  + " is damaged: "
                  + entry.getKey()
                  + " does not have the checksum it was saved with");
        }
      }
      Map<String, Object> values = new LinkedHashMap<>();
      state.forEach((key, value) -> values.put((String) key, value));
      return new Saved(folder, ((Number) state.get("step")).longValue(), values);
    } catch (IOException | IllegalArgumentException | ClassCastException | NullPointerException e) {
      throw new CheckpointException(
          "the checkpoint " + folder + " is damaged: " + STATE + " cannot be read", e);
    }
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
      throw new CheckpointException("the folder " + path + " cannot be listed", e);
    }
  }

  private static long stepOf(Path folder) {
    String name = folder.getFileName().toString();
    return name.matches(PREFIX + "\\d{1,18}")
        ? Long.parseLong(name.substring(PREFIX.length()))
        : -1;
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        byte[] buffer = new byte[1 << 20];
        while (in.read(buffer) >= 0) {
          // reading feeds the digest
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static void force(Path fileOrFolder) throws IOException {
    try (FileChannel channel = FileChannel.open(fileOrFolder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
