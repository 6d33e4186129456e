package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.StoredType;
import java.nio.ByteOrder;

/** A {@code numpy.dtype} on the pickle machine's stack. */
final class NumpyType {
  private final String code;
  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

  /**
   * A type.
   *
   * @param code kind and bytes, such as {@code f8}
   */
  NumpyType(String code) {
    boolean marked = !code.isEmpty() && "<>|=".indexOf(code.charAt(0)) >= 0;
    if (code.startsWith(">")) {
      order = ByteOrder.BIG_ENDIAN;
    }
    this.code = marked ? code.substring(1) : code;
  }

  String code() {
    return code;
  }

  ByteOrder order() {
    return order;
  }

  void order(ByteOrder newOrder) {
    order = newOrder;
  }

  /** The type of tensors with the same elements, or null. */
  StoredType stored() {
    return switch (code) {
      case "f8" -> StoredType.F64;
      case "f4" -> StoredType.F32;
      case "f2" -> StoredType.F16;
      case "i8" -> StoredType.I64;
      case "i4" -> StoredType.I32;
      case "i2" -> StoredType.I16;
      case "i1" -> StoredType.I8;
      case "u1" -> StoredType.U8;
      case "b1" -> StoredType.BOOL;
      default -> null;
    };
  }
}
