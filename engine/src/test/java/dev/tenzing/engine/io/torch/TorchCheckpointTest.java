package dev.tenzing.engine.io.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.StoredType;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads what PyTorch wrote. */
class TorchCheckpointTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "layouts_zip.pth, model, layouts",
    "layouts_legacy.pth, model, layouts",
    "v2_finetune_module_bf16_zip.pth, module, v2_finetune_bf16",
    "v2_finetune_model_f16_legacy.pth, model, v2_finetune_f16"
  })
  void tensorsAreThoseOfPyTorch(String name, String key, String weights) {
    try (TorchCheckpoint file = TorchCheckpoint.open(Resources.file(name));
        Safetensors expected = Safetensors.open(Resources.file(weights + ".weights.safetensors"))) {
      Object stateDict = ((Map<?, ?>) file.root()).get(key);
      Map<String, StoredTensor> tensors = TorchCheckpoint.tensors(stateDict);
      assertEquals(Set.copyOf(expected.names()), tensors.keySet());
      tensors.forEach((tensorName, tensor) -> {
        StoredTensor wanted = expected.tensor(tensorName);
        assertEquals(wanted.type(), tensor.type(), tensorName);
        assertEquals(wanted.shape(), tensor.shape(), tensorName);
        assertEquals(-1, wanted.bytes().mismatch(tensor.bytes()), tensorName);
        assertEquals(
            "tensor \"%s.%s\" in %s".formatted(key, tensorName, Resources.file(name)),
            tensor.label());
      });
    }
  }

  /** A checkpoint of a training run with all kinds of values that people keep in them. */
  @ParameterizedTest
  @ValueSource(strings = {"training_zip.pth", "training_legacy.pth", "training_protocol5.pth"})
  void everythingElseIsPlainData(String name) {
    try (TorchCheckpoint file = TorchCheckpoint.open(Resources.file(name))) {
      boolean legacy = name.contains("legacy");
      assertEquals(
          legacy ? TorchCheckpoint.Layout.LEGACY : TorchCheckpoint.Layout.ZIP, file.layout());
      Map<?, ?> root = (Map<?, ?>) file.root();
      assertEquals(
          List.of("model", "optimizer", "epoch", "big", "negative", "many", "args"),
          new ArrayList<>(root.keySet()).subList(0, 7));
      assertEquals(Set.of("weight", "bias"), TorchCheckpoint.tensors(root.get("model")).keySet());
      assertEquals(7L, root.get("epoch"));
      assertEquals(BigInteger.TWO.pow(70), root.get("big"));
      assertEquals(-5L, root.get("negative"));
      assertEquals(1_000_000_000_000L, root.get("many"));
      assertEquals(Set.of("b"), root.get("names"));
      assertEquals(Set.of(1L), root.get("frozen"));
      assertEquals(Map.of("k", 2L), root.get("counts"));
      assertEquals(Map.of("a", 2L, "b", 1L), root.get("counter"));
      Map<Object, Object> numbers = new LinkedHashMap<>();
      numbers.put(1L, "one");
      numbers.put(List.of(2L, 3L), "two");
      numbers.put(null, 0L);
      numbers.put(2.5, true);
      assertEquals(numbers, root.get("numbers"));
      assertEquals("cuda:0", root.get("device"));
      assertEquals(List.of(2L, 3L), root.get("size"));
      assertEquals("/data/ucf101", root.get("path"));
      assertArrayEquals(new byte[] {0, -1}, (byte[]) root.get("raw"));
      TorchObject type = assertInstanceOf(TorchObject.class, root.get("dtype"));
      assertEquals("torch.float16", type.toString());
      TorchObject complex = assertInstanceOf(TorchObject.class, root.get("complex"));
      assertEquals("builtins.complex", complex.type().replace("__builtin__", "builtins"));
      assertEquals(List.of(1.0, 2.0), complex.state());
      assertArguments((TorchObject) root.get("args"));
      assertNumpy((Map<?, ?>) root.get("numpy"));
      assertOptimizer((Map<?, ?>) root.get("optimizer"));
    }
  }

  private static void assertArguments(TorchObject arguments) {
    assertEquals("argparse.Namespace", arguments.type());
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("model", "vit_small_patch16_224");
    expected.put("lr", 1.5e-4);
    expected.put("resume", "");
    expected.put("flags", Arrays.asList(true, false, null));
    expected.put("window", List.of(8L, 14L, 14L));
    expected.put("text", "a\n\u00e9\ud83d\ude00");
    assertEquals(expected, arguments.state());
    assertThrows(
        UnsupportedOperationException.class, () -> ((Map<?, ?>) arguments.state()).clear());
  }

  private static void assertNumpy(Map<?, ?> numpy) {
    assertEquals(0.5, numpy.get("f4"));
    assertEquals(-3L, numpy.get("i8"));
    assertEquals(255L, numpy.get("u1"));
    assertEquals(BigInteger.TWO.pow(64).subtract(BigInteger.ONE), numpy.get("u8"));
    assertEquals(true, numpy.get("b1"));
    assertEquals(-2.0, numpy.get("f2"));
    assertEquals(1.25, numpy.get("big"));
    StoredTensor array = (StoredTensor) numpy.get("array");
    assertEquals(StoredType.F32, array.type());
    assertEquals(Shape.of(2, 3), array.shape());
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, array.toFloats());
    StoredTensor fortran = (StoredTensor) numpy.get("fortran");
    assertEquals(Shape.of(2, 3), fortran.shape());
    assertArrayEquals(new long[] {0, 1, 2, 3, 4, 5}, fortran.toLongs());
    assertEquals("numpy.ndarray", ((TorchObject) numpy.get("text")).type());
    assertEquals("numpy.f4", numpy.get("type"));
  }

  private static void assertOptimizer(Map<?, ?> optimizer) {
    List<?> groups = (List<?>) optimizer.get("param_groups");
    assertEquals(0.001, ((Map<?, ?>) groups.get(1)).get("lr"));
    assertEquals(0.05, ((Map<?, ?>) groups.get(1)).get("weight_decay"));
    assertEquals(List.of(0.9, 0.95), ((Map<?, ?>) groups.get(1)).get("betas"));
    Map<?, ?> state = (Map<?, ?>) ((Map<?, ?>) optimizer.get("state")).get(1L);
    StoredTensor step = (StoredTensor) state.get("step");
    assertEquals(Shape.SCALAR, step.shape());
    assertArrayEquals(new float[] {1}, step.toFloats());
    StoredTensor moments = (StoredTensor) state.get("exp_avg");
    assertEquals(Shape.of(2, 3), moments.shape());
    assertEquals(0.1f, moments.toFloats()[0], 1e-7f);
  }

  @ParameterizedTest
  @CsvSource({
    "reduce_os_system_zip.pth, posix.system",
    "reduce_os_system_legacy.pth, posix.system",
    "view_past_end_zip.pth, needs elements 0 to 199"
  })
  void hostileFilesAreRefused(String name, String defect) {
    assertRefused(Resources.file(name), defect);
    assertFalse(Files.exists(Path.of("pwned-by-pickle")));
  }

  @Test
  void whatIsNoCheckpointIsNamed() throws IOException {
    assertRefused(folder.resolve("missing.pth"), "there is no file");
    assertRefused(folder, "there is no file");
    assertRefused(text(""), "first bytes: none");
    assertRefused(text("hello"), "not a PyTorch checkpoint");
    assertRefused(text("version https://git-lfs.github.com/spec/v1\noid"), "git lfs pull");
    assertRefused(text("\n<!DOCTYPE html><html>"), "web page");
    assertRefused(text("x".repeat(257) + "ustar\0" + "x".repeat(300)), "tar archive");
  }

  private Path text(String text) throws IOException {
    return Files.write(folder.resolve("a.pth"), text.getBytes(StandardCharsets.ISO_8859_1));
  }

  static void assertRefused(Path path, String defect) {
    String message =
        assertThrows(TorchException.class, () -> TorchCheckpoint.open(path).close()).getMessage();
    assertTrue(message.contains(path.toString()), "names the file: " + message);
    assertTrue(message.contains(defect), "names the defect: " + message);
    assertFalse(message.contains("\n"), "is one sentence: " + message);
  }
}
