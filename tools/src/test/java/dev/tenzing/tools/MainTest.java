package dev.tenzing.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.tools.cli.Stdout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return Main.run(args, new PrintStream(out), new PrintStream(err), false);
  }

  @Test
  void helpListsEveryCommand() {
    assertEquals(0, run("--help"));
    for (Commands.Entry entry : Commands.ALL) {
      assertTrue(out.toString().contains("  " + entry.name() + " "), entry.name());
    }
  }

  @Test
  void everyCommandHasHelpWithItsSummaryAndTheCommonOptions() {
    PrintStream systemErr = System.err;
    ByteArrayOutputStream warnings = new ByteArrayOutputStream();
    for (Commands.Entry entry : Commands.ALL) {
      out.reset();
      // Where picocli complains about a description with a per cent sign.
      System.setErr(new PrintStream(warnings));
      try {
        assertEquals(0, run(entry.name(), "--help"), err.toString());
      } finally {
        System.setErr(systemErr);
      }
      assertEquals("", warnings.toString());
      assertTrue(out.toString().startsWith("Usage: tenzing " + entry.name()), out.toString());
      assertTrue(out.toString().contains(entry.summary()), out.toString());
      assertTrue(out.toString().contains("--json"), out.toString());
    }
  }

  @Test
  void helpOfACommandIsThatCommandsHelp() {
    assertEquals(0, run("pretrain", "--help"));
    String help = out.toString();
    out.reset();
    assertEquals(0, run("help", "pretrain"));
    assertEquals(help, out.toString());
    out.reset();
    assertEquals(0, run("help"));
    assertTrue(out.toString().startsWith("Usage: tenzing COMMAND"), out.toString());
  }

  @Test
  void helpHasGroupsAndNamesWhatMustBeGiven() {
    assertEquals(0, run("pretrain", "--help"));
    String help = out.toString();
    assertTrue(
        help.startsWith("Usage: tenzing pretrain --data LIST_OR_DIR --output RUN [OPTIONS]\n"),
        help);
    assertTrue(help.contains("\nData:\n      --data=LIST_OR_DIR"), help);
    assertTrue(help.contains("\nEvery command:\n      --device=DEVICE"), help);
    for (Commands.Entry entry : Commands.ALL) {
      out.reset();
      assertEquals(0, run(entry.name(), "--help"));
      assertEquals(1, out.toString().split("--json ", -1).length - 1, out.toString());
    }
  }

  @Test
  void doctorWithoutAGpuSaysSoInOneLine() {
    assertEquals(0, run("doctor"));
    List<String> lines = out.toString().lines().toList();
    assumeTrue(lines.stream().anyMatch(line -> line.startsWith("GPU  ")), "here is a GPU");
    assertTrue(lines.getLast().startsWith("GPU              none: "), out.toString());
    out.reset();
    assertEquals(0, run("doctor", "--libraries"));
    assertTrue(out.toString().lines().count() > lines.size() + 4, out.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "help pretrian | no command pretrian; did you mean pretrain?",
        "help pretrain finetune | help takes one command, got pretrain finetune",
        "docter | no command docter; did you mean doctor?",
        "frobnicate | no command frobnicate; tenzing --help lists them",
        "--jsn | expected a command before --jsn; tenzing --help lists them",
        "doctor --jsn | doctor has no option --jsn; did you mean --json?",
        "doctor --jsn=3 | doctor has no option --jsn; did you mean --json?",
        "doctor here | doctor does not take the argument here",
        "doctor --threads | doctor needs --threads N",
        "doctor --threads 0 | --threads must be at least 1, got 0",
        "doctor --threads x | Invalid value for option '--threads': 'x' is not an int",
      })
  void badUsageIsOneSentenceAndExitCode2(String words, String sentence) {
    assertEquals(2, run(words.split(" ")));
    assertEquals("tenzing: " + sentence + "\n", err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void nothingAsksForACommand() {
    assertEquals(2, run());
    assertTrue(err.toString().contains("needs a command"), err.toString());
  }

  @Test
  void jsonIsOneObjectOnStdout() {
    assertEquals(0, run("doctor", "--json", "--threads", "3"));
    JsonObject report = Json.read(out.toString()).getAsJsonObject();
    assertEquals(3, report.get("threads").getAsInt());
    assertTrue(report.getAsJsonObject("memory").get("total_mib").getAsLong() > 0);
    assertEquals(1, out.toString().lines().count());
  }

  @Test
  void jsonHoldsTheErrorToo() {
    assertEquals(2, run("doctor", "--json", "--jsn"));
    JsonObject report = Json.read(out.toString()).getAsJsonObject();
    assertTrue(report.get("error").getAsString().contains("--jsn"), out.toString());
  }

  /** Cuts what is printed off, as a full disk or a reader that ends does. */
  private static final class Broken extends OutputStream {
    private final String why;
    private int room;

    Broken(String why, int room) {
      this.why = why;
      this.room = room;
    }

    @Override
    public void write(int b) throws IOException {
      if (room-- <= 0) {
        throw new IOException(why);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "--version",
        "help",
        "doctor",
        "doctor --json",
        "doctor --help",
        "profile --model tiny",
        "profile --model tiny --json"
      })
  void outputThatCannotBeWrittenIsAFailure(String words) {
    for (int room : new int[] {0, 5}) {
      err.reset();
      PrintStream full = new Stdout(new Broken("No space left on device", room), UTF_8);
      assertEquals(1, Main.run(words.split(" "), full, new PrintStream(err), false));
      String last = err.toString().lines().toList().getLast();
      assertEquals("tenzing: cannot write the output: the disk is full", last);
      err.reset();
      PrintStream closed = new Stdout(new Broken("Broken pipe", room), UTF_8);
      assertEquals(1, Main.run(words.split(" "), closed, new PrintStream(err), false));
      assertFalse(err.toString().contains("cannot write"), err.toString());
      assertEquals(
          1,
          Main.run(
              words.split(" "),
              new PrintStream(new Broken("", room)),
              new PrintStream(err),
              false));
      assertTrue(err.toString().endsWith("tenzing: cannot write the output\n"), err.toString());
    }
  }

  @Test
  void debugShowsTheTrace() {
    assertEquals(2, run("doctor", "--jsn", "--debug"));
    assertTrue(err.toString().contains("\tat dev.tenzing.tools"), err.toString());
  }
}
