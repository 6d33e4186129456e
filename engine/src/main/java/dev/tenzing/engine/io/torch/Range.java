package dev.tenzing.engine.io.torch;

/**
 * Bytes of a file, known to lie inside it.
 *
 * @param begin the first
 * @param size how many
 */
record Range(long begin, long size) {
  long end() {
    return begin + size;
  }
}
