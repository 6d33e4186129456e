package dev.tenzing.everest.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Json;
import dev.tenzing.everest.description.Method;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Names, order and shapes of every parameter of the official full-size models, without their
 * weights: {@code params.json.gz} holds what PyTorch's {@code state_dict} says.
 */
class OfficialParametersTest {
  private static final Map<String, String> SIZES =
      Map.of(
          "small", "vit-s", "base", "vit-b", "large", "vit-l", "huge", "vit-h", "giant", "vit-g");

  private static Map<String, Object> models() throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            OfficialParametersTest.class.getResourceAsStream("/model/params.json.gz"))) {
      return Json.parseObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  static Set<String> names() throws IOException {
    return models().keySet();
  }

  /** Names such as {@code everest/pretrain_videoms_small_patch16_224}. */
  @ParameterizedTest
  @MethodSource("names")
  void areThoseOfPyTorch(String name) throws IOException {
    Map<?, ?> official = (Map<?, ?>) models().get(name);
    Method method = name.startsWith("everest/") ? Method.EVEREST : Method.VIDEOMAE_V2;
    String size =
        SIZES.entrySet().stream()
            .filter(entry -> name.contains("_" + entry.getKey() + "_"))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElseThrow();
    try (Device meta = Device.meta()) {
      Map<String, Tensor> parameters =
          name.contains("/pretrain_")
              ? autoencoder(method.model(size), meta)
              : classifier(size, meta);
      List<List<Object>> described =
          parameters.entrySet().stream()
              .map(entry -> List.<Object>of(entry.getKey(), dims(entry.getValue())))
              .toList();
      assertEquals(official.get("state_dict"), described);
      long count = parameters.values().stream().mapToLong(Tensor::size).sum();
      assertEquals(((Number) official.get("num_params")).longValue(), count);
      long encoder =
          parameters.entrySet().stream()
              .filter(entry -> entry.getKey().startsWith("encoder."))
              .mapToLong(entry -> entry.getValue().size())
              .sum();
      if (official.get("encoder_params") instanceof Number expected) {
        assertEquals(expected.longValue(), encoder);
      }
    }
  }

  private static Map<String, Tensor> autoencoder(VitConfig config, Device meta) {
    return new MaskedAutoencoder(config, ClipShape.square(16, 224), meta, Rng.seed(0), false)
        .parameters();
  }

  private static Map<String, Tensor> classifier(String size, Device meta) {
    return new VideoClassifier(
            VitConfig.named(size),
            ClipShape.square(16, 224),
            VideoClassifier.Options.official(400, null),
            meta,
            Rng.seed(0),
            false)
        .parameters();
  }

  private static List<Object> dims(Tensor tensor) {
    long[] dims = tensor.shape().toArray();
    return Arrays.stream(dims).<Object>mapToObj(Long::valueOf).toList();
  }
}
