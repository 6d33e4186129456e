package dev.tenzing.engine;

/** Element type of a tensor, named as PyTorch and safetensors name it. */
public enum DType {
  F64(8, true),
  F32(4, true),
  BF16(2, true),
  F16(2, true),
  I64(8, false),
  I32(4, false),
  U8(1, false);

  private final int bytes;
  private final boolean floating;

  DType(int bytes, boolean floating) {
    this.bytes = bytes;
    this.floating = floating;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether a gradient can be taken with respect to tensors of this type. */
  public boolean isFloating() {
    return floating;
  }
}
