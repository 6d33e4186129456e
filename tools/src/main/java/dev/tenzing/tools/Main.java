package dev.tenzing.tools;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code tenzing} command. */
@Command(
    name = "tenzing",
    description = "Trains and runs masked video autoencoders.",
    mixinStandardHelpOptions = true)
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }
}
