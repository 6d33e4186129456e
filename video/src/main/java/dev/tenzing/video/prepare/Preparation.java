package dev.tenzing.video.prepare;

import dev.tenzing.video.decode.FileStamp;
import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.file.WholeFile;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.load.Catalog;
import dev.tenzing.video.load.ScanIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Checks all videos of some lists and, if asked, writes small copies of the good ones. In the
 * output folder there are then
 *
 * <ul>
 *   <li>{@code videos.csv}, a line for every video;
 *   <li>{@code videos.index}, what scans found, which training reads instead of scanning again;
 *   <li>{@code clips/}, the copies, and {@code clips.journal}, which of them are complete;
 *   <li>the lists without the bad videos, pointing to the copies;
 *   <li>{@code SHA256SUMS}, checksums of all these but the index and the journal.
 * </ul>
 */
public final class Preparation {
  private static final String CLIPS = "clips";
  private static final String CLASSES = "classes.txt";
  private static final String SUMS = "SHA256SUMS";
  private static final Set<String> LISTS = Set.of("", ".csv", ".txt", ".tsv", ".lst", ".list");
  private static final List<String> OWN =
      List.of(VideoTable.NAME, ScanIndex.NAME, ClipJournal.NAME, SUMS, CLIPS, CLASSES);

  /**
   * A list and where it goes.
   *
   * @param list the videos
   * @param base what copies are named after: paths below it keep their place
   * @param name the rewritten list's file name
   */
  public record Listed(VideoList list, Path base, String name) {}

  /** Hears of progress, from several threads but one at a time. */
  @FunctionalInterface
  public interface Listener {
    /** Called with the numbers of finished and of bad videos. */
    void done(int videos, int bad);
  }

  /**
   * What was done.
   *
   * @param videos different videos in the lists
   * @param good of these
   * @param problems bad ones by their reason's code
   * @param frames of the good ones
   * @param scanned videos that were decoded to check them, small copies too
   * @param written copies that were made
   * @param kept copies that were there
   * @param bytes of the good videos
   * @param clipBytes of the copies
   * @param lists the rewritten lists
   * @param notes what could not be done, a sentence each
   */
  public record Result(
      int videos,
      int good,
      Map<String, Integer> problems,
      long frames,
      int scanned,
      int written,
      int kept,
      long bytes,
      long clipBytes,
      List<Path> lists,
      List<String> notes) {}

  private final Path output;
  private final ClipFormat format;
  private final int threads;
  private final Listener listener;
  private final AtomicInteger written = new AtomicInteger();
  private final AtomicInteger kept = new AtomicInteger();
  private final List<String> notes = new ArrayList<>();
  private int done;
  private int bad;

  /**
   * @param format of small copies, null for none
   * @param threads videos that are decoded at a time
   */
  public Preparation(Path output, ClipFormat format, int threads, Listener listener) {
    this.output = output.toAbsolutePath().normalize();
    this.format = format;
    this.threads = threads;
    this.listener = listener;
  }

  /**
   * The name under which a list is written again: its own, but with an ending of lists where it has
   * one of videos, and not that of a file of ours.
   */
  public static String listName(Path source) {
    String name = source.toAbsolutePath().normalize().getFileName().toString();
    int dot = name.lastIndexOf('.');
    String ending = dot < 0 ? "" : name.substring(dot).toLowerCase(Locale.ROOT);
    String list = LISTS.contains(ending) && !Files.isDirectory(source) ? name : name + ".csv";
    return OWN.contains(list) ? "list-" + list : list;
  }

