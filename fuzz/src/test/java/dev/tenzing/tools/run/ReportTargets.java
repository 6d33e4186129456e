package dev.tenzing.tools.run;

import dev.tenzing.everest.training.MetricsLog;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.fuzz.TextMutation;
import dev.tenzing.tools.report.HtmlReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reports of runs whose logs are damaged. */
public final class ReportTargets {
  private static final Pattern BROKEN_CURVE = Pattern.compile("=\"[^\"]*(?:NaN|Infinity)");

  private ReportTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(new Target("report", 5, ReportTargets::report));
  }

  private static Attack report(Path folder) {
    RunFolder run = new RunFolder(folder);
    String log =
        "{\"step\":1,\"epoch\":0.5,\"loss\":2.5,\"lr\":1e-3,\"grad_norm\":1,\"clips_per_s\":9}\n"
            + "{\"step\":2,\"epoch\":1,\"loss\":1.5,\"lr\":1e-3,\"grad_norm\":1,\"clips_per_s\":9}\n";
    return Attack.onFile(
            run.metrics(),
            List.of(log.getBytes(StandardCharsets.UTF_8)),
            Mutation.anyOf(
                TextMutation.with("step", "loss", "lr", "grad_norm", "clips_per_s", "null", "{"),
                ByteMutation.with("{", "}", "\n", "\"", "\u0000", "\u00c3", "1e308")),
            file -> {
              List<Map<String, Object>> lines = MetricsLog.read(run, damage -> {});
              HtmlReport page = new HtmlReport("a run", "made up");
              RunReport.curves(page, lines);
              page.write(run.report());
              if (BROKEN_CURVE.matcher(Files.readString(run.report())).find()) {
                throw new AssertionError("a curve has points that are none");
              }
            })
        .allowing(16 << 20);
  }
}
