package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpServer;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.VideoWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code features}, and {@code predict} window by window, from files and from a server. */
class LongVideoCommandsTest {
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 1, 2, 8, 2, 2, 12, 1, 2, 0, 1e-6);
  private static final ClipShape CLIP = ClipShape.square(4, 32);

  @TempDir private static Path models;
  private static Path pretrained;
  private static Path classifier;

  @TempDir private Path folder;
  private final CountDownLatch done = new CountDownLatch(1);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private HttpServer server;

  @BeforeAll
  static void makeModels() throws IOException {
    pretrained = models.resolve("pretrained.safetensors");
    classifier = models.resolve("classifier.safetensors");
    VideoClassifier.Options options = VideoClassifier.Options.official(3, new ReRoSelection(0.4));
    try (Device device = Device.cpu(1);
        MaskedAutoencoder autoencoder =
            new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(1), false);
        VideoClassifier model =
            new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(1), false)) {
      ModelFile.write(
          pretrained,
          autoencoder.parameters(),
          new ModelDescription(CONFIG, CLIP, 2, Pretraining.official(Method.EVEREST)));
      ModelFile.write(
          classifier,
          model.parameters(),
          new ModelDescription(
              CONFIG, CLIP, 2, new Classification(options, List.of("left", "right", "up"))));
    }
  }

  @AfterEach
  void stopServer() {
    done.countDown();
    if (server != null) {
      server.stop(0);
    }
  }

  private Path video(String name, int frames) throws IOException {
    Path file = folder.resolve("videos").resolve(name);
    Files.createDirectories(file.getParent());
    Random random = new Random(3);
    byte[] pixels = new byte[3 * 48 * 32];
    try (Arena arena = Arena.ofConfined();
        VideoWriter writer = VideoWriter.create(file, EncoderSettings.mpeg4(48, 32, 25))) {
      MemorySegment frame = arena.allocate(pixels.length);
      for (int i = 0; i < frames; i++) {
        random.nextBytes(pixels);
        MemorySegment.copy(pixels, 0, frame, ValueLayout.JAVA_BYTE, 0, pixels.length);
        writer.write(frame);
      }
    }
    return file;
  }

  /** Serves a file; silent after it when told to hang. */
  private String serve(Path file, boolean hang) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
    server.createContext(
        "/a.ts",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes);
            body.flush();
            if (hang) {
              done.await();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
    return "http://user:secret@127.0.0.1:" + server.getAddress().getPort() + "/a.ts";
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
    assertEquals(1, out.toString().lines().count(), "one object");
    return Json.read(out.toString()).getAsJsonObject();
  }

  private int features(Object... more) {
    Object[] words = new Object[more.length + 7];
    Object[] first = {
      "features",
      "--checkpoint",
      classifier,
      "--output",
      folder.resolve("out"),
      "--json",
      "--threads=1"
    };
    System.arraycopy(first, 0, words, 0, first.length);
    System.arraycopy(more, 0, words, first.length, more.length);
    return run(words);
  }

  @Test
  void featuresOfAFolder() throws IOException {
    video("a/1.mp4", 20);
    video("b/1.mp4", 3);
    video("b/1.avi", 9);
    Files.writeString(folder.resolve("videos/bad.mp4"), "no video");
    Path videos = folder.resolve("videos");
    assertEquals(0, features("--data", videos, "--hop", 4), err::toString);
    JsonObject result = json();
    assertEquals(3, result.get("videos").getAsInt());
    assertEquals(5 + 1 + 2, result.get("clips").getAsInt());
    assertEquals(1, result.get("skipped").getAsInt());
    assertEquals(12, result.get("width").getAsInt());
    assertTrue(result.get("seconds").getAsDouble() > 0);
    for (String name : List.of("a/1.npy", "b/1.mp4.npy", "b/1.avi.npy", "skipped.csv")) {
      assertTrue(Files.exists(folder.resolve("out").resolve(name)), name);
    }
    Files.delete(folder.resolve("videos/bad.mp4"));
    assertEquals(0, features("--data", videos, "--hop", 4), err::toString);
    assertEquals(0, json().get("extracted").getAsInt());
    assertFalse(Files.exists(folder.resolve("out/skipped.csv")), "all is well now");
    assertEquals(2, features("--data", videos, "--hop", 2));
    assertTrue(err.toString().contains("holds features with hop 4, this run asks for 2"));
    assertEquals(2, features("--data", videos, "--hop", 4, "--keep", 1));
    assertTrue(err.toString().contains("with keep 0.6, this run asks for 1.0"), err::toString);
  }

  @Test
  void featuresOfOneVideoAndOfAList() throws IOException {
    Path video = video("a.mp4", 12);
    assertEquals(0, features("--data", video, "--stride", 2, "--fit", "crop"), err::toString);
    byte[] alone = Files.readAllBytes(folder.resolve("out/a.npy"));
    Path list = Files.writeString(folder.resolve("list.csv"), "videos/a.mp4 2\n");
    assertEquals(
        0,
        run(
            "features",
            "--checkpoint",
            classifier,
            "--data",
            list,
            "--output",
            folder.resolve("other"),
            "--stride",
            2,
            "--fit",
            "crop",
            "--batch",
            1),
        err::toString);
    assertArrayEquals(alone, Files.readAllBytes(folder.resolve("other/videos/a.npy")));
  }

  @Test
  void featuresOfAPretrainedModel() throws IOException {
    Path video = video("a.mp4", 12);
    assertEquals(
        0,
        run(
            "features",
            "--checkpoint",
            pretrained,
            "--data",
            video,
            "--output",
            folder.resolve("out"),
            "--json"),
        err::toString);
    assertEquals(3, json().get("clips").getAsInt());
    assertTrue(err.toString().contains("mean of the encoder's tokens"), err::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "--hop=0 ~ 2 ~ windows need at least 1 frame",
        "--batch=0 ~ 2 ~ --batch must be at least 1",
        "--fit=wide ~ 2 ~ --fit is stretch or crop, not wide",
        "--keep=2 ~ 2 ~ --keep must be above 0 and at most 1",
        "--window=3 ~ 2 ~ must be a multiple of the tubelet 2",
        "--window=5000 ~ 2 ~ need more than 4096 frames at a time",
        "--size=9 ~ 2 ~ must be a multiple of the patch size 8",
        "--strict ~ 1 ~ bad.mp4: no video container",
        "--stride=4 ~ 1 ~ none of the 1 videos can be read",
      })
  void badFeatureRequestsAreOneSentence(String option, int code, String expected)
      throws IOException {
    Path bad = Files.createDirectories(folder.resolve("videos")).resolve("bad.mp4");
    Files.writeString(bad, "no video");
    assertEquals(code, features("--data", bad, option), err::toString);
    assertTrue(err.toString().contains(expected), err::toString);
    assertFalse(err.toString().contains("\tat "), err::toString);
  }

  @Test
  void aPartOfAVideoHasNoFeatures() throws IOException {
    video("a.mp4", 12);
    Path list = Files.writeString(folder.resolve("list.csv"), "videos/a.mp4 3 300\n");
    assertEquals(2, features("--data", list));
    assertTrue(err.toString().contains("features are those of whole videos"), err::toString);
  }

  private int predict(Object... more) {
    Object[] words = new Object[more.length + 6];
    Object[] first = {"predict", "--checkpoint", classifier, "--json", "--top", 2};
    System.arraycopy(first, 0, words, 0, first.length);
    System.arraycopy(more, 0, words, first.length, more.length);
    return run(words);
  }

  @Test
  void windowsOfAServersVideoAreThoseOfTheFile() throws IOException {
    Path video = video("a.ts", 60);
    assertEquals(0, predict("--hop", 10, video), err::toString);
    JsonArray ofFile = json().getAsJsonArray("predictions");
    assertEquals(6, ofFile.size());
    assertEquals(0, predict("--hop", 10, serve(video, false)), err::toString);
    JsonObject result = json();
    JsonArray ofServer = result.getAsJsonArray("predictions");
    assertEquals(6, ofServer.size());
    assertEquals(6, result.get("windows").getAsInt());
    for (int i = 0; i < 6; i++) {
      JsonObject window = ofServer.get(i).getAsJsonObject();
      assertEquals(i * 0.4, window.get("start").getAsDouble(), 1e-3);
      assertEquals(i * 0.4 + 0.24, window.get("end").getAsDouble(), 1e-3);
      assertEquals(2, window.getAsJsonArray("classes").size());
      assertEquals(
          ofFile.get(i).getAsJsonObject().get("classes"), window.get("classes"), "window " + i);
    }
    assertFalse(out.toString().contains("secret"), out::toString);
    assertEquals(0, predict("--hop", 10, "--seconds", 1, video), err::toString);
    assertEquals(2, json().get("windows").getAsInt());
  }

  @Test
  void aServerThatFallsSilentIsGivenUp() throws IOException {
    String url = serve(video("a.ts", 60), true);
    assertEquals(1, predict("--timeout", 1, url));
    JsonObject result = json();
    assertTrue(result.get("windows").getAsInt() > 3, out::toString);
    assertEquals(
        "timeout",
        result.getAsJsonArray("skipped").get(0).getAsJsonObject().get("reason").getAsString());
    String sentence = err.toString().lines().toList().getLast();
    assertTrue(sentence.matches("tenzing: http://127.*/a.ts: .* 1 second.*"), sentence);
  }

  @Test
  void classesByNameFromAFile() throws IOException {
    Path video = video("a.mp4", 20);
    Path names = Files.writeString(folder.resolve("names.txt"), "one\ntwo\nthree\n");
    assertEquals(0, predict("--classes", names, video), err::toString);
    String text = out.toString();
    assertTrue(text.contains("\"one\"") && !text.contains("\"left\""), text);
    Files.writeString(names, "one\ntwo\n");
    assertEquals(2, predict("--classes", names, video));
    assertTrue(err.toString().contains("names 2 classes, the model has 3"), err::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "gopher://host/a ~ 2 ~ streams come by http, https, rtsp, udp or tcp, not by gopher",
        "--seconds=3 a.mp4 ~ 2 ~ --seconds is for streams and --hop",
        "--hop=3 --views=1x1 a.mp4 ~ 2 ~ --views is for whole videos",
        "--hop=0 a.mp4 ~ 2 ~ must be above 0",
        "--hop=4 none.mp4 ~ 1 ~ none.mp4: there is no such file",
        "http://127.0.0.1:1/a.mp4 ~ 1 ~ http://127.0.0.1:1/a.mp4: the stream cannot be opened",
      })
  void badPredictionsAreOneSentence(String words, int code, String expected) {
    Object[] more = words.split(" ");
    assertEquals(code, predict(more), err::toString);
    assertTrue(err.toString().contains(expected), err::toString);
    assertFalse(err.toString().contains("\tat "), err::toString);
  }
}