  /**
   * Scans every video of the lists, writes the copies if asked for, and writes the lists again that
   * have a good video.
   *
   * @throws IllegalArgumentException before anything is decoded, when a list could not be written
   *     again in the end
   * @throws IOException when something cannot be written; what was is kept for the next run
   */
  public Result run(List<Listed> lists) throws IOException, InterruptedException {
    check(lists);
    Files.createDirectories(output);
    try (ScanIndex index = ScanIndex.open(output)) {
      // Nobody else is at work here: what is half-written was left by a process that was killed.
      WholeFile.sweep(output);
      ClipJournal journal = new ClipJournal(output);
      notes.addAll(index.notes());
      notes.addAll(journal.notes());
      Catalog catalog = new Catalog(index);
      Map<Path, Checked> videos = check(names(lists), catalog, journal);
      Map<String, String> sums = new TreeMap<>();
      long clipBytes = 0;
      for (Checked video : videos.values()) {
        if (video.clip() != null) {
          String name = name(video.clip());
          sums.put(name, journal.find(name).sha256());
          clipBytes += journal.find(name).bytes();
        }
      }
      WholeFile.update(output.resolve(VideoTable.NAME), VideoTable.of(videos));
      List<Path> rewritten = rewrite(lists, videos);
      for (Path file : files(lists, rewritten)) {
        sums.put(name(file), Checksum.sha256(file));
      }
      StringBuilder manifest = new StringBuilder();
      sums.forEach((name, sum) -> manifest.append(sum).append("  ").append(name).append('\n'));
      WholeFile.update(output.resolve(SUMS), manifest.toString());
      return result(videos, catalog.scanned(), clipBytes, rewritten);
    }
  }

  /** The copies' names by video, each once, in the order of the lists. */
  private static Map<Path, String> names(List<Listed> lists) {
    Map<Path, String> names = new LinkedHashMap<>();
    for (Listed listed : lists) {
      Path base = listed.base.toAbsolutePath().normalize();
      for (Entry entry : listed.list.videos()) {
        Path path = entry.path().toAbsolutePath().normalize();
        Path place =
            path.startsWith(base) ? base.relativize(path) : path.getRoot().relativize(path);
        names.putIfAbsent(path, place.toString());
      }
    }
    return names;
  }

  private Map<Path, Checked> check(Map<Path, String> names, Catalog catalog, ClipJournal journal)
      throws IOException, InterruptedException {
    Map<Path, Path> clips = clips(names);
    Map<Path, Checked> checked = new LinkedHashMap<>();
    ExecutorService pool =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
    try {
      Map<Path, Future<Checked>> results = new LinkedHashMap<>();
      for (Path video : names.keySet()) {
        Path clip = clips.get(video);
        results.put(video, pool.submit(() -> check(video, clip, catalog, journal)));
      }
      for (Map.Entry<Path, Future<Checked>> result : results.entrySet()) {
        checked.put(result.getKey(), result.getValue().get());
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        default -> throw new IllegalStateException(e.getCause());
      }
    } finally {
      pool.shutdownNow();
      pool.close();
    }
    return checked;
  }

  /** Where each copy goes: two videos that differ in their ending alone keep it. */
  private Map<Path, Path> clips(Map<Path, String> names) {
    Map<Path, Path> clips = new LinkedHashMap<>();
    if (format == null) {
      return clips;
    }
    Map<String, Path> taken = new LinkedHashMap<>();
    names.forEach((video, place) -> {
      int dot = place.lastIndexOf('.');
      boolean ended = dot > place.lastIndexOf(video.getFileSystem().getSeparator());
      String name = (ended ? place.substring(0, dot) : place) + format.ending();
      if (taken.putIfAbsent(name, video) != null) {
        name = place + format.ending();
        taken.put(name, video);
      }
      clips.put(video, output.resolve(CLIPS).resolve(name));
    });
    return clips;
  }

  private Checked check(Path video, Path clip, Catalog catalog, ClipJournal journal)
      throws IOException {
    Checked checked;
    try {
      VideoInfo info = catalog.info(video);
      boolean copied = clip != null && !FrameFolder.is(video);
      if (copied) {
        copy(info, clip, catalog, journal);
      }
      checked = new Checked(info, null, copied ? clip : null);
    } catch (VideoException e) {
      checked = new Checked(null, e, null);
    }
    synchronized (this) {
      done++;
      bad += checked.defect() == null ? 0 : 1;
      listener.done(done, bad);
    }
    return checked;
  }

