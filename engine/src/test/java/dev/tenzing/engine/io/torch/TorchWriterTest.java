package dev.tenzing.engine.io.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.StoredType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchWriterTest {
  @TempDir Path folder;

  private final Device device = Device.cpu(1);

  @AfterEach
  void close() {
    device.close();
  }

  private static StoredTensor stored(StoredType type, Shape shape, MemorySegment values) {
    return new StoredTensor("a " + type, type, shape, () -> values);
  }

  /** All types, a scalar, an empty tensor, one in two places, and plain values around them. */
  private Map<String, Object> root() {
    byte[] numbers = new byte[48];
    byte[] flags = new byte[48];
    for (int i = 0; i < 48; i++) {
      numbers[i] = (byte) (i % 2 == 0 ? i : 60);
      flags[i] = (byte) (i % 3 == 0 ? 1 : 0);
    }
    Map<String, Object> model = new LinkedHashMap<>();
    for (StoredType type : StoredType.values()) {
      MemorySegment values = MemorySegment.ofArray(type == StoredType.BOOL ? flags : numbers);
      model.put("a." + type, stored(type, Shape.of(3, 16 / type.bytes()), values));
    }
    MemorySegment one = MemorySegment.ofArray(new float[] {2.5f});
    model.put("scalar", stored(StoredType.F32, Shape.SCALAR, one));
    model.put("empty", stored(StoredType.F32, Shape.of(0, 4), MemorySegment.ofArray(new float[0])));
    model.put("tied", model.get("a.F32"));
    model.put("device", device.tensor(Shape.of(2, 2), 1, 2, 3, 4));
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("model", model);
    root.put("epoch", 7L);
    root.put("lr", 1.5e-4);
    root.put("big", BigInteger.TWO.pow(70).negate());
    root.put("many", -1_000_000_000_000L);
    Map<Object, Object> nested = new LinkedHashMap<>();
    nested.put(1L, "one");
    nested.put("list", Arrays.asList(true, false, null, List.of(), Map.of(), List.of(0.5)));
    nested.put(null, "\u00e9\ud83d\ude00");
    root.put("nested", nested);
    root.put("alone", model.get("scalar"));
    return root;
  }

  /**
   * The golden file was loaded by {@code torch.load(weights_only=True)} of PyTorch 2.13, with and
   * without {@code mmap=True}, and every value compared.
   */
  @Test
  void theBytesAreThoseThatPyTorchWasSeenToLoad() throws IOException {
    Path path = folder.resolve("a.pth");
    TorchWriter.write(path, root());
    assertEquals(-1, Files.mismatch(Resources.file("written.pth"), path));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path path = folder.resolve("a.pth");
    Map<String, Object> root = root();
    TorchWriter.write(path, root);
    try (TorchCheckpoint file = TorchCheckpoint.open(path)) {
      Map<?, ?> read = (Map<?, ?>) file.root();
      assertEquals(new ArrayList<>(root.keySet()), new ArrayList<>(read.keySet()));
      for (String name : List.of("epoch", "lr", "big", "many", "nested")) {
        assertEquals(root.get(name), read.get(name));
      }
      Map<String, StoredTensor> tensors = TorchCheckpoint.tensors(read.get("model"));
      Map<?, ?> model = (Map<?, ?>) root.get("model");
      assertEquals(new ArrayList<>(model.keySet()), new ArrayList<>(tensors.keySet()));
      model.forEach((name, value) -> {
        StoredTensor tensor = tensors.get(name);
        if (value instanceof StoredTensor expected) {
          assertEquals(expected.type(), tensor.type());
          assertEquals(expected.shape(), tensor.shape());
          assertEquals(-1, expected.bytes().mismatch(tensor.bytes()), name.toString());
        } else {
          assertArrayEquals(((Tensor) value).toFloats(), tensor.toFloats());
        }
        assertEquals(0, tensor.bytes().address() % 64, "aligned");
      });
      assertEquals(-1, tensors.get("a.F32").bytes().mismatch(tensors.get("tied").bytes()));
    }
    try (ZipFile zip = new ZipFile(path.toFile())) {
      long storages =
          zip.stream().filter(entry -> entry.getName().startsWith("archive/data/")).count();
      Map<?, ?> model = (Map<?, ?>) root.get("model");
      assertEquals(model.size() - 1, storages, "tied tensors are one storage");
    }
  }

  @Test
  void whatWasReadCanBeWritten() throws IOException {
    Path again = folder.resolve("again.pth");
    try (TorchCheckpoint file = TorchCheckpoint.open(Resources.file("layouts_zip.pth"))) {
      Map<String, StoredTensor> tensors =
          TorchCheckpoint.tensors(((Map<?, ?>) file.root()).get("model"));
      TorchWriter.write(again, tensors);
      try (TorchCheckpoint copy = TorchCheckpoint.open(again)) {
        Map<String, StoredTensor> copies = TorchCheckpoint.tensors(copy.root());
        assertEquals(tensors.keySet(), copies.keySet());
        tensors.forEach((name, tensor) ->
            assertEquals(-1, tensor.bytes().mismatch(copies.get(name).bytes()), name));
      }
    }
  }

  @Test
  void largeTensorsAreWrittenInPieces() throws IOException {
    Path path = folder.resolve("large.pth");
    float[] values = new float[5_000_001];
    values[5_000_000] = 3;
    Tensor large = device.tensor(Shape.of(values.length), values);
    StoredTensor array =
        stored(StoredType.F32, Shape.of(values.length), MemorySegment.ofArray(values));
    TorchWriter.write(path, Map.of("large", large, "nested", List.of(array)));
    try (TorchCheckpoint file = TorchCheckpoint.open(path)) {
      Map<?, ?> root = (Map<?, ?>) file.root();
      assertArrayEquals(values, ((StoredTensor) root.get("large")).toFloats());
      StoredTensor nested = (StoredTensor) ((List<?>) root.get("nested")).getFirst();
      assertArrayEquals(values, nested.toFloats());
    }
  }

  @Test
  void whatIsNoPlainDataIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path path = folder.resolve("a.pth");
    Files.writeString(path, "before");
    refused("cannot hold a java.lang.Object", Map.of("a", new Object()));
    refused(
        "cannot hold a argparse.Namespace",
        Map.of("a", new TorchObject("argparse.Namespace", null)));
    refused("cannot be a map or a list", Map.of("a", Map.of(List.of(), 1L)));
    refused("255 bytes", Map.of("a", BigInteger.TWO.pow(3000)));
    List<Object> circle = new ArrayList<>();
    circle.add(circle);
    refused("nested more than", Map.of("a", circle));
    StoredTensor broken =
        new StoredTensor(
            "broken",
            StoredType.F32,
            Shape.of(2),
            () -> {
              throw new IllegalStateException("the file is closed");
            });
    assertThrows(IllegalStateException.class, () -> TorchWriter.write(path, Map.of("a", broken)));
    StoredTensor small = stored(StoredType.F32, Shape.of(2), MemorySegment.ofArray(new float[1]));
    assertThrows(IllegalStateException.class, () -> TorchWriter.write(path, Map.of("a", small)));
    assertEquals("before", Files.readString(path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  private void refused(String defect, Map<String, ?> root) {
    Path path = folder.resolve("a.pth");
    String message =
        assertThrows(IllegalArgumentException.class, () -> TorchWriter.write(path, root))
            .getMessage();
    assertTrue(message.contains(defect), message);
  }
}
