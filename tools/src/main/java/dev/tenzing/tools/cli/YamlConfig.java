package dev.tenzing.tools.cli;

import dev.tenzing.engine.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A YAML file of plain settings, {@code key: value} or {@code key: [value, value]}, which remembers
 * the line of each so that errors can name it. Values stay text: who asks knows the type.
 */
public final class YamlConfig {
  /**
   * One setting.
   *
   * @param values one value, or those of a list
   * @param line its line in the file, from 1
   */
  public record Entry(List<String> values, int line) {}

  /** What settings came to; it is written for people and other programs, and no setting. */
  public static final String RESOLVED = "resolved";

  private final Path file;
  private final Map<String, Entry> entries;

  private YamlConfig(Path file, Map<String, Entry> entries) {
    this.file = file;
    this.entries = entries;
  }

  /**
   * Reads a file; keys whose value is empty or null are left out.
   *
   * @throws UsageException when it is not YAML of plain settings, naming line and key
   * @throws IOException when it cannot be read
   */
  public static YamlConfig read(Path file) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    YamlConfig config = new YamlConfig(file, entries);
    Optional<Node> root = Yaml.read(file);
    if (root.isPresent()) {
      config.readMapping(root.get());
    }
    return config;
  }

  private void readMapping(Node root) {
    if (!(root instanceof MappingNode mapping)) {
      throw new UsageException(file + " line " + line(root) + ": expected lines of 'key: value'");
    }
    for (NodeTuple tuple : mapping.getValue()) {
      Node key = tuple.getKeyNode();
      if (!(key instanceof ScalarNode name)) {
        throw new UsageException(file + " line " + line(key) + ": a key must be a plain word");
      }
      if (name.getValue().equals(RESOLVED)) {
        continue;
      }
      List<String> values = new ArrayList<>();
      if (tuple.getValueNode() instanceof SequenceNode list) {
        list.getValue().forEach(node -> add(values, name.getValue(), node));
      } else {
        add(values, name.getValue(), tuple.getValueNode());
      }
      Entry entry = new Entry(List.copyOf(values), line(key));
      Entry before = entries.put(name.getValue(), entry);
      if (before != null) {
        throw error(name.getValue(), "is given twice, first on line " + before.line());
      }
    }
    entries.values().removeIf(entry -> entry.values().isEmpty());
  }

  private void add(List<String> values, String key, Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      throw new UsageException(
          file + " line " + line(node) + ": " + key + " must be a value or a list of values");
    }
    if (!scalar.getTag().equals(Tag.NULL)) {
      values.add(scalar.getValue());
    }
  }

  private static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }

  /** The file it was read from. */
  public Path file() {
    return file;
  }

  /** The settings by key, in the order of the file. */
  public Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** An error about a setting, naming file, line and key: {@code run.yaml line 3: batch …}. */
  public UsageException error(String key, String problem) {
    return new UsageException(
        file + " line " + entries.get(key).line() + ": " + key + " " + problem);
  }

  /**
   * Writes settings so that {@link #read} gives them back.
   *
   * @param comment its first line, after a {@code #}
   * @param settings by key: text, numbers, booleans, or lists of these
   */
  public static void write(Path file, String comment, Map<String, ?> settings) throws IOException {
    DumpSettings style =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.AUTO)
            .setWidth(Integer.MAX_VALUE)
            .build();
    String body = settings.isEmpty() ? "" : new Dump(style).dumpToString(settings);
    AtomicFile.write(file, "# " + comment + "\n" + body);
  }
}
