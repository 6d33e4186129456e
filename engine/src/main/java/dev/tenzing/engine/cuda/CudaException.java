package dev.tenzing.engine.cuda;

/** A GPU was asked for and cannot be had or did not do as told; the message is one sentence. */
public final class CudaException extends RuntimeException {
  CudaException(String message) {
    super(message);
  }
}
