package dev.tenzing.engine.io.torch;

import static dev.tenzing.engine.io.TensorFileException.quote;

import dev.tenzing.engine.io.FileBytes;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The layout before PyTorch 1.6: pickles of a magic number, the protocol, the machine, the object
 * and the storages' keys, then the storages in that order, each after its number of elements.
 * Everything is little-endian, whatever the machine was.
 */
final class LegacyLayout {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long PROTOCOL = 1001;

  private final FileBytes file;
  private final Complaints complaints;
  private final Budget budget;
  private final Map<String, StorageRef> refs = new HashMap<>();
  private final Map<String, Storage> storages = new HashMap<>();
  private long at;

  LegacyLayout(FileBytes file, Complaints complaints) {
    this.file = file;
    this.complaints = complaints;
    this.budget = new Budget(file.size(), complaints);
  }

  Object root() {
    if (!MAGIC.equals(unpickle())) {
      throw complaints.unsupported(
          "it is a pickle without PyTorch's magic number, so no PyTorch checkpoint");
    }
    if (!Long.valueOf(PROTOCOL).equals(unpickle())) {
      throw complaints.unsupported("it is of another protocol than %s".formatted(PROTOCOL));
    }
    unpickle(); // sizes of C types on the machine that wrote it
    Object raw = unpickle();
    if (!(unpickle() instanceof List<?> keys)) {
      throw complaints.damaged("it has no list of storages");
    }
    keys.forEach(this::locate);
    return new PlainTree(complaints, budget, this::storage).of(raw);
  }

  private Object unpickle() {
    Unpickler unpickler =
        new Unpickler(file, new Range(at, file.size() - at), complaints, budget, this::ref);
    Object value = unpickler.run();
    at = unpickler.position();
    return value;
  }

  private StorageRef ref(Tuple id) {
    StorageRef ref = StorageIds.parse(id, complaints);
    StorageRef known = refs.putIfAbsent(ref.key(), ref);
    if (known != null && (known.type() != ref.type() || known.count() != ref.count())) {
      throw complaints.damaged("it gives storage %s two sizes".formatted(quote(ref.key())));
    }
    return ref;
  }

  private void locate(Object key) {
    if (!(key instanceof String name) || !refs.containsKey(name)) {
      throw complaints.damaged("it has a storage that no tensor uses");
    }
    StorageRef ref = refs.get(name);
    String label = "storage " + quote(name);
    long left = file.size() - at - Long.BYTES;
    int size = ref.type().bytes();
    if (left < 0) {
      throw complaints.damaged("it was cut off before " + label);
    }
    long count =
        ByteBuffer.wrap(file.bytes(at, Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (count != ref.count()) {
      throw complaints.damaged(
          "%s has %s elements where %s are said to be".formatted(label, count, ref.count()));
    }
    if (count < 0 || count > left / size) {
      throw complaints.damaged(
          "it was cut off inside %s: %s bytes are left for %s elements of %s"
              .formatted(label, left, count, ref.type()));
    }
    at += Long.BYTES;
    Storage storage =
        Storage.in(file, label, new Range(at, count * size), ByteOrder.LITTLE_ENDIAN, 0);
    if (storages.put(name, storage) != null) {
      throw complaints.damaged("it has %s twice".formatted(label));
    }
    at += count * size;
  }

  private Storage storage(StorageRef ref) {
    Storage storage = storages.get(ref.key());
    if (storage == null) {
      throw complaints.damaged("it does not have storage " + quote(ref.key()));
    }
    StorageIds.check(ref, storage, complaints);
    return storage;
  }
}
