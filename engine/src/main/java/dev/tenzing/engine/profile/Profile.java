package dev.tenzing.engine.profile;

import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Cost;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Time and work of the kernels of some steps.
 *
 * <pre>{@code
 * try (Profile profile = device.profile()) {
 *   for (int i = 0; i < 10; i++) {
 *     profile.begin();
 *     ... // a training step
 *     profile.end();
 *   }
 *   profile.kernels().forEach(System.out::println);
 * }
 * }</pre>
 *
 * <p>What runs outside of begin and end is not counted. Figures are a step's: the mean of the
 * middle half of the steps by their time, so that neither a stray slow step nor a lucky one shows
 * and rows still add up.
 */
public final class Profile implements AutoCloseable {
  private final Backend backend;
  private final Runnable onClose;
  private final List<ProfiledStep> steps = new ArrayList<>();
  private Map<Key, Work> current;
  private long start;

  private Profile(Backend backend, Runnable onClose) {
    this.backend = backend;
    this.onClose = onClose;
  }

  /** Which rows belong together. */
  private record Key(String kernel, String shape) {}

  /** Sums over calls, of one step or of several. */
  private static final class Work {
    private long calls;
    private long nanos;
    private long flops;
    private long bytes;

    void add(long calls, long nanos, long flops, long bytes) {
      this.calls += calls;
      this.nanos += nanos;
      this.flops += flops;
      this.bytes += bytes;
    }

    void add(Work other) {
      add(other.calls, other.nanos, other.flops, other.bytes);
    }
  }

  private record ProfiledStep(Map<Key, Work> work, long nanos) {}

  /**
   * Begins the profile of a back end.
   *
   * @param backend what is profiled
   * @param use is handed the back end to use instead, and the former one when the profile is closed
   */
  public static Profile of(Backend backend, Consumer<Backend> use) {
    if (backend instanceof ProfiledBackend) {
      throw new IllegalStateException(backend.name() + " is being profiled already");
    }
    Profile profile = new Profile(backend, () -> use.accept(backend));
    use.accept(new ProfiledBackend(backend, profile));
    return profile;
  }

  /** Measures what this device reaches at most, in a few seconds. */
  public Peaks peaks() {
    return Peaks.measure(backend);
  }

  /** A step begins. */
  public void begin() {
    backend.synchronize();
    current = new LinkedHashMap<>();
    start = System.nanoTime();
  }

  /** The step that was begun ends. */
  public void end() {
    backend.synchronize();
    steps.add(new ProfiledStep(current, System.nanoTime() - start));
    current = null;
  }

  void add(String kernel, Cost cost, long nanos) {
    if (current != null) {
      current
          .computeIfAbsent(new Key(kernel, cost.shape()), key -> new Work())
          .add(1, nanos, cost.flops(), cost.bytes());
    }
  }

  /** Wall time of a step in nanoseconds; 0 before there was one. */
  public double stepNanos() {
    return middle().stream().mapToLong(ProfiledStep::nanos).average().orElse(0);
  }

  /** A row a kernel, the longest first. */
  public List<KernelWork> kernels() {
    return rows(key -> new Key(key.kernel, ""));
  }

  /** A row for each shape of each matrix product and attention, the longest first. */
  public List<KernelWork> shapes() {
    return rows(Function.identity()).stream().filter(row -> !row.shape().isEmpty()).toList();
  }

  private List<KernelWork> rows(Function<Key, Key> merge) {
    List<ProfiledStep> middle = middle();
    Map<Key, Work> sums = new LinkedHashMap<>();
    for (ProfiledStep step : middle) {
      step.work.forEach(
          (key, work) -> sums.computeIfAbsent(merge.apply(key), k -> new Work()).add(work));
    }
    double count = middle.size();
    List<KernelWork> rows = new ArrayList<>();
    sums.forEach((key, work) ->
        rows.add(
            new KernelWork(
                key.kernel,
                key.shape,
                work.calls / count,
                work.nanos / count,
                work.flops / count,
                work.bytes / count)));
    rows.sort(Comparator.comparingDouble(KernelWork::nanos).reversed());
    return rows;
  }

  private List<ProfiledStep> middle() {
    List<ProfiledStep> sorted = new ArrayList<>(steps);
    sorted.sort(Comparator.comparingLong(ProfiledStep::nanos));
    int quarter = sorted.size() / 4;
    return sorted.subList(quarter, sorted.size() - quarter);
  }

  /** The device runs as before; what was counted stays. */
  @Override
  public void close() {
    onClose.run();
  }
}
