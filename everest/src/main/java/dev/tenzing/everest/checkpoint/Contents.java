package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.StoredTensor;
import java.nio.file.Path;
import java.util.Map;

/**
 * What an opened checkpoint holds.
 *
 * @param format its format
 * @param path the file with its tensors
 * @param stateDict keys from the top object to the state dict, with dots
 * @param tensors the state dict
 * @param metadata everything small beside it
 * @param config Hugging Face's {@code config.json}, or null
 * @param file closes the file
 */
record Contents(
    CheckpointFormat format,
    Path path,
    String stateDict,
    Map<String, StoredTensor> tensors,
    Map<String, Object> metadata,
    HuggingFaceConfig config,
    Runnable file)
    implements AutoCloseable {
  @Override
  public void close() {
    file.run();
  }
}
