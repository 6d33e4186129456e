package dev.tenzing.engine.io.torch;

import static dev.tenzing.engine.io.TensorFileException.quote;

import dev.tenzing.engine.io.StoredType;

/** The names that pickles give to storages: {@code ("storage", class, key, device, elements)}. */
final class StorageIds {
  private StorageIds() {}

  /** The storage of a name, the view in the sixth place of old files included. */
  static StorageRef parse(Tuple id, Complaints complaints) {
    if ("module".equals(id.get(0))) {
      throw complaints.unsupported(
          "it holds a whole model with its code; save its state_dict alone with PyTorch");
    }
    if (!"storage".equals(id.get(0))
        || !(id.get(1) instanceof Global storageClass)
        || !(id.get(2) instanceof String key)
        || !(id.get(4) instanceof Long count)
        || count < 0) {
      throw complaints.damaged("its pickle names a storage without class, key or size");
    }
    StoredType type = StorageRef.typeOf(storageClass.name());
    if (type == null) {
      throw complaints.unsupported(
          "it holds a tensor with a %s, which is not supported"
              .formatted(quote(storageClass.name())));
    }
    StorageRef ref = new StorageRef(key, type, count);
    if (id.get(5) == null) {
      return ref;
    }
    if (!(id.get(5) instanceof Tuple view)
        || !(view.get(1) instanceof Long from)
        || !(view.get(2) instanceof Long size)
        || from < 0
        || size < 0
        || from > count
        || size > count - from) {
      throw complaints.damaged(
          "its pickle names a part of storage %s that lies outside".formatted(quote(key)));
    }
    return new StorageRef(key, type, count, from, size);
  }

  /** Refuses a storage that has other bytes than the pickle says. */
  static void check(StorageRef ref, Storage storage, Complaints complaints) {
    int size = ref.type().bytes();
    if (ref.count() > Long.MAX_VALUE / size || storage.byteSize() != ref.count() * size) {
      throw complaints.damaged(
          "%s has %s bytes, which are not those of %s elements of %s"
              .formatted(storage.label(), storage.byteSize(), ref.count(), ref.type()));
    }
  }
}
