package dev.tenzing.tools.run;

import dev.tenzing.engine.io.FileProblem;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.cli.Yaml;
import dev.tenzing.video.list.LabelMap;
import dev.tenzing.video.list.Mixture;
import dev.tenzing.video.list.Source;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoList.Labels;
import dev.tenzing.video.list.VideoListException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Several lists as one, from a YAML or JSON file:
 *
 * <pre>
 * classes: k710.txt                 # names of the merged classes, where labels are merged
 * same: identical_labels.json       # other names by name
 * sources:
 *   - {name: k400, data: k400/train.csv, root: /data/k400, labels: label_710to400.json}
 *   - {name: ssv2, data: ssv2/train.csv, stride: 2, weight: 0.5}
 * </pre>
 *
 * <p>Relative paths start from the file's folder.
 *
 * <p>It is the command's and not {@code everest}'s, which reads no YAML and would need a library
 * for it: a run takes any {@link dev.tenzing.everest.run.ListReader}.
 */
final class SourcesFile {
  /** A sources file is written by hand; annotations in JSON are larger. */
  private static final long LARGEST = 1 << 20;

  private final Path file;

  private SourcesFile(Path file) {
    this.file = file;
  }

  /** Whether a file is one of these: YAML, or JSON whose object holds {@code sources}. */
  static boolean is(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      return true;
    }
    try {
      return name.endsWith(".json")
          && Files.size(file) <= LARGEST
          && Files.readString(file).contains("\"sources\"");
    } catch (IOException e) {
      // Who reads it next says so.
      return false;
    }
  }

  static VideoList read(Path file, Labels labels, int classes, List<String> known)
      throws VideoListException {
    return new SourcesFile(file).read(labels, classes, known);
  }

  private VideoList read(Labels labels, int classes, List<String> known) throws VideoListException {
    Fields top = new Fields(root(), "the file");
    Path classNames = top.path("classes");
    Path synonyms = top.path("same");
    List<String> names = classNames == null ? known : LabelMap.readNames(classNames);
    Map<String, String> same = synonyms == null ? Map.of() : LabelMap.readSynonyms(synonyms);
    int count = names.isEmpty() ? classes : names.size();
    if (classes > 0 && count != classes) {
      throw new UsageException("%s names %s classes, not %s".formatted(classNames, count, classes));
    }
    if (!(top.take("sources") instanceof SequenceNode sources) || sources.getValue().isEmpty()) {
      throw new UsageException(file + ": expected 'sources:' with a list of them");
    }
    top.end();
    List<VideoList> lists = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (Node node : sources.getValue()) {
      Fields one = new Fields(node, "a source");
      Path data = one.path("data");
      if (data == null) {
        throw wrong(node, "a source needs 'data', its list or folder");
      }
      Path maps = one.path("labels");
      Path start = one.path("root");
      Source source = source(one, data);
      one.end();
      if (!taken.add(source.name())) {
        throw wrong(node, "there are two sources named " + source.name());
      }
      LabelMap map =
          maps == null || labels == Labels.OPTIONAL
              ? null
              : LabelMap.read(maps, names, count, same);
      VideoList list =
          map == null
              ? VideoList.read(data, start, labels, count, names)
              : VideoList.read(data, start, labels, map.labels()).merged(map, count, names);
      lists.add(list.from(source));
    }
    return Mixture.of(file.toString(), lists, count, names);
  }

  private Source source(Fields one, Path data) {
    String name = one.text("name");
    Node at = one.node;
    try {
      String stride = one.text("stride");
      String weight = one.text("weight");
      return new Source(
          name == null ? data.toString() : name,
          stride == null ? 0 : positive(Integer.parseInt(stride)),
          weight == null ? 1 : Double.parseDouble(weight));
    } catch (NumberFormatException e) {
      throw wrong(at, "stride must be a whole number and weight a number");
    } catch (IllegalArgumentException e) {
      throw wrong(at, e.getMessage());
    }
  }

  private static int positive(int stride) {
    if (stride < 1) {
      throw new IllegalArgumentException("the stride must be at least 1, got " + stride);
    }
    return stride;
  }

  private Node root() {
    try {
      return Yaml.read(file).orElseThrow(() -> new UsageException(file + ": the file is empty"));
    } catch (IOException e) {
      throw new UsageException(file + ": the file cannot be read (" + FileProblem.reason(e) + ")");
    }
  }

  private UsageException wrong(Node node, String sentence) {
    int line = node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    return new UsageException(file + " line " + line + ": " + sentence);
  }

  /** The keys of a mapping, each taken once. */
  private final class Fields {
    final Node node;
    private final List<NodeTuple> left = new ArrayList<>();

    Fields(Node node, String what) {
      this.node = node;
      if (!(node instanceof MappingNode mapping)) {
        throw wrong(node, "expected " + what + " as 'key: value'");
      }
      left.addAll(mapping.getValue());
      Set<String> keys = new HashSet<>();
      for (NodeTuple tuple : left) {
        if (!keys.add(key(tuple))) {
          throw wrong(tuple.getKeyNode(), key(tuple) + " is given twice");
        }
      }
    }

    private String key(NodeTuple tuple) {
      return tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    Node take(String key) {
      for (NodeTuple tuple : left) {
        if (key(tuple).equals(key)) {
          left.remove(tuple);
          return tuple.getValueNode();
        }
      }
      return null;
    }

    String text(String key) {
      return switch (take(key)) {
        case null -> null;
        case ScalarNode scalar
            when !(scalar.getValue().isEmpty() && scalar.getScalarStyle() == ScalarStyle.PLAIN) ->
            scalar.getValue();
        case Node other -> throw wrong(other, key + " must be one value");
      };
    }

    Path path(String key) {
      String text = text(key);
      try {
        return text == null ? null : file.resolveSibling(text);
      } catch (InvalidPathException e) {
        throw wrong(node, key + " is no path on this system (" + e.getReason() + ")");
      }
    }

    void end() {
      if (!left.isEmpty()) {
        Node key = left.getFirst().getKeyNode();
        throw wrong(
            key,
            "there is no key '%s'; the file has sources, classes and same, a source has data, root, name, stride, weight and labels"
                .formatted(key(left.getFirst())));
      }
    }
  }
}
