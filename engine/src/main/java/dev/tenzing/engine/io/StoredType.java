package dev.tenzing.engine.io;

import dev.tenzing.engine.DType;

/** Element types of tensors in files, by their safetensors names; little-endian. */
public enum StoredType {
  F64(8, DType.F64),
  F32(4, DType.F32),
  F16(2, DType.F16),
  BF16(2, DType.BF16),
  I64(8, DType.I64),
  I32(4, DType.I32),
  I16(2, null),
  I8(1, null),
  U8(1, DType.U8),
  /** A byte that is 0 or 1. */
  BOOL(1, DType.U8);

  private final int bytes;
  private final DType dtype;

  StoredType(int bytes, DType dtype) {
    this.bytes = bytes;
    this.dtype = dtype;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether elements are floating-point numbers. */
  public boolean isFloating() {
    return dtype != null && dtype.isFloating();
  }

  /** The type of a tensor of such elements on a device, or null when there is none. */
  public DType dtype() {
    return dtype;
  }

  /** The type that holds the elements of {@code dtype}. */
  public static StoredType of(DType dtype) {
    return valueOf(dtype.name());
  }
}
