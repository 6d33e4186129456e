package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes checkpoints that {@code torch.load(path, weights_only=True)} opens, in the zip layout. The
 * same values give the same bytes.
 */
public final class TorchWriter {
  private static final String FOLDER = "archive/";

  private TorchWriter() {}

  /**
   * Writes a file. It is written beside the target, forced to disk and renamed, so that a crash or
   * a full disk leaves the old file as it was.
   *
   * @param root what {@code torch.load} gives back: maps (with keys that are no containers), lists,
   *     strings, integers, floating-point numbers, booleans, null, and tensors as {@link
   *     dev.tenzing.engine.Tensor} or {@link dev.tenzing.engine.io.StoredTensor}. A map of tensors
   *     alone becomes an {@code OrderedDict}, as a state dict is; the same tensor in two places
   *     becomes one storage.
   * @throws IOException when it cannot be written
   * @throws IllegalArgumentException when there is any other value
   */
  public static void write(Path path, Map<String, ?> root) throws IOException {
    write(path, root, ZipWriter.ZIP64_FROM);
  }

  static void write(Path path, Map<String, ?> root, long zip64From) throws IOException {
    Pickler pickler = new Pickler();
    byte[] pickle = pickler.pickle(root);
    AtomicFile.write(
        path,
        out -> {
          ZipWriter zip = new ZipWriter(out, zip64From);
          zip.add(FOLDER + "data.pkl", pickle);
          zip.add(FOLDER + ".format_version", ascii("1"));
          zip.add(FOLDER + ".storage_alignment", ascii("64"));
          zip.add(FOLDER + "byteorder", ascii("little"));
          List<Pickler.Stored> storages = pickler.storages();
          for (int i = 0; i < storages.size(); i++) {
            zip.add(FOLDER + "data/" + i, storages.get(i).size(), storages.get(i).bytes());
          }
          zip.add(FOLDER + "version", ascii("3\n"));
          zip.finish();
        });
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
