package dev.tenzing.tools.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.everest.run.StopRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class SignalsTest {
  @Test
  void theFirstSignalAsksAndTheExitCodeNamesIt() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new PrintStream(new ByteArrayOutputStream()), new PrintStream(err), false, false);
    StopRequest request = new StopRequest();
    Signals.begin(console);
    Signals.graceful(request);
    assertFalse(request.asked());
    Signals.raise("TERM", 15);
    assertTrue(request.asked());
    assertTrue(err.toString().contains("SIGTERM: finishing this step"), err::toString);
    StoppedException stopped = Signals.stopped("after step 2");
    assertEquals(143, Errors.report(stopped, console, new PrintStream(err), false));
    assertTrue(err.toString().contains("stopped by SIGTERM after step 2"), err::toString);
    Signals.begin(null);
  }
}
