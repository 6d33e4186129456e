package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.TensorFileException;

/**
 * A PyTorch checkpoint that is missing, damaged, or asks for more than data; the message is one
 * sentence that names the file and the defect.
 */
public final class TorchException extends TensorFileException {
  private static final long serialVersionUID = 1L;

  TorchException(String message) {
    super(message);
  }

  TorchException(String message, Throwable cause) {
    super(message, cause);
  }
}
