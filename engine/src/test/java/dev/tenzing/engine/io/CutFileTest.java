package dev.tenzing.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.io.torch.TorchCheckpoint;
import dev.tenzing.engine.io.torch.TorchWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that another process cuts short while they are open: a mapped one would end the JVM. */
class CutFileTest {
  private static final int COUNT = 100_000;

  @TempDir private Path folder;

  private static StoredTensor values() {
    return new StoredTensor(
        "values", StoredType.F32, Shape.of(COUNT), () -> MemorySegment.ofArray(new float[COUNT]));
  }

  private static void assertCutIsTold(Path path, StoredTensor tensor) throws IOException {
    assertEquals(COUNT, tensor.toFloats().length);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.truncate(1000);
    }
    String message = assertThrows(TensorFileException.class, tensor::toFloats).getMessage();
    assertTrue(message.startsWith(path + " was cut short while it was being read"), message);
    assertThrows(TensorFileException.class, tensor::bytes);
  }

  @Test
  void ofSafetensors() throws IOException {
    Path path = folder.resolve("a.safetensors");
    SafetensorsWriter.writeStored(path, Map.of("a", values()), Map.of());
    try (Safetensors file = Safetensors.open(path)) {
      assertCutIsTold(path, file.tensor("a"));
    }
  }

  @Test
  void ofPyTorch() throws IOException {
    Path path = folder.resolve("a.pth");
    TorchWriter.write(path, Map.of("a", values()));
    try (TorchCheckpoint file = TorchCheckpoint.open(path)) {
      assertCutIsTold(path, TorchCheckpoint.tensors(file.root()).get("a"));
    }
  }
}