  private void copy(VideoInfo info, Path clip, Catalog catalog, ClipJournal journal)
      throws VideoException, IOException {
    String name = name(clip);
    ClipJournal.Copy there = journal.find(name);
    if (there != null
        && there.format().equals(format.toString())
        && there.source().equals(info.stamp())
        && there.bytes() == FileStamp.of(clip).size()) {
      kept.incrementAndGet();
      return;
    }
    ClipFile.write(info, format, clip);
    VideoInfo copy = catalog.info(clip);
    if (copy.frames() != info.frames()) {
      throw new IOException(
          "%s has %s frames, its copy %s has %s; report this, and leave --clips out meanwhile"
              .formatted(info.path(), info.frames(), clip, copy.frames()));
    }
    journal.add(
        name,
        new ClipJournal.Copy(
            format.toString(), info.stamp(), Files.size(clip), Checksum.sha256(clip)));
    written.incrementAndGet();
  }

  /** Refuses a list that could not be written again. */
  private static void check(List<Listed> lists) {
    List<String> names = List.of();
    for (Listed listed : lists) {
      try {
        listed.list.text(null);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s cannot be written again: %s".formatted(listed.list.name(), e.getMessage()), e);
      }
      List<String> own = listed.list.classNames();
      if (!names.isEmpty() && !own.isEmpty() && !own.equals(names)) {
        throw new IllegalArgumentException(
            "%s names other classes than the list before it; prepare each into an --output of its own"
                .formatted(listed.list.name()));
      }
      names = own.isEmpty() ? names : own;
      if (names.stream().anyMatch(name -> name.indexOf('\n') >= 0 || name.indexOf('\r') >= 0)) {
        throw new IllegalArgumentException(
            listed.list.name() + ": the name of a class has a line end in it; rename its folder");
      }
    }
  }

  private List<Path> rewrite(List<Listed> lists, Map<Path, Checked> videos) throws IOException {
    List<Path> rewritten = new ArrayList<>();
    for (Listed listed : lists) {
      List<Entry> entries = new ArrayList<>();
      for (Entry entry : listed.list.videos()) {
        Path path = entry.path().toAbsolutePath().normalize();
        Checked checked = videos.get(path);
        if (checked.defect() == null) {
          Path clip = checked.clip();
          entries.add(entry.withPath(clip == null ? path : clip));
        }
      }
      Path file = output.resolve(listed.name);
      if (entries.isEmpty()) {
        // A list of no videos is none; what an earlier run wrote names videos that are bad now.
        Files.deleteIfExists(file);
        notes.add(
            "%s is not written, as no video of it is good; %s says what is wrong"
                .formatted(listed.name, VideoTable.NAME));
        continue;
      }
      int left = listed.list.videos().size() - entries.size();
      if (left > 0) {
        notes.add(
            "%s is written without %s; %s says what is wrong"
                .formatted(
                    listed.name,
                    left == 1 ? "the one that is bad" : "the %s that are bad".formatted(left),
                    VideoTable.NAME));
      }
      new VideoList(listed.name, entries, 0, List.of()).write(file, output);
      rewritten.add(file);
    }
    for (Listed listed : lists) {
      if (!listed.list.classNames().isEmpty()) {
        WholeFile.update(
            output.resolve(CLASSES), String.join("\n", listed.list.classNames()) + "\n");
      }
    }
    return rewritten;
  }

  private List<Path> files(List<Listed> lists, List<Path> rewritten) {
    List<Path> files = new ArrayList<>(rewritten);
    files.add(output.resolve(VideoTable.NAME));
    if (lists.stream().anyMatch(listed -> !listed.list.classNames().isEmpty())) {
      files.add(output.resolve(CLASSES));
    }
    return files;
  }

  private String name(Path file) {
    return output.relativize(file).toString().replace('\\', '/');
  }

  private Result result(
      Map<Path, Checked> videos, int scanned, long clipBytes, List<Path> rewritten) {
    Map<String, Integer> problems = new TreeMap<>();
    long frames = 0;
    long bytes = 0;
    int good = 0;
    for (Checked video : videos.values()) {
      if (video.defect() != null) {
        problems.merge(video.defect().reason().code(), 1, Integer::sum);
      } else {
        good++;
        frames += video.info().frames();
        bytes += Math.max(0, video.info().stamp().size());
      }
    }
    return new Result(
        videos.size(),
        good,
        problems,
        frames,
        scanned,
        written.get(),
        kept.get(),
        bytes,
        clipBytes,
        rewritten,
        List.copyOf(notes));
  }
}
