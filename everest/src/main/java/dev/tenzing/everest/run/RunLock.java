package dev.tenzing.everest.run;

import dev.tenzing.engine.io.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One process a folder: a file in it that is locked while the process lives, and says who that is.
 * The system takes the lock of a process that died, so the next one takes the folder over. Where a
 * file system knows no locks, a process of this machine that still lives keeps the others out.
 *
 * <p>A folder that was made for the lock, and has nothing else in it, goes with it.
 */
public final class RunLock implements AutoCloseable {
  /** The file's name. */
  public static final String FILE = "tenzing.lock";

  /** Beyond the text, which others must be able to read where locks are mandatory. */
  private static final long PLACE = Long.MAX_VALUE - 1;

  private static final int LONGEST = 1 << 14;

  /** Folders of this process: to open a file that it has locked would give the lock up. */
  private static final Map<Path, String> HELD = new ConcurrentHashMap<>();

  private final Path folder;
  private final Path real;
  private final List<Path> made;
  private final FileChannel channel;
  private final Thread atExit = new Thread(this::release);

  private RunLock(Path folder, Path real, List<Path> made, FileChannel channel) {
    this.folder = folder;
    this.real = real;
    this.made = made;
    this.channel = channel;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Takes a folder, which is made if it is not there.
   *
   * @param command what this process does, for people
   * @throws RunInUseException when another process has it
   * @throws IOException when it cannot be written
   */
  public static RunLock acquire(Path folder, String command) throws IOException {
    List<Path> made = make(folder);
    Path real = folder.toRealPath();
    String owner = owner(command);
    String holder = HELD.putIfAbsent(real, owner);
    if (holder != null) {
      throw inUse(folder, holder);
    }
    FileChannel channel = null;
    try {
      channel = lock(folder);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)), 0);
      return new RunLock(folder, real, made, channel);
    } catch (IOException | RuntimeException e) {
      HELD.remove(real);
      if (channel != null) {
        channel.close();
      }
      unmake(made);
      throw e;
    }
  }

  private static FileChannel lock(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    while (true) {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      try {
        if (!isFree(channel)) {
          throw inUse(folder, text(channel));
        }
        // Whoever had it may have deleted the file between its opening and its lock.
        if (isAt(channel, file)) {
          return channel;
        }
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
      channel.close();
    }
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock(PLACE, 1, false);
      return lock != null;
    } catch (IOException e) { // The file system has no locks.
      return !lives(text(channel));
    }
  }

  /**
   * Whether the file that a channel has locked still has that name: what is written into the one
   * shows at the other. It is not opened a second time, because closing that gives the lock up.
   */
  private static boolean isAt(FileChannel channel, Path file) throws IOException {
    int length = 1 + Math.floorMod(System.nanoTime(), LONGEST);
    channel.truncate(0);
    channel.write(ByteBuffer.allocate(length), 0);
    try {
      return Files.size(file) == length;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static String owner(String command) {
    Map<String, Object> owner = new LinkedHashMap<>();
    owner.put("pid", ProcessHandle.current().pid());
    owner.put("host", host());
    owner.put("started", started(ProcessHandle.current()));
    owner.put("command", command);
    return Json.write(owner) + "\n";
  }

  private static String started(ProcessHandle process) {
    return process.info().startInstant().orElse(Instant.EPOCH).toString();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "this machine";
    }
  }

  private static boolean lives(String owner) {
    Map<String, Object> map = parse(owner);
    return map.get("pid") instanceof Number pid
        && host().equals(map.get("host"))
        && ProcessHandle.of(pid.longValue())
            .filter(process -> started(process).equals(map.get("started")))
            .isPresent();
  }

  private static RunInUseException inUse(Path folder, String owner) {
    Map<String, Object> map = parse(owner);
    String who = "another process";
    if (map.get("pid") instanceof Number pid) {
      who =
          "process %s on %s, %s, started %s"
              .formatted(pid.longValue(), map.get("host"), map.get("command"), time(map));
    }
    return new RunInUseException(
        folder
            + " is in use by "
            + who
            + "; wait until it ends, stop it, or choose another --output");
  }

  /** As {@code 2026-11-28 21:14:56 UTC}. */
  private static String time(Map<String, Object> owner) {
    return String.valueOf(owner.get("started"))
        .replace('T', ' ')
        .replaceFirst("(\\.\\d+)?Z$", " UTC");
  }

  private static Map<String, Object> parse(String owner) {
    try {
      return Json.parseObject(owner);
    } catch (IllegalArgumentException e) { // It is being written.
      return Map.of();
    }
  }

  private static String text(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(LONGEST);
    channel.read(text, 0);
    return new String(text.array(), 0, text.position(), StandardCharsets.UTF_8);
  }

  /** Makes a folder and those above it; returns the new ones, the innermost first. */
  private static List<Path> make(Path folder) throws IOException {
    List<Path> made = new ArrayList<>();
    Path missing = folder.toAbsolutePath().normalize();
    while (missing != null && !Files.exists(missing)) {
      made.add(missing);
      missing = missing.getParent();
    }
    Files.createDirectories(folder);
    return made;
  }

  private static void unmake(List<Path> made) {
    try {
      for (Path folder : made) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      // There is something in it: it stays.
    }
  }

  /** Gives the folder back. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      return; // The process is ending and the hook does it.
    }
    release();
  }

  private void release() {
    try {
      Files.deleteIfExists(folder.resolve(FILE));
      channel.close();
    } catch (IOException e) {
      // The lock ends with the process, and the next one takes the file over.
    }
    HELD.remove(real);
    unmake(made);
  }
}
