package dev.tenzing.fuzz;

import com.sun.management.ThreadMXBean;
import dev.tenzing.fuzz.Target.Attack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Attacks one target with numbered inputs. An input depends on the target's name, the seed and its
 * number alone. The same defect is told once.
 */
final class Fuzzer {
  /** A parser that takes so much longer than it may is not waited for. */
  private static final int GIVEN_UP = 10;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * How it went.
   *
   * @param inputs judged
   * @param accepted of these
   * @param refused with a sentence
   * @param findings the first input of each defect, in words
   * @param bad inputs with a defect
   * @param seconds spent
   */
  record Report(
      String target,
      long inputs,
      long accepted,
      long refused,
      Map<String, String> findings,
      long bad,
      double seconds) {}

  private final Target target;
  private final long seed;
  private final Path folder;
  private final Path findingsFolder;
  private final Map<String, String> findings = new LinkedHashMap<>();
  private long accepted;
  private long refused;
  private long bad;

  // What the thread that watches looks at.
  private volatile boolean busy;
  private volatile long number;
  private volatile long cpuAtStart;
  private volatile byte[] input;
  private volatile Throwable failure;

  /**
   * @param folder empty, for the target
   * @param findingsFolder where an input that was found is written
   */
  Fuzzer(Target target, long seed, Path folder, Path findingsFolder) {
    this.target = target;
    this.seed = seed;
    this.folder = folder;
    this.findingsFolder = findingsFolder;
  }

  /** Tries the good inputs, which have to be accepted, and then {@code count} damaged ones. */
  Report run(long from, long count) throws Exception {
    long begin = System.nanoTime();
    Thread worker = Thread.ofPlatform().daemon().name("fuzz").unstarted(() -> work(from, count));
    worker.start();
    while (!worker.join(Duration.ofMillis(200))) {
      long used = THREADS.getThreadCpuTime(worker.threadId()) - cpuAtStart;
      if (busy && used > GIVEN_UP * Judge.SECONDS * 1e9) {
        String where =
            Arrays.stream(worker.getStackTrace())
                .map(frame -> "\n    at " + frame)
                .collect(Collectors.joining());
        found("endless", "does not end: given up after %.0f s%s".formatted(used / 1e9, where));
        break;
      }
    }
    if (failure != null) {
      throw new IllegalStateException(target.name() + " cannot be attacked", failure);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new Report(
        target.name(), accepted + refused + bad, accepted, refused, findings, bad, seconds);
  }

  private void work(long from, long count) {
    try {
      Attack attack = target.setup().prepare(folder);
      for (byte[] good : attack.seeds()) {
        attack.parser().parse(good);
      }
      for (long i = from; i < from + count; i++) {
        SplittableRandom random =
            new SplittableRandom(
                seed * 0x9E3779B97F4A7C15L ^ target.name().hashCode() * 0xC2B2AE3D27D4EB4FL ^ i);
        one(attack, i, attack.mutation().mutate(attack.seeds(), random));
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  private void one(Attack attack, long i, byte[] bytes) throws IOException {
    Thread self = Thread.currentThread();
    input = bytes;
    number = i;
    long memoryAtStart = THREADS.getCurrentThreadAllocatedBytes();
    cpuAtStart = THREADS.getThreadCpuTime(self.threadId());
    busy = true;
    Throwable error = null;
    try {
      attack.parser().parse(bytes);
    } catch (Throwable e) {
      error = e;
    }
    double seconds = (THREADS.getThreadCpuTime(self.threadId()) - cpuAtStart) / 1e9;
    long memory = THREADS.getCurrentThreadAllocatedBytes() - memoryAtStart;
    busy = false;
    String complaint =
        error == null
            ? null
            : Judge.complaint(error, bytes, attack.named() ? folder.toString() : null);
    if (complaint != null) {
      StringWriter trace = new StringWriter();
      error.printStackTrace(new PrintWriter(trace));
      found(kind(error), complaint + "\n" + trace);
    } else if (seconds > Judge.SECONDS) {
      found("slow", "takes %.1f s of processor time".formatted(seconds));
    } else if (memory > attack.memory() + Judge.BYTES_FOR_A_BYTE * bytes.length) {
      found("memory", "takes %,d bytes of memory for %,d of input".formatted(memory, bytes.length));
    } else if (error == null) {
      accepted++;
    } else {
      refused++;
    }
  }

  /** Two errors of one type from one place are one defect; wrong results differ by their words. */
  private static String kind(Throwable error) {
    if (error instanceof AssertionError wrong) {
      return String.valueOf(wrong.getMessage()).replaceAll("\\d+|\"[^\"]*\"|/\\S+", "");
    }
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getName()
        + Arrays.stream(root.getStackTrace())
            .filter(frame -> frame.getClassName().startsWith("dev.tenzing."))
            .limit(1)
            .map(frame -> " " + frame)
            .collect(Collectors.joining());
  }

  private void found(String kind, String what) throws IOException {
    bad++;
    if (findings.containsKey(kind)) {
      return;
    }
    Files.createDirectories(findingsFolder);
    Path file = findingsFolder.resolve("%s-%d-%d".formatted(target.name(), seed, number));
    Files.write(file, input);
    findings.put(
        kind, "%s, seed %d, input %d (%s): %s".formatted(target.name(), seed, number, file, what));
  }
}
