package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrepareTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;

  private int run(String... words) {
    out.reset();
    err.reset();
    return Main.run(words, new PrintStream(out), new PrintStream(err), false);
  }

  /** A good video. */
  private Path video() throws Exception {
    Path data = folder.resolve("data");
    new SyntheticActions(2, 1, 0, 32, 1).write(data, anyOrder -> {});
    return data.resolve(Files.readAllLines(data.resolve("train.csv")).getFirst().split(" ")[0]);
  }

  private JsonObject json() {
    return Json.read(out.toString()).getAsJsonObject();
  }

  @Test
  void preparesBothListsOfASetAndDecodesFromThem() throws Exception {
    Path data = folder.resolve("data");
    new SyntheticActions(2, 2, 1, 32, 1).write(data, anyOrder -> {});
    Files.writeString(data.resolve("text.mp4"), "no video");
    Files.writeString(
        data.resolve("val.csv"), Files.readString(data.resolve("val.csv")) + "text.mp4 1\n");
    String[] words = {
      "prepare",
      "--data",
      data.resolve("train.csv").toString(),
      "--data",
      data.resolve("val.csv").toString(),
      "--output",
      folder.resolve("out").toString(),
      "--clips",
      "--short-side",
      "16",
      "--gop",
      "8",
      "--json"
    };
    assertEquals(0, run(words), err.toString());
    JsonObject first = json();
    assertEquals(7, first.get("videos").getAsInt());
    assertEquals(6, first.get("ok").getAsInt());
    assertEquals(1, first.get("problems").getAsJsonObject().get("unreadable").getAsInt());
    assertEquals(6, first.get("clips_written").getAsInt());
    assertEquals(2, first.get("lists").getAsJsonArray().size());

    assertEquals(0, run(words), err.toString());
    assertEquals(0, json().get("scanned").getAsInt());
    assertEquals(0, json().get("clips_written").getAsInt());
    assertEquals(6, json().get("clips_kept").getAsInt());

    String list = folder.resolve("out/val.csv").toString();
    String bench = "bench --task decode --frames 4 --size 16 --steps 2 --warmup 1 --json --data";
    assertEquals(0, run((bench + " " + list).split(" ")), err.toString());
    assertEquals(2, json().get("videos").getAsInt());
    assertEquals(0, json().get("skipped").getAsInt(), "the rewritten list is good");
    assertEquals(0, run((bench + " " + data.resolve("val.csv")).split(" ")), err.toString());
    assertEquals(2, json().get("videos").getAsInt());
    assertEquals(1, json().get("skipped").getAsInt());
    assertTrue(json().get("clips_per_s").getAsDouble() > 0);
    assertTrue(err.toString().contains("left out: "), err.toString());
  }

  @Test
  void namesSeveralFoldersAndEqualListsApart() throws Exception {
    Path video = video();
    String words = "prepare --json --output " + folder.resolve("out");
    for (String set : new String[] {"a", "b"}) {
      Path films = Files.createDirectories(folder.resolve(set).resolve("films"));
      Files.copy(video, films.resolve("x.mp4"));
      words += " --data " + films;
      words += " --data " + Files.writeString(films.resolveSibling("train.csv"), "films/x.mp4 0\n");
    }
    assertEquals(0, run(words.split(" ")), err.toString());
    assertEquals(2, json().get("videos").getAsInt());
    for (String list : new String[] {"films", "train", "b-films", "b-train"}) {
      assertTrue(Files.exists(folder.resolve("out/" + list + ".csv")), list);
    }
  }

  /** A list is written under a name of lists, never over or as a video. */
  @Test
  void oneVideoGivesAListOfOne() throws Exception {
    Path video = video();
    Path out = folder.resolve("out");
    assertEquals(0, run("prepare", "--data", video.toString(), "--output", out.toString()));
    assertEquals(video + "\n", Files.readString(out.resolve("00000.mp4.csv")));
    assertFalse(Files.exists(out.resolve("00000.mp4")));
  }

  /** What no run with labels takes must not pass for a list without them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.avi -3",
        "1.avi 2147483647",
        "1.avi 2147483648",
        "1.avi 1.0",
        "1.avi|1",
        "1.avi:1",
        "1.avi \u0663",
        "1.avi,1.0",
        "1.avi;-3",
        "1.avi cat",
        "\"1.avi\" 1.0",
        "gone.avi 1.0",
        "1.avi 0 8 -3",
        "1.avi 0 8 1.5"
      })
  void labelsThatAreNoneAreRefused(String line) throws Exception {
    Files.createFile(folder.resolve("1.avi"));
    Path list = Files.writeString(folder.resolve("a.csv"), line + "\n");
    String out = folder.resolve("out").toString();
    assertEquals(2, run("prepare", "--output", out, "--data", list.toString()), err.toString());
    assertTrue(err.toString().contains("a.csv line 1: "), err.toString());
    assertFalse(Files.exists(folder.resolve("out/a.csv")));
  }

  @Test
  void noGoodVideoIsAFailure() throws Exception {
    Path list = Files.writeString(folder.resolve("a.csv"), "no/1.avi 0\nno/2.avi 1\n");
    Path out = folder.resolve("out");
    String[] words = {"prepare", "--output", out.toString(), "--data", list.toString()};
    assertEquals(1, run(words));
    String missing =
        "none of the 2 videos is there; the first was looked for at %s; --data-root DIR says"
            + " where relative paths start";
    assertTrue(
        err.toString().contains(missing.formatted(folder.resolve("no/1.avi"))), err.toString());
    assertFalse(Files.exists(out.resolve("a.csv")));

    Files.writeString(Files.createDirectory(folder.resolve("no")).resolve("1.avi"), "no video");
    assertEquals(1, run(words));
    assertTrue(err.toString().contains("all 2 videos are bad; "), err.toString());
    assertFalse(Files.exists(out.resolve("a.csv")));

    // The list of another set is no reason to write an empty one.
    Path good = Files.writeString(folder.resolve("b.csv"), video() + " 0\n");
    Files.writeString(out.resolve("a.csv"), "no/1.avi 0\n");
    assertEquals(
        0,
        run(
            "prepare",
            "--output",
            out.toString(),
            "--data",
            list.toString(),
            "--data",
            good.toString()),
        err.toString());
    assertTrue(err.toString().contains("a.csv is not written"), err.toString());
    assertFalse(Files.exists(out.resolve("a.csv")));
    assertTrue(Files.exists(out.resolve("b.csv")));
    assertFalse(Files.readString(out.resolve("SHA256SUMS")).contains("a.csv"));
  }

  @Test
  void pathsThatEndAsLabelsDoAreRead() throws Exception {
    Path video = video();
    for (String name :
        new String[] {"my clip.mp4", "1.avi|1", "1.avi -3", "1.avi 1.0", "clip 2000000"}) {
      Path copy = Files.copy(video, folder.resolve(name));
      Path list = Files.writeString(folder.resolve("a.csv"), name + "\n");
      String out = folder.resolve("out").toString();
      assertEquals(0, run("prepare", "--output", out, "--data", list.toString()), err.toString());
      assertTrue(Files.readString(folder.resolve("out/a.csv")).contains(copy.toString()), name);
    }
  }

  @Test
  void impossibleRequestsAreRefused() throws Exception {
    Path list = Files.writeString(folder.resolve("a.csv"), "none.mp4 0\n");
    String start = "prepare --output " + folder.resolve("out") + " --data ";
    assertEquals(2, run((start + folder.resolve("none.csv")).split(" ")));
    assertTrue(err.toString().contains("there is no such list"), err.toString());
    assertEquals(2, run((start + list + " --data " + list).split(" ")));
    assertTrue(err.toString().contains("a.csv is given twice"), err.toString());
    assertEquals(2, run((start + list + " --clips --short-side 3").split(" ")));
    assertTrue(err.toString().contains("a short side of 16 to 4096"), err.toString());
    Files.writeString(list, "none.mp4 0\n" + video() + " 1\n");
    assertEquals(1, run((start + list + " --strict").split(" ")));
    assertTrue(err.toString().contains("1 of 2 videos are bad"), err.toString());
    assertEquals(2, run("bench --task decode".split(" ")));
  }
}
