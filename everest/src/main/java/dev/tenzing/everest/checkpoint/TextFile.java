package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.FileProblem;
import dev.tenzing.engine.io.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The small text files of checkpoints. */
final class TextFile {
  /** The index of 100,000 tensors takes 10 MB. */
  private static final int LARGEST = 16 << 20;

  private TextFile() {}

  /**
   * Reads one.
   *
   * @throws CheckpointException when it is no text or too large for what it is
   */
  static String read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw new CheckpointException(
            "%s has more than %s MiB, which no such file needs".formatted(file, LARGEST >> 20));
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new CheckpointException(file + " is damaged: it is not UTF-8", e);
    } catch (IOException e) {
      throw new CheckpointException(file + " cannot be read: " + FileProblem.reason(e), e);
    }
  }

  /**
   * Reads one that holds a JSON object.
   *
   * @throws CheckpointException when it does not
   */
  static Map<String, Object> json(Path file) {
    String text = read(file);
    try {
      return Json.parseObject(text);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file + " is not valid " + e.getMessage(), e);
    }
  }
}
