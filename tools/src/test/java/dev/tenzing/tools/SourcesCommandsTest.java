package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lists, sources files, label maps and sampling, from the command line. */
class SourcesCommandsTest {
  private static final String TINY =
      " --model tiny --size 32 --stride 2 --batch 2 --threads 1 --log-every 1";

  @TempDir private static Path data;
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(3, 2, 1, 32, 1).write(data, done -> {});
    List<String> train = Files.readAllLines(data.resolve("train.csv"));
    Files.write(data.resolve("one.csv"), train.subList(0, 2));
    Files.write(data.resolve("two.csv"), train.subList(2, 6));
    Files.writeString(
        data.resolve("mix.yaml"),
        """
        sources:
          - {name: one, data: one.csv, stride: 1}
          - {name: two, data: two.csv, weight: 0.5}
        """);
  }

  private int run(String words) {
    out.reset();
    err.reset();
    List<String> arguments = new ArrayList<>(List.of(words.trim().split(" +")));
    return Main.run(
        arguments.toArray(String[]::new), new PrintStream(out), new PrintStream(err), false);
  }

  private JsonObject json(String words) {
    assertEquals(0, run(words + " --json"), err::toString);
    return Json.read(out.toString()).getAsJsonObject();
  }

  private String pretrain(String output, String list, String more) {
    return "pretrain --mask-ratio 0.75 --keep 0.5 --data "
        + data.resolve(list)
        + " --output "
        + folder.resolve(output)
        + TINY
        + " "
        + more;
  }

  /** A sum of every file of the last checkpoint that holds numbers. */
  private Map<String, Integer> bits(String output, int step) throws IOException {
    Map<String, Integer> sums = new TreeMap<>();
    Path checkpoint = folder.resolve(output).resolve("checkpoints/step-" + step);
    try (Stream<Path> files = Files.list(checkpoint)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
        sums.put(file.getFileName().toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return sums;
  }

  @Test
  void aMixtureGoesOnWhereItStopped() throws IOException {
    json(pretrain("whole", "mix.yaml", "--steps 4 --checkpoint-every 2"));
    // One has 2 visits an epoch, two has 2 of 4: an epoch is 2 steps of 2.
    assertTrue(
        err.toString().contains("source one: 2 videos, 2 visits an epoch, stride 1"),
        err::toString);
    assertTrue(err.toString().contains("source two: 4 videos, 2 visits an epoch"), err::toString);
    assertTrue(err.toString().contains("4 steps of 2 clips (2.0 epochs)"), err::toString);
    json(pretrain("halves", "mix.yaml", "--steps 4 --checkpoint-every 2"));
    Path last = folder.resolve("halves/checkpoints/step-4");
    try (Stream<Path> files = Files.list(last)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(last);
    json(pretrain("halves", "mix.yaml", "--steps 4 --checkpoint-every 2"));
    assertTrue(err.toString().contains("step-2"), err::toString);
    assertEquals(bits("whole", 4), bits("halves", 4));
  }

  @Test
  void samplingIsKeptWithTheModel() throws IOException {
    String model = folder.resolve("sparse").toString();
    String finetune =
        "finetune --data " + data.resolve("train.csv") + TINY + " --keep 0.6 --steps 1 --output ";
    json(finetune + model + " --sampling sparse");
    String evaluate =
        "evaluate --views 1x3 --threads 1 --data " + data.resolve("val.csv") + " --checkpoint ";
    JsonObject sparse = json(evaluate + model);
    assertEquals(
        "16 frames over the whole video, 1x3 views of 32 px", sparse.get("protocol").getAsString());
    JsonObject dense = json(evaluate + model + " --sampling dense");
    assertTrue(dense.get("protocol").getAsString().startsWith("16 frames x stride 2"));
    assertNotEquals(sparse.get("loss"), dense.get("loss"));
    assertEquals(2, run(evaluate + model + " --sampling some"));
    assertTrue(err.toString().contains("sampling is dense or sparse, not some"), err::toString);
    assertEquals(2, run(finetune + model + "2 --sampling sparse --temporal-jitter"));
    assertTrue(err.toString().contains("--temporal-jitter moves"), err::toString);
  }

  @Test
  void mergedLabelsAreTakenApartAgain() throws IOException {
    Files.writeString(data.resolve("merged.txt"), "other\nc\nb\na\n");
    Files.writeString(data.resolve("3to4.json"), "[3, 2, 1]");
    Files.writeString(
        data.resolve("merged.yaml"),
        "classes: merged.txt\nsources: [{data: train.csv, labels: 3to4.json}]\n");
    String model = folder.resolve("merged").toString();
    json(
        "finetune --keep 0.6 --steps 1 --data "
            + data.resolve("merged.yaml")
            + TINY
            + " --output "
            + model);
    String evaluate =
        "evaluate --views 1x1 --threads 1 --data " + data.resolve("val.csv") + " --checkpoint ";
    JsonObject mapped = json(evaluate + model + " --label-map " + data.resolve("3to4.json"));
    assertEquals(3, mapped.getAsJsonArray("confusion").size());
    Files.writeString(data.resolve("own.txt"), "a\nb\nc\n");
    JsonObject named = json(evaluate + model + " --label-map " + data.resolve("own.txt"));
    assertEquals(mapped, named);
    Files.writeString(data.resolve("bad.json"), "[3, 2, 4]");
    assertEquals(2, run(evaluate + model + " --label-map " + data.resolve("bad.json")));
    assertTrue(
        err.toString().contains("label 2 becomes 4, but there are 4 classes"), err::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "'' ~ the file is empty",
        "sources: ~ expected 'sources:' with a list",
        "sources: [{name: a}] ~ line 1: a source needs 'data'",
        "sources: [{data: one.csv, wieght: 2}] ~ line 1: there is no key 'wieght'",
        "sources: [{data: one.csv, weight: 0}] ~ line 1: the weight must be above 0",
        "sources: [{data: one.csv, weight: x}] ~ line 1: stride must be a whole number",
        "sources: [{data: one.csv, stride: 0}] ~ line 1: the stride must be at least 1",
        "sources: [{data: one.csv}, {data: one.csv}] ~ line 1: there are two sources named",
        "sources: [{data: none.csv}] ~ none.csv: there is no such list",
        "sources: [{data: one.csv, data: two.csv}] ~ line 1: data is given twice",
        "sources: [7] ~ line 1: expected a source as",
        "'sources: [' ~ not YAML",
        "'more: 1|sources: [{data: one.csv}]' ~ line 1: there is no key 'more'",
      })
  void badSourcesFilesAreOneSentence(String text, String expected) throws IOException {
    Path file = Files.writeString(data.resolve("bad.yaml"), text.replace('|', '\n'));
    assertEquals(2, run(pretrain("none", file.getFileName().toString(), "--steps 1")));
    assertTrue(err.toString().contains(expected), err::toString);
    assertTrue(err.toString().contains(data.toString()), err::toString);
  }

  @Test
  void sourcesInJson() throws IOException {
    Files.writeString(
        data.resolve("mix.json"), "{\"sources\": [{\"data\": \"one.csv\", \"stride\": 1}]}");
    json(pretrain("json", "mix.json", "--steps 1"));
    assertTrue(err.toString().contains("2 videos, 2 visits an epoch, stride 1"), err::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "a.mp4 0|b.mp4 punch ~ line 2: the label must be a whole number",
        "a.mp4 0|b.mp4 9 ~ line 2: label 9 is out of range",
        "a.mp4 0|b.mp4 -1 ~ line 2: the label must not be negative",
        "a.mp4 0|a.mp4 1 ~ line 2",
        "a.mp4 0|b.mp4 5 1 ~ line 2: 2 numbers follow the path, but 1 in this list",
        "a.mp4 0|b.mp4,1|c.mp4 1 ~ line 2: the fields are not separated by blanks",
      })
  void badListsAreOneSentence(String text, String expected) throws IOException {
    Path file = Files.writeString(folder.resolve("bad.csv"), text.replace('|', '\n'));
    int code =
        run(
            "finetune --steps 1 --classes 3 --data "
                + file
                + TINY
                + " --output "
                + folder.resolve("none"));
    assertEquals(2, code, err::toString);
    assertTrue(err.toString().contains(file + " " + expected.strip()), err::toString);
    assertEquals(1, err.toString().lines().filter(line -> line.contains("bad.csv")).count());
  }

  @Test
  void aRepeatedLineIsNoted() throws IOException {
    String first = Files.readAllLines(data.resolve("train.csv")).getFirst();
    Files.writeString(data.resolve("twice.csv"), first + "\n" + first + "\n");
    json(pretrain("twice", "twice.csv", "--steps 1"));
    assertTrue(err.toString().contains("is listed on line 1 and again on line 2"), err::toString);
  }
}
