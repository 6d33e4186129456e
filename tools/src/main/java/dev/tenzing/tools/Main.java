package dev.tenzing.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Errors;
import dev.tenzing.tools.cli.Parser;
import dev.tenzing.tools.cli.Signals;
import dev.tenzing.tools.cli.Spelling;
import dev.tenzing.tools.cli.Stdout;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import java.io.PrintStream;
import java.util.List;

/** The {@code tenzing} command. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    boolean json = List.of(args).contains("--json");
    // JSON is UTF-8, whatever the terminal is.
    Stdout out = Stdout.ofProcess(json ? UTF_8 : System.out.charset());
    System.setOut(json ? System.err : out); // Whatever a library prints, JSON is alone there.
    Signals.listen();
    System.exit(run(args, out, System.err, Boolean.getBoolean("tenzing.terminal")));
  }

  /**
   * Runs one command.
   *
   * @param terminal whether {@code err} is a terminal
   * @return the exit code: 0 good, 1 failed, 2 bad usage
   */
  static int run(String[] args, PrintStream out, PrintStream err, boolean terminal) {
    int code = execute(List.of(args), out, err, terminal);
    // Printing never throws: only here it shows whether all of it, help and JSON too, arrived.
    return code == 0 && out.checkError() ? Errors.reportUnwritten(out, err) : code;
  }

  private static int execute(
      List<String> words, PrintStream out, PrintStream err, boolean terminal) {
    Console console = new Console(out, err, words.contains("--json"), terminal);
    Signals.begin(console);
    try {
      if (words.isEmpty()) {
        throw new UsageException("needs a command; tenzing --help lists them");
      }
      switch (words.getFirst()) {
        case "-h", "--help" -> out.print(help());
        case "help" -> help(words.subList(1, words.size()), console, out);
        case "-V", "--version" -> out.println("tenzing " + version());
        default -> runCommand(words, console, out);
      }
      return 0;
    } catch (Throwable e) {
      return Errors.report(e, console, err, words.contains("--debug"));
    }
  }

  /** {@code help COMMAND} is {@code COMMAND --help}. */
  private static void help(List<String> words, Console console, PrintStream out) throws Exception {
    List<String> commands = words.stream().filter(word -> !word.startsWith("-")).toList();
    if (commands.size() > 1) {
      throw new UsageException("help takes one command, got " + String.join(" ", commands));
    }
    if (commands.isEmpty()) {
      out.print(help());
    } else {
      runCommand(List.of(commands.getFirst(), "--help"), console, out);
    }
  }

  private static void runCommand(List<String> words, Console console, PrintStream out)
      throws Exception {
    Commands.Entry entry = find(words.getFirst());
    ToolCommand command = entry.create().get();
    Parser parser = new Parser(command, entry.name(), entry.summary());
    if (parser.parse(words.subList(1, words.size()), out)) {
      command.execute(console);
    }
  }

  private static Commands.Entry find(String name) {
    if (name.startsWith("-")) {
      throw new UsageException("expected a command before " + name + "; tenzing --help lists them");
    }
    List<String> names = Commands.ALL.stream().map(Commands.Entry::name).toList();
    if (!names.contains(name)) {
      String hint = Spelling.suggestion(name, names);
      throw new UsageException(
          "no command " + name + (hint.isEmpty() ? "; tenzing --help lists them" : hint));
    }
    return Commands.ALL.get(names.indexOf(name));
  }

  private static String help() {
    StringBuilder text = new StringBuilder();
    text.append("Usage: tenzing COMMAND [OPTIONS]\n");
    text.append("Trains and runs masked video autoencoders.\n\nCommands:\n");
    for (Commands.Entry entry : Commands.ALL) {
      text.append("  %-12s  %s%n".formatted(entry.name(), entry.summary()));
    }
    text.append(
        "\ntenzing help COMMAND and tenzing COMMAND --help list the options of a command.\n");
    return text.toString();
  }

  /** The version of the build, from the jar's manifest. */
  static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "(unpackaged)" : version;
  }
}
