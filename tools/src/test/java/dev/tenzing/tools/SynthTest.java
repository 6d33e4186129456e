package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.video.list.VideoList;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SynthTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;

  private int run(String words) {
    return Main.run(words.split(" "), new PrintStream(out), new PrintStream(err), false);
  }

  @Test
  void writesTheListsItNames() throws Exception {
    String output = folder.resolve("data").toString();
    String words = "synth --output " + output + " --classes 3 --per-class 2 --size 32 --json";
    assertEquals(0, run(words), err.toString());
    JsonObject report = Json.read(out.toString()).getAsJsonObject();
    assertEquals(9, report.get("videos").getAsInt());
    assertEquals(3, report.get("classes").getAsInt());
    VideoList train = read(report.get("train").getAsString());
    assertEquals(6, train.videos().size());
    assertEquals(3, train.classNames().size());
    assertEquals(3, read(report.get("val").getAsString()).videos().size());

    assertEquals(2, run(words));
    assertTrue(err.toString().contains("already holds videos"), err.toString());
  }

  private static VideoList read(String list) throws Exception {
    return VideoList.read(Path.of(list), null, VideoList.Labels.REQUIRED, 0);
  }

  @Test
  void impossibleSetsAreRefused() {
    assertEquals(2, run("synth --output " + folder.resolve("x") + " --classes 99"));
    assertEquals("tenzing: there are made videos of 2 to 12 classes, not of 99\n", err.toString());
  }
}
