package dev.tenzing.tools.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class ParserTest {
  enum Method {
    EVEREST,
    VIDEOMAE
  }

  @Command
  static final class Train extends ToolCommand {
    @Option(names = "--data", required = true, paramLabel = "LIST")
    Path data;

    @Option(names = "--batch", defaultValue = "8")
    int batch;

    @Option(names = "--strict")
    boolean strict;

    @Option(names = "--betas", split = ",", defaultValue = "0.9,0.95")
    List<Double> betas;

    @Option(names = "--method", defaultValue = "everest")
    Method method;

    @Override
    protected void run(Console console) {}
  }

  @TempDir private Path folder;

  private static Train parse(String... words) throws IOException {
    Train train = new Train();
    new Parser(train, "train", "Trains.").parse(List.of(words), System.out);
    return train;
  }

  private Path config(String text) throws IOException {
    return Files.writeString(folder.resolve("run.yaml"), text);
  }

  private static String complaint(String... words) {
    return assertThrows(UsageException.class, () -> parse(words)).getMessage();
  }

  @Test
  void optionsAndDefaults() throws IOException {
    Train train = parse("--data", "a list.csv", "--method", "VideoMAE", "--seed", "-3");
    assertEquals(Path.of("a list.csv"), train.data);
    assertEquals(8, train.batch);
    assertEquals(Method.VIDEOMAE, train.method);
    assertEquals(-3, train.common().seed());
  }

  @Test
  void nothingIsPutIntoTheValuesOfAFile() throws IOException {
    for (String value : List.of("${sys:user.home}/a", "${env:PATH}", "${}", "$${x}", "$x", "${x")) {
      Path file = config("data: '" + value + "'\n");
      assertEquals(Path.of(value), parse("--config", file.toString()).data);
    }
  }

  @Test
  void missingOptionsAreNamed() {
    assertEquals("train needs --data LIST", complaint());
    assertEquals("train needs --data LIST", complaint("--data", "--strict"));
  }

  @Test
  void anOptionGivenTwiceIsAnError() {
    assertTrue(complaint("--data", "x", "--batch", "1", "--batch", "2").contains("--batch"));
  }

  @Test
  void argumentsBeginningWithAtAreNotFilesOfArguments() throws IOException {
    assertEquals(Path.of("@list"), parse("--data", "@list").data);
  }

  @Test
  void helpIsPrintedInsteadOfRunning() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Parser parser = new Parser(new Train(), "train", "Trains.");
    assertFalse(parser.parse(List.of("--help"), new PrintStream(out)));
    assertTrue(out.toString().startsWith("Usage: tenzing train"), out.toString());
    assertTrue(out.toString().indexOf("--data") < out.toString().indexOf("--device"));
  }

  @Test
  void aConfigurationGivesDefaultsThatTheCommandLineOverrides() throws IOException {
    Path file = config("data: v.csv\nbatch: 16\nstrict: true\nbetas: [0.8, 0.9]\nseed: 5\n");
    Train train = parse("--config", file.toString(), "--batch", "4");
    assertEquals(Path.of("v.csv"), train.data);
    assertEquals(4, train.batch);
    assertTrue(train.strict);
    assertEquals(List.of(0.8, 0.9), train.betas);
    assertEquals(5, train.common().seed());
    assertEquals(16, parse("--config=" + file).batch);
  }

  @Test
  void configurationErrorsNameFileLineAndKey() throws IOException {
    Path file = config("data: v.csv\n\nbach: 16\n");
    assertEquals(
        file + " line 3: bach is no option of tenzing train; did you mean batch?",
        complaint("--config", file.toString()));
    config("data: v.csv\nbatch: many\n");
    assertEquals(
        file + " line 2: Invalid value for option '--batch': 'many' is not an int",
        complaint("--config", file.toString()));
    config("json: true\n");
    assertTrue(complaint("--config", file.toString()).contains("line 1: json is no option"));
  }

  @Test
  void aMissingConfigurationIsNamed() {
    assertThrows(
        NoSuchFileException.class, () -> parse("--config", folder.resolve("none").toString()));
  }

  @Test
  void valuesWrittenAsAConfigurationReadBackTheSame() throws IOException {
    Train train = new Train();
    List<String> words =
        List.of("--data", "on: off #1.csv", "--strict", "--betas", "0.5,0.25", "--seed", "7");
    new Parser(train, "train", "Trains.").parse(words, System.out);
    Path file = folder.resolve("config.yaml");
    Map<String, Object> values = OptionValues.of(train.spec);
    YamlConfig.write(file, "tenzing train", values);
    Train again = parse("--config", file.toString());
    assertEquals(values, OptionValues.of(again.spec));
    assertEquals(Path.of("on: off #1.csv"), again.data);
    assertEquals(List.of(0.5, 0.25), again.betas);
    assertTrue(again.strict);
    assertFalse(values.containsKey("json"));
  }
}
