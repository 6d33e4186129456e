/**
 * The {@code tenzing} command line. {@link dev.tenzing.tools.Main} finds the command in the one
 * table, {@link dev.tenzing.tools.Commands}, parses its options, runs it, and turns whatever
 * happens into an exit code and at most one sentence.
 *
 * <p>To add a command: write a class in {@code dev.tenzing.tools.command} that extends {@link
 * dev.tenzing.tools.cli.ToolCommand}, and one line in {@link dev.tenzing.tools.Commands}:
 *
 * <pre>{@code
 * @Command
 * public final class Count extends ToolCommand {
 *   @Option(names = "--data", required = true, paramLabel = "LIST", description = "list of videos")
 *   private Path data;
 *
 *   @Override
 *   protected void run(Console console) throws IOException {
 *     List<String> lines = Files.readAllLines(data);          // an IOException becomes a sentence
 *     if (lines.isEmpty()) {
 *       throw new UsageException(data + " names no video");   // exit code 2; FailureException is 1
 *     }
 *     try (Progress progress = console.progress("count", lines.size())) {
 *       progress.update(1, 1, 0, "loss 0.7");                 // as often as wanted
 *     }
 *     console.print(lines.size() + " videos");                // for people
 *     console.result(Map.of("videos", lines.size()));         // for --json: once, a record or a map
 *   }
 * }
 * }</pre>
 *
 * <p>The common options come with it ({@code --json --device --threads --seed --config --debug});
 * every option can also be given in the YAML file of {@code --config}, under its name without the
 * dashes.
 */
package dev.tenzing.tools;
