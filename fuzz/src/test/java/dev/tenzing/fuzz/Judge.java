package dev.tenzing.fuzz;

import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Errors;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What is accepted of a parser: success, or what a user reads as one sentence without Java. */
public final class Judge {
  /** Bytes of memory that a byte of input may cost: a line may be one letter, and an error. */
  static final long BYTES_FOR_A_BYTE = 2000;

  /** Seconds of processor time that an input may cost. */
  static final double SECONDS = 2;

  /** Letters of a sentence; a name out of a file may be part of it, a whole file may not. */
  private static final int LONGEST = 2000;

  private static final String PROGRAM = "tenzing: ";
  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");
  private static final Pattern JAVA =
      Pattern.compile(
          "\\b(?:java|javax|jdk|sun|dev\\.tenzing|org\\.\\w+)\\.\\w+\\.|\\w(?:Exception|Error)\\b"
              + "|Cannot (?:invoke|read field|assign|load from|store to|throw|enter)"
              + "|out of bounds|Input length =|For input string|cannot be cast"
              + "|\\[[BCDFIJSZ]@|@[0-9a-f]{6,}|\\bnull\\b|Malformed input|No enum constant"
              + "|(?:Index|index|Begin|begin) \\d+|capacity|overflow");

  private Judge() {}

  /**
   * What a user would complain of in the end of a command by {@code error}; null for nothing.
   *
   * @param input whose words a sentence may repeat
   * @param folder where files are, of which it has to name one; null when it need not
   */
  public static String complaint(Throwable error, byte[] input, String folder) {
    if (error instanceof AssertionError wrong) {
      return "wrong result: " + wrong.getMessage();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code = Errors.report(error, new Console(err, err, false, false), err, false);
    return complaint(code, bytes.toString(StandardCharsets.UTF_8), input, folder);
  }

  /** The same of what a command printed on stderr, which ended with {@code code}. */
  public static String complaint(int code, String printed, byte[] input, String folder) {
    String sentence = printed.endsWith("\n") ? printed.substring(0, printed.length() - 1) : printed;
    if (code != Errors.FAILED && code != Errors.USAGE) {
      return "exit code " + code;
    }
    if (!sentence.startsWith(PROGRAM) || sentence.length() < PROGRAM.length() + 10) {
      return "no sentence: " + sentence;
    }
    if (sentence.startsWith(PROGRAM + "unexpected ")
        || sentence.startsWith(PROGRAM + "the Java heap ")) {
      return sentence;
    }
    if (folder != null && !sentence.contains(folder)) {
      return "a sentence that names no file: " + sentence;
    }
    if (sentence.chars().anyMatch(letter -> Character.isISOControl(letter) || letter == 0x2028)) {
      return "a control character or a second line: " + sentence;
    }
    if (sentence.length() > LONGEST) {
      return "a sentence of %d letters: %s…"
          .formatted(sentence.length(), sentence.substring(0, 200));
    }
    String own = QUOTED.matcher(sentence).replaceAll("\"\"");
    String said = new String(input, StandardCharsets.ISO_8859_1);
    return JAVA.matcher(own).results().anyMatch(match -> !said.contains(match.group()))
        ? "Java in a sentence: " + sentence
        : null;
  }
}
