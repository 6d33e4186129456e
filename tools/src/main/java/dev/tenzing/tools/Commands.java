package dev.tenzing.tools;

import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.command.Doctor;
import java.util.List;
import java.util.function.Supplier;

/** The commands of {@code tenzing}. */
final class Commands {
  /** All of them, in the order of the help. */
  static final List<Entry> ALL =
      List.of(new Entry("doctor", "Says what this machine offers.", Doctor::new));

  private Commands() {}

  /**
   * A command.
   *
   * @param name what the user types
   * @param summary its line of help
   * @param create makes it; called only for the command that runs, so that the others cost no
   *     start-up time
   */
  record Entry(String name, String summary, Supplier<ToolCommand> create) {}
}
