package dev.tenzing.engine.io;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.JsonMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Safetensors and the JSON in them. */
public final class TensorFileTargets {
  private TensorFileTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target("json", 1, TensorFileTargets::json),
        new Target("safetensors", 1, TensorFileTargets::safetensors));
  }

  private static Attack json(Path folder) {
    List<byte[]> seeds =
        Stream.of(
                "{\"a\": [1, -2.5e3, true, false, null], \"b\": {\"c\":"
                    + " \"\\u00e9\\n\\ud83d\\ude00\"}}",
                "[]",
                "\"x\"",
                "[[[[1]]],{\"k\":{}}]",
                "9223372036854775807",
                "{\"step\":3,\"loss\":0.1234,\"lr\":1e-4}")
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toList();
    ByteMutation bytes =
        ByteMutation.with(
            "{", "}", "[", "]", "\"", ":", ",", "\\u", "\\ud800", "\\", "1e999", "-", "00",
            "{\"a\":", "null", "true", " ", "\u00ff", "0.", "e");
    return new Attack(
        seeds,
        Mutation.anyOf(bytes, JsonMutation.with("a", "b").sometimesThen(2, bytes)),
        input -> {
          Object value = Json.parse(new String(input, StandardCharsets.UTF_8));
          if (!Json.write(Json.parse(Json.write(value))).equals(Json.write(value))) {
            throw new AssertionError("written and read again it is something else");
          }
        });
  }

  private static Attack safetensors(Path folder) throws Exception {
    Path file = folder.resolve("good.safetensors");
    try (Device device = Device.cpu(1);
        Tensor weight = device.tensor(Shape.of(3, 2), new float[] {1, 2, 3, 4, 5, 6});
        Tensor bias = device.tensor(Shape.of(3), new float[] {7, 8, 9})) {
      SafetensorsWriter.write(file, Map.of("weight", weight), Map.of("format", "pt", "epoch", "3"));
      byte[] one = Files.readAllBytes(file);
      SafetensorsWriter.write(file, Map.of("bias", bias), Map.of());
      return Attack.onFile(
          folder.resolve("a.safetensors"),
          List.of(one, Files.readAllBytes(file)),
          SafetensorsMutation.ofAll(
              "dtype",
              "shape",
              "data_offsets",
              "__metadata__",
              "F64",
              "F32",
              "F16",
              "BF16",
              "I64",
              "I8",
              "BOOL",
              "F8_E4M3",
              "weight",
              "bias"),
          TensorFileTargets::read);
    }
  }

  private static void read(Path path) {
    try (Safetensors file = Safetensors.open(path)) {
      file.metadata();
      for (String name : file.names()) {
        StoredTensor tensor = file.tensor(name);
        if (tensor.toDoubles().length != tensor.shape().size()) {
          throw new AssertionError(name + " has another number of values than its shape says");
        }
        tensor.toFloats();
      }
    }
  }
}
