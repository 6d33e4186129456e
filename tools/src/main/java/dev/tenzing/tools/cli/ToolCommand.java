package dev.tenzing.tools.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command: its options are annotated fields, its work is {@link #run}. */
public abstract class ToolCommand {
  /** The options every command has. */
  @Mixin protected CommonOptions common;

  /** This command as the parser sees it; {@link OptionValues#of} reads what it was given. */
  @Spec protected CommandSpec spec;

  /**
   * Does the work and prints it.
   *
   * @throws UsageException for a request that is impossible (exit code 2)
   * @throws FailureException for one that failed (exit code 1)
   * @throws Exception anything else; see {@link Errors}
   */
  protected abstract void run(Console console) throws Exception;

  /** The options every command has. */
  public final CommonOptions common() {
    return common;
  }

  /** Runs the command and completes its output. */
  public final void execute(Console console) throws Exception {
    run(console);
    console.close();
  }
}
