package dev.tenzing.tools.cli;

import dev.tenzing.everest.run.StopRequest;
import java.util.List;

/**
 * What Ctrl-C and the signals do by which a system ends a program. Work that can be saved is asked
 * to; other work is stopped at once, with a sentence. A second signal stops at once in any case.
 */
public final class Signals {
  /** Signals that are obeyed; Windows has no HUP. */
  private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

  private static final int EXIT = 128;

  private static volatile Signals current = new Signals(null);

  private final Console console;
  private volatile String atOnce = "stopped";
  private volatile StopRequest request;
  private volatile String cause = "";
  private volatile int code;
  private int received;

  private Signals(Console console) {
    this.console = console;
  }

  /** Obeys the signals of this process from now on. */
  public static void listen() {
    for (String name : NAMES) {
      SystemSignals.handle(name, number -> raise(name, number));
    }
  }

  /** A command begins that talks to {@code console}. */
  public static void begin(Console console) {
    current = new Signals(console);
  }

  /** What is said when this command is stopped at once, from now on. */
  public static void atOnce(String sentence) {
    current.atOnce = sentence;
  }

  /**
   * From now on a signal asks for an end.
   *
   * @param request that is asked; null for none, to be stopped at once
   */
  public static void graceful(StopRequest request) {
    current.request = request;
  }

  /** How work ends that a signal asked to. */
  public static StoppedException stopped(String whatIsLeft) {
    return new StoppedException(current.code, "stopped by " + current.cause + " " + whatIsLeft);
  }

  /** As if the process got a signal. */
  static void raise(String name, int number) {
    current.receive(name, EXIT + number);
  }

  private synchronized void receive(String name, int exitCode) {
    received++;
    String spoken = name.equals("INT") ? "Ctrl-C" : "SIG" + name;
    if (received == 1 && request != null) {
      cause = spoken;
      code = exitCode;
      request.ask();
      console.note(
          spoken + ": finishing this step and saving; once more stops at once, without saving");
      return;
    }
    if (received > 1) {
      if (request != null && console != null) {
        console.note("stopped at once; what was saved before is kept");
      }
      Runtime.getRuntime().halt(exitCode);
    }
    if (console != null) {
      console.fail(atOnce + " (" + spoken + ")");
    }
    // The handler's thread must not wait for hooks, or a second signal could not be heard.
    Thread.ofPlatform().start(() -> System.exit(exitCode));
  }
}
