package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.AtomicFile;
import dev.tenzing.engine.io.FileProblem;
import dev.tenzing.engine.io.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code state.json}: one JSON object with the values of a checkpoint, the size and SHA-256 of each
 * of its files, and at the very end the SHA-256 of all the text before that. Whatever is changed,
 * cut off or put in shows.
 *
 * <p>Older versions wrote it without its own checksum. Such a file is read as long as it has
 * exactly their keys; that it may be damaged in a way that makes sense cannot be told.
 *
 * @param step the step after which the checkpoint was saved
 * @param values what else is to be found again
 * @param files what is known of the other files, by name
 */
record StateFile(long step, Map<String, Object> values, Map<String, Sealed> files) {
  /** The file's name. */
  static final String NAME = "state.json";

  /** What is known of a file; a size of -1 is unknown. */
  record Sealed(long bytes, String sha256) {}

  private static final int FORMAT = 2;
  private static final long MOST_BYTES = 1 << 20;
  private static final String BEFORE_CHECKSUM = ",\"checksum\":\"";
  private static final String AFTER_CHECKSUM = "\"}\n";
  private static final int HEX = 64;
  private static final Set<String> OLD_KEYS = Set.of("step", "sha256", "cursor", "seed", "steps");
  private static final String FILE_NAME = "[A-Za-z0-9_-][A-Za-z0-9._-]*";

  /** Writes it. */
  void write(Path file) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("format", FORMAT);
    all.putAll(new TreeMap<>(values));
    all.put("step", step);
    Map<String, Object> sealed = new TreeMap<>();
    files.forEach((name, of) -> sealed.put(name, Map.of("bytes", of.bytes, "sha256", of.sha256)));
    all.put("files", sealed);
    String json = Json.write(all);
    String body = json.substring(0, json.length() - 1);
    AtomicFile.write(file, body + BEFORE_CHECKSUM + sha256(body) + AFTER_CHECKSUM);
  }

  /**
   * Reads the one of a checkpoint folder.
   *
   * @throws CheckpointException when it is missing or damaged
   */
  static StateFile read(Path folder) {
    Path file = folder.resolve(NAME);
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(
          "the checkpoint " + folder + " is incomplete: it has no " + NAME);
    }
    try {
      long bytes = Files.size(file);
      if (bytes > MOST_BYTES) {
        throw damaged(folder, "has %s bytes, more than any has".formatted(bytes));
      }
      byte[] content;
      try (InputStream in = Files.newInputStream(file)) {
        content = in.readNBytes((int) MOST_BYTES); // it may grow while it is read
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      return of(text, folder);
    } catch (CharacterCodingException | IllegalArgumentException e) {
      throw damaged(folder, "cannot be read");
    } catch (IOException e) {
      throw damaged(folder, "cannot be read: " + FileProblem.reason(e));
    }
  }

  private static CheckpointException damaged(Path folder, String how) {
    return new CheckpointException("the checkpoint " + folder + " is damaged: " + NAME + " " + how);
  }

  private static StateFile of(String text, Path folder) {
    int end = text.length() - AFTER_CHECKSUM.length() - HEX;
    int begin = end - BEFORE_CHECKSUM.length();
    boolean sealed =
        begin > 0 && text.startsWith(BEFORE_CHECKSUM, begin) && text.endsWith(AFTER_CHECKSUM);
    if (sealed && !text.substring(end, end + HEX).equals(sha256(text.substring(0, begin)))) {
      throw damaged(folder, "does not have the checksum it was saved with");
    }
    Map<String, Object> all = Json.parseObject(text);
    if (!sealed && !OLD_KEYS.containsAll(all.keySet())) {
      throw damaged(folder, "does not end with its checksum");
    }
    Map<String, Sealed> files = new LinkedHashMap<>();
    object(all, sealed ? "files" : "sha256", folder)
        .forEach((name, of) -> files.put(fileName(name, folder), sealed(of, folder)));
    if (!(all.get("step") instanceof Long step) || step < 0) {
      throw damaged(folder, "names no step");
    }
    all.keySet().removeAll(Set.of("format", "step", "checksum", "files", "sha256"));
    return new StateFile(step, all, files);
  }

  private static Map<?, ?> object(Map<String, Object> all, String key, Path folder) {
    if (all.get(key) instanceof Map<?, ?> map) {
      return map;
    }
    throw damaged(folder, "does not tell the checksums of the files");
  }

  // Names come from a file that anybody may have written: they lead nowhere else.
  private static String fileName(Object name, Path folder) {
    if (name instanceof String text && text.matches(FILE_NAME)) {
      return text;
    }
    throw damaged(folder, "names a file that is none of a checkpoint");
  }

  private static Sealed sealed(Object value, Path folder) {
    if (value instanceof String old) {
      return new Sealed(-1, old);
    }
    if (value instanceof Map<?, ?> map
        && map.get("bytes") instanceof Long bytes
        && map.get("sha256") instanceof String sha256) {
      return new Sealed(bytes, sha256);
    }
    throw damaged(folder, "does not tell the checksums of the files");
  }

  /**
   * Checks that a checkpoint's files are there in their sizes.
   *
   * @throws CheckpointException when they are not
   */
  void checkSizes(Path folder) {
    files.forEach((name, known) -> {
      Path file = folder.resolve(name);
      if (!Files.isRegularFile(file)) {
        throw new CheckpointException(
            "the checkpoint " + folder + " is incomplete: " + name + " is missing");
      }
      try {
        if (known.bytes >= 0 && Files.size(file) != known.bytes) {
          throw new CheckpointException(
              "the checkpoint %s is damaged: %s has %s bytes and not the %s it was saved with"
                  .formatted(folder, name, Files.size(file), known.bytes));
        }
      } catch (IOException e) {
        throw unreadable(folder, name, e);
      }
    });
  }

  /**
   * Checks that the bytes of a checkpoint's files are those that were saved; reads all of them.
   *
   * @throws CheckpointException when they are not
   */
  void checkBytes(Path folder) {
    files.forEach((name, known) -> {
      try {
        if (!sha256(folder.resolve(name)).equals(known.sha256)) {
          throw new CheckpointException(
              "the checkpoint "
                  + folder
                  + " is damaged: "
                  + name
                  + " does not have the checksum it was saved with");
        }
      } catch (IOException e) {
        throw unreadable(folder, name, e);
      }
    });
  }

  private static CheckpointException unreadable(Path folder, String name, IOException e) {
    return new CheckpointException(
        "the checkpoint %s is damaged: %s cannot be read: %s"
            .formatted(folder, name, FileProblem.reason(e)),
        e);
  }

  /** What is known of a file as it is now. */
  static Sealed seal(Path file) throws IOException {
    return new Sealed(Files.size(file), sha256(file));
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      byte[] buffer = new byte[1 << 20];
      while (in.read(buffer) >= 0) {
        // reading feeds the digest
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String sha256(String text) {
    return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
