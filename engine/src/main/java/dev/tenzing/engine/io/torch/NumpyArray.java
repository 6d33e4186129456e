package dev.tenzing.engine.io.torch;

/** A {@code numpy.ndarray} on the pickle machine's stack, which its state makes a value. */
final class NumpyArray {
  private Object value = new RawObject("numpy.ndarray", null);

  /** A {@link RawTensor}, or a {@link RawObject} for elements that no tensor has. */
  Object value() {
    return value;
  }

  void value(Object newValue) {
    value = newValue;
  }
}
