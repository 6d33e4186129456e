package dev.tenzing.engine.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Locale;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs test classes without Maven, as a bundle does on a machine with a GPU: a line a class, and a
 * line a test that failed or could not run. Ends with 1 when a test failed or a class ran none.
 *
 * <p>Arguments: names of classes in {@code dev.tenzing.engine}, such as {@code
 * cuda.LargeSizesTest}.
 */
public final class GpuTestRun implements TestExecutionListener {
  private int passed;
  private int failed;
  private int skipped;

  private GpuTestRun() {}

  /** Runs the classes and exits. */
  public static void main(String[] classes) throws ClassNotFoundException {
    boolean good = true;
    for (String name : classes) {
      good &= new GpuTestRun().run(Class.forName("dev.tenzing.engine." + name));
    }
    System.exit(good ? 0 : 1);
  }

  private boolean run(Class<?> test) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(test)).build();
    long start = System.nanoTime();
    LauncherFactory.create().execute(request, this);
    String outcome = failed > 0 ? "FAIL" : passed == 0 ? "none" : "pass";
    System.out.printf(
        Locale.ROOT,
        "%s  %s  %d passed, %d failed, %d skipped, %.1f s%n",
        outcome,
        test.getSimpleName(),
        passed,
        failed,
        skipped,
        (System.nanoTime() - start) / 1e9);
    return outcome.equals("pass");
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    skip(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    Optional<Throwable> cause = result.getThrowable();
    switch (result.getStatus()) {
      case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
      case ABORTED -> skip(test, cause.map(Throwable::getMessage).orElse("aborted"));
      case FAILED -> {
        failed++;
        System.out.println("  FAIL " + name(test) + ": " + cause.map(String::valueOf).orElse(""));
        cause.ifPresent(GpuTestRun::printFrames);
      }
    }
  }

  private void skip(TestIdentifier test, String reason) {
    skipped++;
    System.out.println("  skip " + name(test) + ": " + reason);
  }

  /** A method's own name says little when it has parameters. */
  private static String name(TestIdentifier test) {
    String id = test.getUniqueId();
    return id.substring(id.lastIndexOf("/[") + 1) + " " + test.getDisplayName();
  }

  private static void printFrames(Throwable cause) {
    StackTraceElement[] frames = cause.getStackTrace();
    for (int i = 0, printed = 0; i < frames.length && printed < 6; i++) {
      if (frames[i].getClassName().startsWith("dev.tenzing")) {
        System.out.println("       at " + frames[i]);
        printed++;
      }
    }
  }
}
