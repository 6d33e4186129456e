package dev.tenzing.video.prepare;

import dev.tenzing.video.decode.FileStamp;
import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
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
import java.util.Map;
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
 *   <li>the lists, pointing to the copies; a bad video stays in them under its own path, so that it
 *       is skipped and counted later too, and none takes another's place;
 *   <li>{@code SHA256SUMS}, checksums of all these but the index and the journal.
 * </ul>
 */
public final class Preparation {
  private static final String CLIPS = "clips";
  private static final String SUMS = "SHA256SUMS";
  private static final List<String> OWN =
      List.of(VideoTable.NAME, ScanIndex.NAME, ClipJournal.NAME, SUMS, CLIPS, "classes.txt");

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
    /** So many videos are done, of which so many are bad. */
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

  /** Whether a list of this name would take the place of a file of ours. */
  public static boolean isReserved(String listName) {
    return OWN.contains(listName);
  }

  /**
   * Does it.
   *
   * @throws IOException when something cannot be written; what was is kept for the next run
   */
  public Result run(List<Listed> lists) throws IOException, InterruptedException {
    Files.createDirectories(output);
    try (ScanIndex index = ScanIndex.open(output);
        ClipJournal journal = new ClipJournal(output)) {
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
      Output.write(output.resolve(VideoTable.NAME), VideoTable.of(videos));
      List<Path> rewritten = rewrite(lists, videos);
      for (Path file : files(lists, rewritten)) {
        sums.put(name(file), Output.sha256(file));
      }
      StringBuilder manifest = new StringBuilder();
      sums.forEach((name, sum) -> manifest.append(sum).append("  ").append(name).append('\n'));
      Output.write(output.resolve(SUMS), manifest.toString());
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
            format.toString(), info.stamp(), Files.size(clip), Output.sha256(clip)));
    written.incrementAndGet();
  }

  private List<Path> rewrite(List<Listed> lists, Map<Path, Checked> videos) throws IOException {
    List<Path> rewritten = new ArrayList<>();
    for (Listed listed : lists) {
      List<Entry> entries = new ArrayList<>();
      for (Entry entry : listed.list.videos()) {
        Path path = entry.path().toAbsolutePath().normalize();
        Path clip = videos.get(path).clip();
        entries.add(
            new Entry(clip == null ? path : clip, entry.label(), entry.part(), entry.source()));
      }
      Path file = output.resolve(listed.name);
      Path part = output.resolve(".new-" + listed.name);
      try {
        new VideoList(listed.name, entries, 0, List.of()).write(part, output);
      } catch (IllegalArgumentException e) {
        // Windows of time, or a list of two kinds of lines.
        notes.add(listed.name + " is not rewritten: " + e.getMessage());
        continue;
      }
      Output.write(file, Files.readString(part));
      Files.delete(part);
      rewritten.add(file);
      if (!listed.list.classNames().isEmpty()) {
        Output.write(
            output.resolve("classes.txt"), String.join("\n", listed.list.classNames()) + "\n");
      }
    }
    return rewritten;
  }

  private List<Path> files(List<Listed> lists, List<Path> rewritten) {
    List<Path> files = new ArrayList<>(rewritten);
    files.add(output.resolve(VideoTable.NAME));
    if (lists.stream().anyMatch(listed -> !listed.list.classNames().isEmpty())) {
      files.add(output.resolve("classes.txt"));
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
