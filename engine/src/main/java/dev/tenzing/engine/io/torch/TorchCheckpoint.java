package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.FileBytes;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.TensorFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A file of {@code torch.save}, read as data.
 *
 * <p>Opening reads the pickle and the table of contents; every tensor is checked against its
 * storage then, but values are touched only when asked for. They are valid until {@link #close()}.
 */
public final class TorchCheckpoint implements AutoCloseable {
  /** How the file is laid out. */
  public enum Layout {
    /** A zip archive, since PyTorch 1.6. */
    ZIP,
    /** Pickles and storages one after the other, before that. */
    LEGACY
  }

  private final Path path;
  private final FileBytes file;
  private Layout layout;
  private Object root;

  private TorchCheckpoint(FileBytes file) {
    this.path = file.path();
    this.file = file;
  }

  /**
   * Opens a file and reads all of it but the values of its tensors.
   *
   * @throws TorchException when it is missing, damaged, or asks for code
   */
  public static TorchCheckpoint open(Path path) {
    FileBytes bytes;
    try {
      bytes = FileBytes.open(path);
    } catch (TensorFileException e) {
      throw new TorchException(e.getMessage(), e);
    }
    try {
      TorchCheckpoint file = new TorchCheckpoint(bytes);
      file.read();
      return file;
    } catch (RuntimeException | OutOfMemoryError e) {
      bytes.close();
      throw e;
    }
  }

  private void read() {
    Complaints complaints = new Complaints(path);
    layout = Beginning.layout(file, complaints);
    root =
        switch (layout) {
          case ZIP -> new ZipLayout(file, complaints).root();
          case LEGACY -> new LegacyLayout(file, complaints).root();
        };
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** How it is laid out. */
  public Layout layout() {
    return layout;
  }

  /**
   * The object that was saved, an immutable tree of bounded depth and size:
   *
   * <ul>
   *   <li>a {@code Map} for a dict of any kind, in the file's order, with keys that are strings,
   *       numbers, booleans, null, or lists of these;
   *   <li>a {@code List} for a list or a tuple, a {@code Set} for a set;
   *   <li>{@code String}, {@code Long} ({@code BigInteger} beyond 64 bits), {@code Double}, {@code
   *       Boolean}, {@code byte[]} and null; NumPy's scalars are numbers, devices and paths
   *       strings;
   *   <li>{@link StoredTensor} for tensors and parameters, and NumPy's arrays of types that tensors
   *       have;
   *   <li>{@link TorchObject} for the rest.
   * </ul>
   */
  public Object root() {
    return root;
  }

  /**
   * The tensors with names right in {@code map}, in its order: for a state dict, all of it.
   *
   * @param map a map of {@link #root()}; anything else holds no tensors
   */
  public static Map<String, StoredTensor> tensors(Object map) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    if (map instanceof Map<?, ?> entries) {
      entries.forEach((key, value) -> {
        if (key instanceof String name && value instanceof StoredTensor tensor) {
          tensors.put(name, tensor);
        }
      });
    }
    return tensors;
  }

  @Override
  public void close() {
    file.close();
  }
}
