package dev.tenzing.jmh;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.profile.Peaks;
import dev.tenzing.engine.profile.Profile;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/**
 * Runs benchmarks as JMH's own main class does, with its options, and then prints a table beside
 * what the machine reaches on as many threads.
 */
public final class KernelRun {
  private static final String THREADS = "threads";

  private final Map<String, Peaks> peaks = new HashMap<>();

  private KernelRun() {}

  /** Takes JMH's options; {@code -h} lists them. */
  public static void main(String[] arguments)
      throws RunnerException, CommandLineOptionException, IOException {
    CommandLineOptions options = new CommandLineOptions(arguments);
    if (options.shouldHelp()) {
      options.showHelp();
    } else if (options.shouldList()) {
      new Runner(options).list();
    } else {
      new KernelRun().print(new Runner(options).run());
    }
  }

  private void print(Collection<RunResult> results) {
    print(
        "%n%-38s %-28s %7s %12s %8s %6s %8s %6s%n",
        "kernel", "", THREADS, "us a call", "GFLOP/s", "peak", "GB/s", "copy");
    results.forEach(this::print);
    peaks.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry ->
            print(
                "peak of %s threads: %.0f GFLOP/s, %s; copy: %.1f GB/s read and written%n",
                entry.getKey(),
                entry.getValue().gflopsPerSecond(),
                entry.getValue().arithmetic(),
                entry.getValue().gigabytesPerSecond()));
  }

  private void print(RunResult result) {
    BenchmarkParams parameters = result.getParams();
    String threads = parameters.getParam(THREADS);
    Peaks most = peaks.computeIfAbsent(threads, KernelRun::measure);
    double gflops = score(result, "gflop");
    double gigabytes = score(result, "gb");
    print(
        "%-38s %-28s %7s %12.1f %8s %6s %8.1f %4.0f %%%n",
        parameters.getBenchmark().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1"),
        parameters.getParamsKeys().stream()
            .filter(key -> !key.equals(THREADS))
            .map(key -> key + " " + parameters.getParam(key))
            .collect(Collectors.joining(", ")),
        threads,
        1e6 / result.getPrimaryResult().getScore(),
        gflops == 0 ? "" : format("%.0f", gflops),
        gflops == 0 ? "" : format("%.0f %%", 100 * gflops / most.gflopsPerSecond()),
        gigabytes,
        100 * gigabytes / most.gigabytesPerSecond());
  }

  private static double score(RunResult result, String counter) {
    Result<?> counted = result.getSecondaryResults().get(counter);
    return counted == null ? 0 : counted.getScore();
  }

  private static Peaks measure(String threads) {
    try (Device device = Device.cpu(Integer.parseInt(threads));
        Profile profile = device.profile()) {
      return profile.peaks();
    }
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static void print(String format, Object... values) {
    System.out.print(format(format, values));
  }
}
