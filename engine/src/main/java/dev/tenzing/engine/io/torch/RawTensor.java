package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.StoredType;

/**
 * A tensor as the pickle describes it, not yet checked.
 *
 * @param ref its storage by name, or null
 * @param own its storage when it lies in the pickle itself, or null
 * @param type type of its elements
 * @param offset first element in the storage
 * @param shape its sizes
 * @param strides elements from one index to the next, by dimension
 */
record RawTensor(
    StorageRef ref, Storage own, StoredType type, long offset, long[] shape, long[] strides) {
  /** A whole storage as a vector. */
  static RawTensor of(StorageRef ref) {
    return new RawTensor(ref, null, ref.type(), 0, new long[] {ref.size()}, new long[] {1});
  }
}
