package dev.tenzing.tools.command;

import dev.tenzing.engine.profile.KernelWork;
import dev.tenzing.engine.profile.Peaks;
import dev.tenzing.engine.profile.Profile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A profile for people and for {@code --json}: a row a kernel, what is left outside of kernels, the
 * total, and a row for each shape of matrix products and attention.
 *
 * @param profile of some steps
 * @param peaks of the device they ran on
 * @param waited whether kernels were waited for that usually are not
 */
record ProfileTable(Profile profile, Peaks peaks, boolean waited) {
  private static final String TOTAL = "total";
  private static final String HEAD =
      "%-36s %6s %9s %7s %9s %8s %6s %9s %7s %6s"
          .formatted("", "calls", "ms", "share", "GFLOP", "GFLOP/s", "peak", "MB", "GB/s", "copy");

  /** Text, a line each. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT, "where a step of %.1f ms goes, kernel by kernel", milliseconds()));
    lines.add(HEAD);
    profile.kernels().forEach(row -> lines.add(line(row)));
    lines.add("%-36s %6s %s".formatted("outside kernels", "", time(outsideNanos())));
    lines.add(line(total()));
    lines.add("");
    lines.add("matrix products (M x N x K) and attention (B x N x H x D) by shape");
    lines.add(HEAD);
    profile.shapes().forEach(row -> lines.add(line(row)));
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "peak: %.0f GFLOP/s, %s; copy: %.1f GB/s read and written",
            peaks.gflopsPerSecond(),
            peaks.arithmetic(),
            peaks.gigabytesPerSecond()));
    if (waited) {
      lines.add(
          "each kernel was waited for and no step captured, so steps take less time in training");
    }
    return lines;
  }

  /** The same for {@code --json}. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step_ms", milliseconds());
    json.put("waited", waited);
    json.put("outside_kernels_ms", outsideNanos() / 1e6);
    json.put("peak_gflops_per_s", peaks.gflopsPerSecond());
    json.put("peak_arithmetic", peaks.arithmetic());
    json.put("copy_gb_per_s", peaks.gigabytesPerSecond());
    json.put("kernels", profile.kernels().stream().map(this::json).toList());
    json.put("shapes", profile.shapes().stream().map(this::json).toList());
    json.put(TOTAL, json(total()));
    return json;
  }

  private double milliseconds() {
    return profile.stepNanos() / 1e6;
  }

  /** Allocation, recording, draws of masks, and all else that the host does. */
  private double outsideNanos() {
    return profile.stepNanos() - profile.kernels().stream().mapToDouble(KernelWork::nanos).sum();
  }

  private KernelWork total() {
    double calls = 0;
    double flops = 0;
    double bytes = 0;
    for (KernelWork row : profile.kernels()) {
      calls += row.calls();
      flops += row.flops();
      bytes += row.bytes();
    }
    return new KernelWork(TOTAL, "", calls, profile.stepNanos(), flops, bytes);
  }

  private String line(KernelWork row) {
    String products =
        row.flops() == 0
            ? " ".repeat(25)
            : String.format(
                Locale.ROOT,
                "%9.2f %8.0f %4.0f %%",
                row.flops() / 1e9,
                row.gflopsPerSecond(),
                100 * row.gflopsPerSecond() / peaks.gflopsPerSecond());
    return String.format(
        Locale.ROOT,
        "%-36s %6.0f %s %s %9.1f %7.1f %4.0f %%",
        (row.kernel() + " " + row.shape()).trim(),
        row.calls(),
        time(row.nanos()),
        products,
        row.bytes() / 1e6,
        row.gigabytesPerSecond(),
        100 * row.gigabytesPerSecond() / peaks.gigabytesPerSecond());
  }

  private String time(double nanos) {
    return String.format(
        Locale.ROOT, "%9.2f %5.1f %%", nanos / 1e6, 100 * nanos / profile.stepNanos());
  }

  private Map<String, Object> json(KernelWork row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kernel", row.kernel());
    if (!row.shape().isEmpty()) {
      json.put("shape", row.shape());
    }
    json.put("calls", row.calls());
    json.put("ms", row.nanos() / 1e6);
    json.put("share", row.nanos() / profile.stepNanos());
    json.put("gflop", row.flops() / 1e9);
    json.put("gflops_per_s", row.gflopsPerSecond());
    json.put("of_peak", row.gflopsPerSecond() / peaks.gflopsPerSecond());
    json.put("mb", row.bytes() / 1e6);
    json.put("gb_per_s", row.gigabytesPerSecond());
    json.put("of_copy", row.gigabytesPerSecond() / peaks.gigabytesPerSecond());
    return json;
  }
}
