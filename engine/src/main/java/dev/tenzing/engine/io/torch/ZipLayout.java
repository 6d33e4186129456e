package dev.tenzing.engine.io.torch;

import static dev.tenzing.engine.io.TensorFileException.quote;

import dev.tenzing.engine.io.FileBytes;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The layout since PyTorch 1.6: in a zip archive, below one folder of any name, {@code data.pkl}, a
 * record {@code data/KEY} a storage, and {@code byteorder} unless it is old.
 */
final class ZipLayout {
  private static final String PICKLE = "data.pkl";

  private final FileBytes file;
  private final Complaints complaints;
  private final Map<String, ZipDirectory.Entry> entries;
  private final Map<String, Storage> storages = new HashMap<>();

  ZipLayout(FileBytes file, Complaints complaints) {
    this.file = file;
    this.complaints = complaints;
    this.entries = ZipDirectory.read(file, complaints);
  }

  Object root() {
    String folder = folder();
    if (entries.containsKey(folder + "constants.pkl")) {
      throw complaints.unsupported(
          "it is a TorchScript program and no checkpoint; save its state_dict with PyTorch");
    }
    ByteOrder order = order(folder);
    ZipDirectory.Entry pickle = entries.get(folder + PICKLE);
    Range range = pickle.bytes(PICKLE, complaints);
    Storage.in(file, "its " + PICKLE, range, order, pickle.crc()).verify(complaints);
    Budget budget = new Budget(file.size(), complaints);
    Unpickler unpickler =
        new Unpickler(file, range, complaints, budget, id -> StorageIds.parse(id, complaints));
    Object raw = unpickler.run();
    return new PlainTree(complaints, budget, ref -> storage(ref, folder, order)).of(raw);
  }

  private String folder() {
    String folder = null;
    for (String name : entries.keySet()) {
      if (name.equals(PICKLE) || name.endsWith("/" + PICKLE)) {
        if (folder != null) {
          throw complaints.unsupported("it holds two records " + PICKLE);
        }
        folder = name.substring(0, name.length() - PICKLE.length());
      }
    }
    if (folder == null) {
      throw complaints.unsupported(
          "it is a zip archive without %s, so no PyTorch checkpoint".formatted(PICKLE));
    }
    return folder;
  }

  private ByteOrder order(String folder) {
    ZipDirectory.Entry entry = entries.get(folder + "byteorder");
    if (entry == null) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    Range record = entry.bytes("byteorder", complaints);
    byte[] bytes = file.bytes(record.begin(), (int) Math.min(8, record.size()));
    String name = new String(bytes, StandardCharsets.ISO_8859_1).strip();
    return switch (name) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default -> throw complaints.damaged("its byte order is " + quote(name));
    };
  }

  private Storage storage(StorageRef ref, String folder, ByteOrder order) {
    Storage storage =
        storages.computeIfAbsent(
            ref.key(),
            key -> {
              ZipDirectory.Entry entry = entries.get(folder + "data/" + key);
              if (entry == null) {
                throw complaints.damaged("it has no record for storage " + quote(key));
              }
              return Storage.in(
                  file, "storage " + quote(key), entry.bytes(key, complaints), order, entry.crc());
            });
    StorageIds.check(ref, storage, complaints);
    return storage;
  }
}
