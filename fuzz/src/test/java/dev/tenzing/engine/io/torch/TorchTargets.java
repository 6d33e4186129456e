package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Files of {@code torch.save}. */
public final class TorchTargets {
  private static final Path FILES =
      Path.of("../engine/src/test/resources/dev/tenzing/engine/io/torch");
  private static final ByteMutation BYTES =
      ByteMutation.with(
          "PK\u0001\u0002",
          "PK\u0003\u0004",
          "PK\u0005\u0006",
          "PK\u0006\u0006",
          "PK\u0006\u0007",
          "data.pkl",
          "\u0080\u0002",
          "(",
          ".",
          "}",
          "]",
          ")",
          "t",
          "\u0085",
          "R",
          "Q",
          "u",
          "s",
          "q\u0000",
          "h\u0000",
          "ctorch\nFloatStorage\n",
          "X\u0004\u0000\u0000\u0000weig",
          "0",
          "2",
          "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f",
          "I99999\n",
          "S'x'\n");

  private TorchTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target("pth-zip", 1, folder -> bytes(folder, "layouts_zip.pth", "training_zip.pth")),
        new Target(
            "pth-legacy", 1, folder -> bytes(folder, "layouts_legacy.pth", "training_legacy.pth")),
        new Target("pth-pickle", 1, folder -> pickle(folder, "training_zip.pth")),
        new Target("pth-pickle-5", 1, folder -> pickle(folder, "training_protocol5.pth")),
        new Target("pth-views", 1, folder -> pickle(folder, "layouts_zip.pth")));
  }

  private static Attack bytes(Path folder, String... names) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (String name : names) {
      seeds.add(Files.readAllBytes(FILES.resolve(name)));
    }
    return Attack.onFile(folder.resolve("a.pth"), seeds, BYTES, TorchTargets::read);
  }

  /** The pickle of a file whose other records and checksums are right. */
  private static Attack pickle(Path folder, String name) throws IOException {
    Map<String, byte[]> records = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(FILES.resolve(name).toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        String inner = entry.getName().replaceFirst("^[^/]*/", "");
        records.put(inner, zip.getInputStream(entry).readAllBytes());
      }
    }
    byte[] good = records.remove("data.pkl");
    Path file = folder.resolve("a.pth");
    return new Attack(
        List.of(good),
        new PickleMutation().sometimesThen(10, BYTES),
        input -> {
          zip(file, input, records);
          read(file);
        });
  }

  /** A PyTorch file with a pickle and other records. */
  static void zip(Path file, byte[] pickle, Map<String, byte[]> records) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ZipWriter zip = new ZipWriter(out, ZipWriter.ZIP64_FROM);
      zip.add("any/data.pkl", pickle);
      for (Map.Entry<String, byte[]> record : records.entrySet()) {
        zip.add("any/" + record.getKey(), record.getValue());
      }
      zip.finish();
    }
  }

  private static void read(Path path) {
    try (TorchCheckpoint file = TorchCheckpoint.open(path)) {
      use(file.root());
    }
  }

  private static void use(Object value) {
    switch (value) {
      case StoredTensor tensor -> {
        if (tensor.toDoubles().length != tensor.shape().size()) {
          throw new AssertionError(
              tensor.label() + " has another number of values than its shape says");
        }
      }
      case Map<?, ?> map ->
          map.forEach((key, item) -> {
            use(key);
            use(item);
          });
      case Collection<?> items -> items.forEach(TorchTargets::use);
      case TorchObject object -> use(object.state());
      case null, default -> {
        // A value of the JDK.
      }
    }
  }
}
