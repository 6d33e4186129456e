package dev.tenzing.tools.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * YAML files that people write by hand. Their nodes are composed by recursion, so depth and number
 * are checked on the events before.
 */
public final class Yaml {
  private static final int LARGEST = 1 << 20;
  private static final int DEEPEST = 16;
  private static final int MOST_VALUES = 100_000;

  private Yaml() {}

  /**
   * Reads a file.
   *
   * @return its root, or empty when it has none
   * @throws UsageException when it is not such a file, naming the line
   * @throws IOException when it cannot be read
   */
  public static Optional<Node> read(Path file) throws IOException {
    String text = text(file);
    try {
      LoadSettings settings = LoadSettings.builder().setAllowDuplicateKeys(true).build();
      check(file, new Parse(settings).parseString(text));
      return new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new UsageException(file + " line " + line + ": not YAML: " + firstLine(e.getProblem()));
    } catch (YamlEngineException e) {
      throw new UsageException(file + ": not YAML: " + firstLine(e.getMessage()));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // The library's own, for an escape without digits and for letters beyond 16 bits at its
      // buffer's end.
      throw new UsageException(
          file
              + ": not YAML that can be read: an escape such as \\u00e9 is cut off, or a letter"
              + " odd");
    }
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static String text(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LARGEST + 1);
    }
    if (bytes.length > LARGEST) {
      throw new UsageException(
          file + " has more than " + (LARGEST >> 10) + " KiB, too many for a file of settings");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new UsageException(file + " is no text in UTF-8; save it as UTF-8");
    }
  }

  private static void check(Path file, Iterable<Event> events) {
    int depth = 0;
    int values = 0;
    for (Event event : events) {
      String problem = null;
      if (event instanceof CollectionStartEvent && ++depth > DEEPEST) {
        problem = "values are nested more than " + DEEPEST + " deep";
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      } else if (event instanceof AliasEvent) {
        problem = "aliases such as *name are not read; write the value again";
      }
      if (++values > MOST_VALUES) {
        problem = "there are more than " + MOST_VALUES + " values";
      }
      if (problem != null) {
        int line = event.getStartMark().map(Mark::getLine).orElse(0) + 1;
        throw new UsageException(file + " line " + line + ": " + problem);
      }
    }
  }
}
