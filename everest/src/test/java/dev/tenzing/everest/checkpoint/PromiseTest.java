package dev.tenzing.everest.checkpoint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.StoredType;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Descriptions that promise what is not there: refused before anything is made of them. */
class PromiseTest {
  private static final VitConfig CONFIG =
      new VitConfig("custom", 12, 2, 3, 8, 2, 4, 12, 1, 3, 0, 1e-6);
  private static final ClipShape CLIP = ClipShape.square(4, 16);
  private static final String[] LIES = {
    "0", "-1", "2147483648", "9223372036854775807", "1e300", "0.5", "null", "\"12\"", "{}"
  };
  private static final Pattern JAVA =
      Pattern.compile("Cannot invoke|cannot be cast|java\\.|For input|out of bounds|overflow");

  @TempDir private Path folder;

  private static final class Model implements AutoCloseable {
    private final Device device = Device.cpu(1);
    private final Map<String, Tensor> tensors;
    private final String description;

    Model() {
      VideoClassifier.Options options = VideoClassifier.Options.official(3, new ReRoSelection(0.4));
      tensors = new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(1), false).parameters();
      description =
          DescriptionJson.write(
              new ModelDescription(
                  CONFIG, CLIP, 2, new Classification(options, List.of("a", "b", "c"))));
    }

    @Override
    public void close() {
      device.close();
    }
  }

  /** Opens a checkpoint; what is refused is refused in a sentence of ours. */
  private static boolean opens(Path path, String lie) {
    try (ModelFile file = ModelFile.open(path)) {
      return true;
    } catch (CheckpointException e) {
      assertFalse(JAVA.matcher(e.getMessage()).find(), lie + ": " + e.getMessage());
      assertTrue(e.getMessage().contains(path.toString()), lie + ": " + e.getMessage());
      return false;
    }
  }

  /** Every value of the description, replaced by each lie. */
  private static void eachLie(String description, Consumer<String> then) {
    Matcher value =
        Pattern.compile("(?<=:)(-?[\\d.E-]+|true|false|null|\"[^\"]*\")(?=[,}])")
            .matcher(description);
    while (value.find()) {
      for (String lie : LIES) {
        then.accept(
            description.substring(0, value.start()) + lie + description.substring(value.end()));
      }
    }
  }

  @Test
  void everyValueOfOurs() throws IOException {
    Path path = folder.resolve("a.safetensors");
    try (Model model = new Model()) {
      int[] opened = new int[2];
      eachLie(
          model.description,
          lie -> {
            try {
              SafetensorsWriter.write(path, model.tensors, Map.of("tenzing", lie));
            } catch (IOException e) {
              throw new AssertionError(e);
            }
            opened[opens(path, lie) ? 0 : 1]++;
          });
      assertTrue(opened[1] > 150 && opened[0] > 5, opened[0] + " of " + opened[1]);
    }
  }

  @Test
  void everyValueOfHuggingFace() throws IOException {
    Path own = folder.resolve("own.safetensors");
    Path hub = folder.resolve("hub");
    try (Model model = new Model()) {
      SafetensorsWriter.write(own, model.tensors, Map.of("tenzing", model.description));
    }
    try (Checkpoint checkpoint = Checkpoint.open(own)) {
      new Conversion(checkpoint, Hints.NONE).write(hub, CheckpointFormat.HUGGING_FACE, false);
    }
    Path config = hub.resolve("config.json");
    Map<String, Object> values = new LinkedHashMap<>(Json.parseObject(Files.readString(config)));
    values.remove("tenzing");
    int[] opened = new int[2];
    eachLie(
        Json.write(values),
        lie -> {
          try {
            Files.writeString(config, lie);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
          try (ModelFile file = ModelFile.open(hub)) {
            opened[0]++;
          } catch (CheckpointException e) {
            opened[1]++;
            assertFalse(JAVA.matcher(e.getMessage()).find(), lie + ": " + e.getMessage());
          }
        });
    assertTrue(opened[1] > 60, opened[0] + " of " + opened[1]);
  }

  /** Shapes with a 0 take no bytes, so a file of nothing can name any width. */
  @Test
  void tensorsOfNothingMakeNoModel() throws IOException {
    Path path = folder.resolve("a.safetensors");
    for (long width : new long[] {0, 1, 8192, 1L << 31, 1L << 40}) {
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      tensors.put("patch_embed.proj.weight", nothing(width, 3, 2, 8, width == 0 ? 8 : 0));
      tensors.put("blocks.0.norm1.weight", nothing(width, 0));
      tensors.put("blocks.0.mlp.fc1.weight", nothing(4 * width, 0));
      tensors.put("head.weight", nothing(1L << 31, 0));
      SafetensorsWriter.writeStored(path, tensors, Map.of());
      assertFalse(opens(path, "width " + width));
      SafetensorsWriter.writeStored(
          path,
          tensors,
          Map.of(
              "tenzing",
              DescriptionJson.write(
                  new ModelDescription(
                      new VitConfig("a", 8192, 40, 8, 16, 2, 4, 96, 2, 3, 0, 1e-6),
                      ClipShape.square(16, 64),
                      2,
                      new Classification(VideoClassifier.Options.official(3, null))))));
      assertFalse(opens(path, "our width over " + width));
    }
  }

  private static StoredTensor nothing(long... sizes) {
    return new StoredTensor(
        "nothing", StoredType.F32, Shape.of(sizes), () -> MemorySegment.ofArray(new byte[0]));
  }

  @Test
  void sizesOfConfigurationsHaveBounds() {
    int[][] sizes = {{1 << 17, 1}, {12, 5000}, {12, Integer.MAX_VALUE}};
    for (int[] size : sizes) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new VitConfig("a", size[0], size[1], 1, 8, 2, 4, 12, 1, 3, 0, 1e-6));
    }
    for (double odd : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e-9, -1, 1e9}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new VitConfig("a", 12, 1, 1, 8, 2, odd, 12, 1, 3, 0, 1e-6));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> VideoClassifier.Options.official(Integer.MAX_VALUE, null));
    assertThrows(IllegalArgumentException.class, () -> new ClipShape(16, 0, 224));
    assertThrows(IllegalArgumentException.class, () -> new ClipShape(1 << 20, 224, 224));
    assertThrows(
        IllegalArgumentException.class,
        () -> ClipShape.square(1 << 16, 1 << 14).grid(VitConfig.SMALL));
    assertThrows(IllegalArgumentException.class, () -> Sizes.ratio(96, 0));
    assertThrows(IllegalArgumentException.class, () -> Sizes.ratio(0, 96));
  }
}
