package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that read one model and one video: predict, select, reconstruct. */
class PictureCommandsTest {
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 1, 2, 8, 2, 2, 12, 1, 2, 0, 1e-6);
  private static final ClipShape CLIP = ClipShape.square(4, 32);

  @TempDir private static Path folder;
  private static Path video;
  private static Path pretrained;
  private static Path classifier;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path picture;

  @BeforeAll
  static void makeVideoAndModels() throws IOException {
    new SyntheticActions(2, 1, 0, 48, 1).write(folder, done -> {});
    video =
        folder.resolve(Files.readAllLines(folder.resolve("train.csv")).getFirst().split(" ")[0]);
    pretrained = folder.resolve("pretrained.safetensors");
    classifier = folder.resolve("classifier.safetensors");
    VideoClassifier.Options options = VideoClassifier.Options.official(3, new ReRoSelection(0.4));
    try (Device device = Device.cpu(1);
        MaskedAutoencoder autoencoder =
            new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(1), false);
        VideoClassifier model =
            new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(1), false)) {
      Pretraining how = new Pretraining(Method.EVEREST, 0.75, 0.5, null, true);
      ModelFile.write(
          pretrained, autoencoder.parameters(), new ModelDescription(CONFIG, CLIP, 2, how));
      ModelFile.write(
          classifier,
          model.parameters(),
          new ModelDescription(
              CONFIG, CLIP, 2, new Classification(options, List.of("left", "right", "up"))));
    }
  }

  @BeforeEach
  void nameThePicture() {
    picture = folder.resolve("pictures/picture.png");
  }

  private int run(Object... words) {
    out.reset();
    err.reset();
    String[] args = new String[words.length];
    for (int i = 0; i < words.length; i++) {
      args[i] = words[i].toString();
    }
    return Main.run(args, new PrintStream(out), new PrintStream(err), false);
  }

  private JsonObject json() {
    return Json.read(out.toString()).getAsJsonObject();
  }

  @Test
  void predictNamesTheLikeliestClassesAndGoesOnAfterABadVideo() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.mp4"));
    assertEquals(
        1,
        run("predict", "--checkpoint", classifier, "--views", "2x3", "--top", 2, "--json", empty),
        err.toString());
    assertEquals(0, json().getAsJsonArray("predictions").size());
    assertEquals(
        1,
        run(
            "predict",
            "--checkpoint",
            classifier,
            "--views",
            "2x3",
            "--top",
            2,
            "--json",
            empty,
            video));
    JsonObject skipped = json().getAsJsonArray("skipped").get(0).getAsJsonObject();
    assertEquals("empty", skipped.get("reason").getAsString());
    assertEquals(empty.toString(), skipped.get("path").getAsString());
    assertTrue(err.toString().contains("1 of 2 videos could not be read"), err.toString());
    JsonArray classes =
        json().getAsJsonArray("predictions").get(0).getAsJsonObject().getAsJsonArray("classes");
    assertEquals(2, classes.size());
    JsonObject best = classes.get(0).getAsJsonObject();
    assertEquals(
        List.of("left", "right", "up").get(best.get("label").getAsInt()),
        best.get("name").getAsString());
    assertTrue(
        best.get("score").getAsDouble()
            >= classes.get(1).getAsJsonObject().get("score").getAsDouble());
  }

  @Test
  void predictScoresOfAllClassesAddUpToOne() {
    String relative = folder.relativize(video).toString();
    assertEquals(
        0,
        run(
            "predict",
            "--checkpoint",
            classifier,
            "--views",
            "1x1",
            "--data-root",
            folder,
            "--json",
            relative),
        err.toString());
    double sum = 0;
    for (var candidate :
        json().getAsJsonArray("predictions").get(0).getAsJsonObject().getAsJsonArray("classes")) {
      sum += candidate.getAsJsonObject().get("score").getAsDouble();
    }
    assertEquals(1, sum, 1e-5);
  }

  @Test
  void selectWithEitherModelOrNone() throws IOException {
    assertEquals(
        0,
        run("select", video, "--checkpoint", pretrained, "--output", picture, "--json"),
        err.toString());
    assertEquals(32, json().get("tokens").getAsInt());
    assertEquals(16, json().get("kept").getAsInt());
    assertEquals(2, json().getAsJsonArray("per_slot").size());
    assertTrue(ImageIO.read(picture.toFile()).getWidth() >= 2 * 112);
    assertEquals(
        0, run("select", video, "--checkpoint", classifier, "--output", picture, "--json"));
    assertEquals(19, json().get("kept").getAsInt());
    assertEquals(
        0,
        run(
            "select",
            video,
            "--model",
            "tiny",
            "--size",
            32,
            "--frames",
            4,
            "--keep",
            0.5,
            "--output",
            picture,
            "--json"),
        err.toString());
    assertEquals(4, json().get("kept").getAsInt());
    assertTrue(err.toString().contains("fresh embedding"), err.toString());
  }

  @Test
  void selectShowsWhichFramesAreChosen() throws IOException {
    Path chosen = folder.resolve("chosen.safetensors");
    VideoClassifier.Options options = VideoClassifier.Options.official(3, new ReRoSelection(0.4));
    try (Device device = Device.cpu(1);
        VideoClassifier model =
            new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(1), false)) {
      ModelFile.write(
          chosen,
          model.parameters(),
          new ModelDescription(
                  CONFIG, CLIP, 2, new Classification(options, List.of("left", "right", "up")))
              .withFrames(new FrameSelection(2)));
    }
    String[] select = {
      "select", video.toString(), "--output", picture.toString(), "--json", "--checkpoint"
    };
    assertEquals(0, run(Stream.concat(Arrays.stream(select), Stream.of(chosen)).toArray()));
    assertEquals(32, json().get("tokens").getAsInt());
    JsonObject frames = json().getAsJsonObject("frames");
    assertEquals(8, frames.get("candidates").getAsInt());
    int kept = 0;
    for (JsonElement count : frames.getAsJsonArray("kept")) {
      kept += count.getAsInt();
    }
    assertEquals(38, kept);
    assertEquals(2, frames.getAsJsonArray("chosen").size());
    assertTrue(ImageIO.read(picture.toFile()).getWidth() >= 4 * 112);
    String first = out.toString();
    assertEquals(0, run(Stream.concat(Arrays.stream(select), Stream.of(chosen)).toArray()));
    assertEquals(first, out.toString());
    assertEquals(
        0,
        run(
            "select",
            "--output",
            picture,
            "--json",
            "--checkpoint",
            chosen,
            video,
            "--frame-selection",
            "off"));
    assertTrue(!json().has("frames") || json().get("frames").isJsonNull());
    assertEquals(
        0,
        run(
            "select",
            video,
            "--output",
            picture,
            "--json",
            "--model",
            "tiny",
            "--size",
            32,
            "--frame-selection"),
        err.toString());
    assertEquals(24, json().getAsJsonObject("frames").get("candidates").getAsInt());
    assertEquals(
        0, run("select", "--size", 32, "--output", picture, "--frame-selection", video, "--json"));
    assertEquals(24, json().getAsJsonObject("frames").get("candidates").getAsInt());
    assertEquals(
        2, run("select", video, "--size", 32, "--output", picture, "--frame-selection", "1,5"));
    assertTrue(err.toString().contains("such as 1.5, or off, not 1,5"), err.toString());
    assertEquals(
        2, run("select", video, "--size", 32, "--output", picture, "--frame-selection=1.3"));
    assertTrue(err.toString().contains("20.8 frames"), err.toString());
  }

  @Test
  void reconstructCountsWhatItDraws() throws IOException {
    assertEquals(
        0,
        run("reconstruct", video, "--checkpoint", pretrained, "--output", picture, "--json"),
        err.toString());
    assertEquals(32, json().get("tokens").getAsInt());
    assertEquals(8, json().get("visible").getAsInt());
    assertEquals(8, json().get("predicted").getAsInt());
    assertTrue(json().get("loss").getAsDouble() > 0);
    assertTrue(ImageIO.read(picture.toFile()).getHeight() >= 4 * 112);
    assertEquals(
        0,
        run(
            "reconstruct",
            video,
            "--checkpoint",
            pretrained,
            "--output",
            picture,
            "--keep",
            1,
            "--mask-ratio",
            0.5,
            "--json"));
    assertEquals(16, json().get("predicted").getAsInt());
  }

  @Test
  void reconstructLeavesOutWhatIsNeitherSeenNorPredicted() throws IOException {
    Path dual = folder.resolve("dual.safetensors");
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(1), false)) {
      ModelFile.write(
          dual,
          model.parameters(),
          new ModelDescription(CONFIG, CLIP, 2, Pretraining.official(Method.VIDEOMAE_V2)));
    }
    // 2 of 16 places are seen in both slots. Of 8 decoded tokens a slot, those seen do not count.
    assertEquals(
        0,
        run("reconstruct", video, "--checkpoint", dual, "--output", picture, "--json"),
        err.toString());
    assertEquals(4, json().get("visible").getAsInt());
    int predicted = json().get("predicted").getAsInt();
    assertTrue(predicted >= 12 && predicted <= 16, predicted + " predicted");
    assertEquals(
        0,
        run(
            "reconstruct",
            video,
            "--checkpoint",
            dual,
            "--output",
            picture,
            "--decoder-mask",
            "none",
            "--json"));
    assertEquals(28, json().get("predicted").getAsInt());
    assertEquals(
        2, run("reconstruct", video, "--checkpoint", dual, "--output", picture, "--keep", 0.5));
    assertTrue(err.toString().contains("videomae-v2 has no selection"), err.toString());
  }

  @Test
  void mistakesAreNamed() {
    assertEquals(1, run("reconstruct", video, "--checkpoint", classifier, "--output", picture));
    assertTrue(err.toString().contains("without a decoder"), err.toString());
    assertEquals(1, run("predict", video, "--checkpoint", pretrained));
    assertTrue(err.toString().contains("run finetune first"), err.toString());
    assertEquals(2, run("select", video, "--output", "a.gif"));
    assertTrue(err.toString().contains("must be a .png file"), err.toString());
    assertEquals(2, run("select", video, "--output", picture, "--keep", 2));
    assertTrue(err.toString().contains("share of tokens to keep"), err.toString());
    assertEquals(2, run("select", video, "--output", picture, "--size", 30));
    assertTrue(err.toString().contains("multiple of the patch size"), err.toString());
    assertEquals(1, run("select", folder.resolve("no.mp4"), "--output", picture));
    assertEquals(1, err.toString().lines().filter(line -> line.contains("no.mp4")).count());
    assertEquals(
        2,
        run(
            "reconstruct",
            video,
            "--checkpoint",
            pretrained,
            "--output",
            picture,
            "--mask-ratio",
            0.999));
    assertTrue(err.toString().startsWith("tenzing: "), err.toString());
  }
}
