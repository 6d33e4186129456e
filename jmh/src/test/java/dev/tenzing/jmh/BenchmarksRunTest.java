package dev.tenzing.jmh;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs, once and on tiny arrays. */
class BenchmarksRunTest {
  @Test
  void everyBenchmarkRunsAndCounts() throws RunnerException {
    // Another run on this machine does not disturb: nothing is timed here.
    System.setProperty("jmh.ignoreLock", "true");
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(1))
                    .mode(Mode.Throughput)
                    .timeUnit(TimeUnit.SECONDS)
                    .param("threads", "1")
                    .param("shape", "2x3x5")
                    .param("tokens", "3")
                    .param("headSize", "8")
                    .param("rows", "2")
                    .param("places", "3")
                    .param("width", "5")
                    .param("size", "16")
                    .param("parameters", "7")
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    assertFalse(results.isEmpty());
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      assertTrue(result.getSecondaryResults().get("gb").getScore() > 0, name);
    }
  }
}
