package dev.tenzing.video.list;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What lies in folders of videos and is none: litter that systems leave there, folders of runs and
 * of prepared copies, and files with endings that no video has.
 */
final class LeftOut {
  private static final Set<String> LITTER =
      Set.of(
          "__macosx",
          "@eadir",
          "@recycle",
          "@recently-snapshot",
          "@tmp",
          "#recycle",
          "#snapshot",
          "$recycle.bin",
          "recycler",
          "recycled",
          "system volume information",
          "lost+found",
          "lost.dir",
          "thumbs.db",
          "ehthumbs.db",
          "ehthumbs_vista.db",
          "desktop.ini",
          "icon\r",
          "__pycache__");
  private static final int NAMED = 6;

  private final Map<String, Integer> litter = new TreeMap<>();
  private final Map<String, Integer> endings = new TreeMap<>();
  private final List<String> ours = new ArrayList<>();

  /** Whether a file or folder is not looked at; it is noted. */
  boolean isLitter(Path file) {
    String name = file.getFileName().toString();
    if (name.startsWith(".") || LITTER.contains(name.toLowerCase(Locale.ROOT))) {
      String kind = name.startsWith("._") ? "._*" : name.strip();
      litter.merge(kind, 1, Integer::sum);
      return true;
    }
    if (Files.isDirectory(file) && isOurs(file)) {
      ours.add(name);
      return true;
    }
    return false;
  }

  /** Whether a run or prepare wrote the folder. */
  private static boolean isOurs(Path folder) {
    return Files.isRegularFile(folder.resolve("config.yaml"))
            && (Files.isDirectory(folder.resolve("checkpoints"))
                || Files.exists(folder.resolve("metrics.jsonl")))
        || Files.isRegularFile(folder.resolve("clips.journal"))
        || Files.isRegularFile(folder.resolve("videos.csv"))
            && Files.isRegularFile(folder.resolve("videos.index"))
        || Files.isRegularFile(folder.resolve("features.json"))
            && Files.isRegularFile(folder.resolve("videos.jsonl"));
  }

  /** Counts a file that is no video by its name. */
  void add(String name) {
    int dot = name.lastIndexOf('.');
    endings.merge(
        dot < 0 ? "without ending" : name.substring(dot).toLowerCase(Locale.ROOT), 1, Integer::sum);
  }

  /** What was left out, a sentence for each kind. */
  List<String> notes(Path folder) {
    List<String> notes = new ArrayList<>();
    if (!litter.isEmpty()) {
      notes.add(folder + ": left out as litter: " + counted(litter));
    }
    if (!ours.isEmpty()) {
      notes.add(
          "%s: left out as what a run or prepare wrote: %s"
              .formatted(folder, String.join(", ", ours)));
    }
    if (!endings.isEmpty()) {
      int files = endings.values().stream().mapToInt(n -> n).sum();
      notes.add(
          "%s: %s no %s by the ending and left out: %s"
              .formatted(
                  folder,
                  files == 1 ? "1 file is" : files + " files are",
                  files == 1 ? "video" : "videos",
                  counted(endings)));
    }
    return notes;
  }

  private static String counted(Map<String, Integer> counts) {
    String named =
        counts.entrySet().stream()
            .sorted(Comparator.comparing((Map.Entry<String, Integer> e) -> -e.getValue()))
            .limit(NAMED)
            .map(e -> e.getValue() == 1 ? e.getKey() : e.getKey() + " (" + e.getValue() + ")")
            .collect(Collectors.joining(", "));
    return counts.size() > NAMED ? named + " and others" : named;
  }
}
