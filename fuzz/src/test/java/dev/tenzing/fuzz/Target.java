package dev.tenzing.fuzz;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A parser under attack.
 *
 * @param name on the command line and in findings
 * @param cost how many times fewer inputs it gets than a quick parser
 * @param setup makes what the attack needs
 */
public record Target(String name, int cost, Setup setup) {
  /** Makes an attack. */
  @FunctionalInterface
  public interface Setup {
    /**
     * Makes it.
     *
     * @param folder empty, for files of its own
     */
    Attack prepare(Path folder) throws Exception;
  }

  /** Reads an input to its end, and uses what it held as the program does. */
  @FunctionalInterface
  public interface Parser {
    /** Does it; throws an {@link AssertionError} for a wrong result. */
    void parse(byte[] input) throws Exception;
  }

  /** Reads a file. */
  @FunctionalInterface
  public interface FileParser {
    /** Like {@link Parser#parse}. */
    void parse(Path file) throws Exception;
  }

  /**
   * What is done to a parser.
   *
   * @param seeds good inputs, the same in every process
   * @param mutation damages them
   * @param parser takes what comes of it
   * @param memory bytes that an input may cost beyond {@link Judge#BYTES_FOR_A_BYTE} times its size
   * @param named whether a sentence has to name a file
   */
  public record Attack(
      List<byte[]> seeds, Mutation mutation, Parser parser, long memory, boolean named) {
    /** An attack on a parser that needs little memory of its own. */
    public Attack(List<byte[]> seeds, Mutation mutation, Parser parser) {
      this(seeds, mutation, parser, 4L << 20, false);
    }

    /** An attack on a parser of files. */
    public static Attack onFile(
        Path file, List<byte[]> seeds, Mutation mutation, FileParser parser) {
      Parser writing =
          input -> {
            Files.write(file, input);
            parser.parse(file);
          };
      return new Attack(seeds, mutation, writing, 4L << 20, true);
    }

    /** The same, whose sentences may be about options as well. */
    public Attack unnamed() {
      return new Attack(seeds, mutation, parser, memory, false);
    }

    /** The same with more memory. */
    public Attack allowing(long bytes) {
      return new Attack(seeds, mutation, parser, bytes, named);
    }
  }
}
