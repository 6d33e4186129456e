package dev.tenzing.everest.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenPlan;
import dev.tenzing.everest.model.ClipEncoder;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.Pixels;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.Dropping;
import dev.tenzing.video.decode.ClipDecoder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.VideoWriter;
import dev.tenzing.video.sample.SlidingWindows;
import dev.tenzing.video.stream.Fit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureExtractionTest {
  private static final int SIZE = 16;
  private static final ClipShape CLIP = new ClipShape(4, SIZE, SIZE);
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 2, 3, 8, 2, 4, 8, 1, 2, 0, 1e-6);
  private static final SlidingWindows WINDOWS = new SlidingWindows(4, 1, 3);
  private static final FeatureSettings SETTINGS =
      new FeatureSettings(WINDOWS, SIZE, Fit.STRETCH, true, 0.6);

  @TempDir private Path folder;
  private final Device device = Device.cpu(1);

  @AfterEach
  void closeDevice() {
    device.close();
  }

  private ClipEncoder encoder(int seed) {
    VideoClassifier.Options options =
        new VideoClassifier.Options(3, new ReRoSelection(0.4), true, false, 0, 1);
    return ClipEncoder.of(CONFIG, CLIP, options, device, Rng.seed(seed));
  }

  /** A square that wanders over noise. */
  private Path video(String name, int frames) throws IOException {
    Path file = folder.resolve("videos").resolve(name);
    Files.createDirectories(file.getParent());
    try (Arena arena = Arena.ofConfined();
        VideoWriter writer = VideoWriter.create(file, EncoderSettings.mpeg4(32, 24, 25))) {
      MemorySegment pixels = arena.allocate(3 * 32 * 24);
      for (int f = 0; f < frames; f++) {
        for (int i = 0; i < 32 * 24; i++) {
          boolean inside = Math.abs(i % 32 - f % 32) < 5 && Math.abs(i / 32 - f / 3 % 24) < 5;
          for (int c = 0; c < 3; c++) {
            pixels.set(ValueLayout.JAVA_BYTE, 3 * i + c, (byte) (inside ? 220 : i * 37 % (90 + c)));
          }
        }
        writer.write(pixels);
      }
    }
    return file;
  }

  private FeatureExtraction extraction(
      ClipEncoder encoder, FeatureSettings settings, FeatureExtraction.Listener listener) {
    return new FeatureExtraction(encoder, settings, 3, false, listener);
  }

  private FeatureExtraction.Result run(ClipEncoder encoder, FeatureSettings settings, Path... list)
      throws Exception {
    return extraction(encoder, settings, (videos, clips, skipped, share) -> {})
        .run(List.of(list), folder.resolve("videos"), folder.resolve("out"), Map.of());
  }

  private float[][] read(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve("out").resolve(name));
    String header = new String(bytes, 10, NpyRows.HEADER - 10, StandardCharsets.US_ASCII);
    assertTrue(
        header.matches(
            "\\{'descr': '<f4', 'fortran_order': False, 'shape': \\(\\d+, 12\\), \\} *\n"),
        header);
    int rows = Integer.parseInt(header.replaceAll(".*\\((\\d+), 12.*\n", "$1"));
    assertEquals(NpyRows.bytes(rows, 12), bytes.length);
    float[][] values = new float[rows][12];
    ByteBuffer data =
        ByteBuffer.wrap(bytes, NpyRows.HEADER, bytes.length - NpyRows.HEADER)
            .slice()
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float[] row : values) {
      data.asFloatBuffer().get(row);
      data.position(data.position() + 48);
    }
    return values;
  }

  private float[] single(ClipEncoder encoder, Path video, int[] frames) throws VideoException {
    try (Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder();
        Scope scope = device.scope()) {
      MemorySegment pixels = arena.allocate(3L * frames.length * SIZE * SIZE);
      decoder.decode(VideoInfo.scan(video), frames, SIZE, SIZE, pixels);
      Tensor bytes = device.tensor(DType.U8, Shape.of(1, 4, SIZE, SIZE, 3), pixels);
      return encoder.features(NormalizeVideo.apply(bytes, Pixels.MEAN, Pixels.STD)).toFloats();
    }
  }

  @Test
  void featuresOfOverlappingWindowsAreThoseOfSingleClips() throws Exception {
    Path video = video("kick/a.mp4", 30);
    try (ClipEncoder encoder = encoder(1)) {
      assertEquals(new FeatureExtraction.Result(1, 9, 1, 0, 12), run(encoder, SETTINGS, video));
      float[][] features = read("kick/a.npy");
      assertEquals(9, features.length);
      for (int clip = 0; clip < 9; clip++) {
        assertArrayEquals(single(encoder, video, WINDOWS.frames(30, clip)), features[clip]);
      }
      assertNotEquals(features[0][0], features[1][0]);
    }
  }

  @Test
  void aShortVideoHasOneClip() throws Exception {
    Path video = video("a.mp4", 3);
    try (ClipEncoder encoder = encoder(1)) {
      run(encoder, SETTINGS, video);
      assertArrayEquals(single(encoder, video, new int[] {0, 1, 2, 2}), read("a.npy")[0]);
    }
  }

  @Test
  void memoryDoesNotGrowWithTheLength() throws Exception {
    Path brief = video("a.mp4", 40);
    Path lengthy = video("b.mp4", 3000);
    try (ClipEncoder encoder = encoder(1)) {
      device.resetPeakMemory();
      run(encoder, SETTINGS, brief);
      long peak = device.memory().peak();
      Runtime.getRuntime().gc();
      long before = heap();
      long[] most = {0};
      device.resetPeakMemory();
      extraction(
              encoder,
              SETTINGS,
              (videos, clips, skipped, share) -> {
                if (clips % 300 == 0) {
                  Runtime.getRuntime().gc();
                  most[0] = Math.max(most[0], heap() - before);
                }
              })
          .run(List.of(lengthy), folder.resolve("videos"), folder.resolve("long"), Map.of());
      assertEquals(peak, device.memory().peak());
      assertTrue(most[0] < 1 << 20, () -> "the heap grew by " + most[0]);
      assertEquals(
          NpyRows.bytes(WINDOWS.count(3000), 12), Files.size(folder.resolve("long/b.npy")));
    }
  }

  private static long heap() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void aRunThatWasStoppedGoesOn() throws Exception {
    Path a = video("a.mp4", 20);
    Path b = video("b.mp4", 40);
    try (ClipEncoder encoder = encoder(1)) {
      assertEquals(2, run(encoder, SETTINGS, a, b).extracted());
      byte[] whole = Files.readAllBytes(folder.resolve("out/b.npy"));
      Path second = folder.resolve("second");
      IllegalStateException stop = new IllegalStateException("stopped");
      assertThrows(
          IllegalStateException.class,
          () ->
              extraction(
                      encoder,
                      SETTINGS,
                      (videos, clips, skipped, share) -> {
                        if (clips > 10) {
                          throw stop;
                        }
                      })
                  .run(List.of(a, b), folder.resolve("videos"), second, Map.of()));
      try (Stream<Path> files = Files.list(second)) {
        assertEquals(
            List.of("a.npy", "features.json", "videos.jsonl"),
            files.map(file -> file.getFileName().toString()).sorted().toList());
      }
      // As a process that was killed leaves it: half of a file, half of a line.
      Files.write(second.resolve(".b.npy.writing"), new byte[700]);
      Path unforeseen = second.resolve(".b.npy.0123456789abcdef.writing");
      Files.write(unforeseen, new byte[700]);
      Path journal = second.resolve("videos.jsonl");
      byte[] cut = "{\"features\": \"b\u00e9".getBytes(StandardCharsets.UTF_8);
      Files.write(journal, cut, StandardOpenOption.APPEND);
      Files.write(journal, new byte[] {(byte) 0xc3}, StandardOpenOption.APPEND);
      List<String> notes = new ArrayList<>();
      FeatureExtraction.Result result =
          extraction(encoder, SETTINGS, new Noting(notes))
              .run(List.of(a, b), folder.resolve("videos"), second, Map.of());
      assertEquals(new FeatureExtraction.Result(2, 19, 1, 0, 12), result);
      assertArrayEquals(whole, Files.readAllBytes(second.resolve("b.npy")));
      assertEquals(2, Files.readAllLines(journal).size());
      assertFalse(Files.exists(second.resolve(".b.npy.writing")));
      assertFalse(Files.exists(unforeseen));
      assertEquals(List.of(journal + ": its last line was cut off and counts for nothing"), notes);
    }
  }

  private record Noting(List<String> notes) implements FeatureExtraction.Listener {
    @Override
    public void at(int videos, long clips, int skipped, double share) {}

    @Override
    public void note(String sentence) {
      notes.add(sentence);
    }
  }

  @Test
  void linesThatMakeNoSenseAreReadAgainAndNamed() throws Exception {
    Path a = video("a.mp4", 20);
    try (ClipEncoder encoder = encoder(1)) {
      assertEquals(1, run(encoder, SETTINGS, a).extracted());
      Path journal = folder.resolve("out/videos.jsonl");
      String good = Files.readString(journal);
      for (String bad :
          List.of(
              "null",
              "[]",
              "{}",
              good.strip().replaceFirst("\"features\":\"[^\"]*\"", "\"features\":null"),
              good.strip().replaceFirst("\"features\":\"[^\"]*\"", "\"features\":7"),
              good.strip().replaceFirst("\"video\":\"[^\"]*\"", "\"video\":null"),
              good.strip().replaceFirst("\"clips\":[0-9]*", "\"clips\":-1"),
              good.strip().replaceFirst("\"clips\":[0-9]*", "\"clips\":4611686018427387904"))) {
        Files.writeString(journal, bad + "\n");
        List<String> notes = new ArrayList<>();
        FeatureExtraction extraction = extraction(encoder, SETTINGS, new Noting(notes));
        assertEquals(
            1,
            extraction
                .run(List.of(a), folder.resolve("videos"), folder.resolve("out"), Map.of())
                .extracted(),
            bad);
        assertEquals(
            List.of(journal + ": a line is damaged, so its video is read again"), notes, bad);
      }
      Files.write(folder.resolve("out/features.json"), new byte[] {'{', (byte) 0xff, '}'});
      IOException damaged = assertThrows(IOException.class, () -> run(encoder, SETTINGS, a));
      assertTrue(damaged.getMessage().contains("features.json is damaged"), damaged::getMessage);
    }
  }

  @Test
  void whatIsThereIsNotReadAgainUnlessItChanged() throws Exception {
    Path a = video("a.mp4", 20);
    try (ClipEncoder encoder = encoder(1)) {
      assertEquals(1, run(encoder, SETTINGS, a).extracted());
      assertEquals(0, run(encoder, SETTINGS, a).extracted());
      Files.write(folder.resolve("out/a.npy"), new byte[] {1, 2, 3});
      assertEquals(1, run(encoder, SETTINGS, a).extracted());
      video("a.mp4", 26);
      assertEquals(new FeatureExtraction.Result(1, 8, 1, 0, 12), run(encoder, SETTINGS, a));
      assertEquals(8, read("a.npy").length);
      Path other = Files.move(video("x/a.mp4", 31), folder.resolve("a.mp4"));
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  extraction(encoder, SETTINGS, (videos, clips, skipped, share) -> {})
                      .run(List.of(other), folder, folder.resolve("out"), Map.of()));
      assertTrue(e.getMessage().contains("a.npy holds features of "), e::getMessage);
    }
  }

  @Test
  void otherSettingsAreRefused() throws Exception {
    Path a = video("a.mp4", 20);
    try (ClipEncoder encoder = encoder(1);
        ClipEncoder another = encoder(2)) {
      run(encoder, SETTINGS, a);
      FeatureSettings hop =
          new FeatureSettings(new SlidingWindows(4, 1, 4), SIZE, Fit.STRETCH, true, 0.6);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> run(encoder, hop, a));
      assertEquals(
          folder.resolve("out")
              + " holds features with hop 3, this run asks for 4; give another --output",
          e.getMessage());
      FeatureSettings crop = new FeatureSettings(WINDOWS, SIZE, Fit.CROP, true, 0.6);
      assertThrows(IllegalArgumentException.class, () -> run(encoder, crop, a));
      e = assertThrows(IllegalArgumentException.class, () -> run(another, SETTINGS, a));
      assertTrue(e.getMessage().contains("features of another checkpoint"), e::getMessage);
    }
  }

  @Test
  void badVideosAreSkippedAndNamed() throws Exception {
    Path a = video("a.mp4", 20);
    Path bad = Files.writeString(folder.resolve("videos/bad.mp4"), "no video");
    Path missing = folder.resolve("videos/none.mp4");
    try (ClipEncoder encoder = encoder(1)) {
      assertEquals(
          new FeatureExtraction.Result(1, 6, 1, 2, 12), run(encoder, SETTINGS, missing, bad, a));
      List<String> lines = Files.readAllLines(folder.resolve("out/skipped.csv"));
      assertTrue(lines.get(1).startsWith(missing + ",missing,"), lines::toString);
      assertTrue(lines.get(2).startsWith(bad + ",unreadable,"), lines::toString);
      assertFalse(Files.exists(folder.resolve("out/bad.npy")));
      VideoException e =
          assertThrows(
              VideoException.class,
              () ->
                  new FeatureExtraction(encoder, SETTINGS, 3, true, (v, c, s, share) -> {})
                      .run(List.of(a, bad), folder, folder.resolve("strict"), Map.of()));
      assertEquals(bad, e.path());
    }
  }

  @Test
  void pixelsAsTheOfficialScriptFeedsThem() throws Exception {
    Path a = video("a.mp4", 4);
    FeatureSettings raw = new FeatureSettings(WINDOWS, SIZE, Fit.STRETCH, false, 0.6);
    try (ClipEncoder encoder = encoder(1);
        Arena arena = Arena.ofConfined();
        ClipDecoder decoder = new ClipDecoder();
        Scope scope = device.scope()) {
      run(encoder, raw, a);
      MemorySegment pixels = arena.allocate(3L * 4 * SIZE * SIZE);
      decoder.decode(VideoInfo.scan(a), new int[] {0, 1, 2, 3}, SIZE, SIZE, pixels);
      float[] planes = new float[(int) pixels.byteSize()];
      for (int i = 0; i < planes.length; i++) {
        int channel = i % 3;
        planes[channel * planes.length / 3 + i / 3] =
            (pixels.get(ValueLayout.JAVA_BYTE, i) & 0xFF) / 255f;
      }
      Tensor video = device.tensor(Shape.of(1, 3, 4, SIZE, SIZE), planes);
      assertArrayEquals(encoder.features(video).toFloats(), read("a.npy")[0], 1e-5f);
    }
  }

  /** Of a pre-trained model: the mean of what its encoder gives when it sees everything. */
  @ParameterizedTest
  @ValueSource(strings = {"EVEREST", "VIDEOMAE"})
  void anEncoderWithoutAHead(Method method) throws IOException {
    Path file = folder.resolve("pretrained.safetensors");
    try (MaskedAutoencoder model =
        new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(3), false)) {
      ModelFile.write(
          file,
          model.parameters(),
          new ModelDescription(CONFIG, CLIP, 4, Pretraining.official(method)));
      float[] values = new float[3 * 4 * SIZE * SIZE];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) Math.sin(i * 0.37);
      }
      try (ModelFile read = ModelFile.open(file);
          ClipEncoder encoder = read.encoder(device, null);
          Scope scope = device.scope()) {
        Tensor video = device.tensor(Shape.of(1, 3, 4, SIZE, SIZE), values);
        int tokens = model.grid().tokens();
        int[] all = IntStream.range(0, tokens).toArray();
        Tensor visible = device.tensor(Shape.of(1, tokens), all);
        Tensor target = device.tensor(Shape.of(1, 1), new int[] {0});
        float[] latent = model.forward(video, new TokenPlan(visible, target)).latent().toFloats();
        float[] mean = new float[12];
        for (int i = 0; i < latent.length; i++) {
          mean[i % 12] += latent[i] / tokens;
        }
        assertArrayEquals(mean, encoder.features(video).toFloats(), 1e-5f);
        assertEquals(12, encoder.width());
        assertTrue(encoder.parameters().containsKey("norm.weight"));
        assertFalse(encoder.parameters().containsKey("fc_norm.weight"));
        try (ClipEncoder selecting = read.encoder(device, new ReRoSelection(0.4))) {
          assertFalse(
              Arrays.equals(
                  encoder.features(video).toFloats(), selecting.features(video).toFloats()));
        }
      }
    }
  }

  @Test
  void whatTheHeadSees() {
    VideoClassifier.Options options = new VideoClassifier.Options(3, null, true, false, 0, 1);
    try (VideoClassifier model =
            new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(1), false);
        ClipEncoder encoder = ClipEncoder.of(CONFIG, CLIP, options, device, Rng.seed(1));
        Scope scope = device.scope()) {
      Tensor video = device.zeros(Shape.of(2, 3, 4, SIZE, SIZE));
      assertArrayEquals(
          model.forward(video, Dropping.NONE).features().toFloats(),
          encoder.features(video).toFloats());
    }
  }

  @Test
  void namesThatMeetKeepTheirEndings() {
    Path root = Path.of("/data").toAbsolutePath();
    List<Path> videos =
        Stream.of("a/1.mp4", "b/1.mp4", "b/1.avi", "b/1.avi.mp4", "c", "c.mp4", ".x", "../o/1.mp4")
            .map(name -> root.resolve(name).normalize())
            .toList();
    List<String> names =
        FeatureNames.of(videos, root).values().stream()
            .map(name -> name.toString().replace('\\', '/'))
            .toList();
    assertEquals(
        List.of(
            "a/1.npy",
            "b/1.mp4.npy",
            "b/1.avi.npy",
            "b/1.avi.mp4.npy",
            "c.npy",
            "c.mp4.npy",
            ".x.npy",
            "o/1.npy"),
        names);
  }
}
