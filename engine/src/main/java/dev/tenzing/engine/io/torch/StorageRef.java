package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.StoredType;

/**
 * A storage as the pickle names it.
 *
 * @param key its name
 * @param type of its elements
 * @param count how many it has
 * @param from first element that is meant
 * @param size how many are meant from there on
 */
record StorageRef(String key, StoredType type, long count, long from, long size) {
  static final String UNTYPED = "UntypedStorage";

  /** All of a storage. */
  StorageRef(String key, StoredType type, long count) {
    this(key, type, count, 0, count);
  }

  /** The type of the elements of PyTorch's class {@code name}, or null. */
  static StoredType typeOf(String name) {
    String simple = name.substring(name.lastIndexOf('.') + 1);
    if (!name.startsWith("torch.")) {
      return null;
    }
    return switch (simple) {
      case "DoubleStorage" -> StoredType.F64;
      case "FloatStorage" -> StoredType.F32;
      case "HalfStorage" -> StoredType.F16;
      case "BFloat16Storage" -> StoredType.BF16;
      case "LongStorage" -> StoredType.I64;
      case "IntStorage" -> StoredType.I32;
      case "ShortStorage" -> StoredType.I16;
      case "CharStorage" -> StoredType.I8;
      case "ByteStorage", UNTYPED -> StoredType.U8;
      case "BoolStorage" -> StoredType.BOOL;
      default -> null;
    };
  }
}
