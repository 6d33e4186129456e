package dev.tenzing.engine.io;

/**
 * A safetensors file that is missing or not what it should be; the message is one sentence that
 * names the file and the defect.
 */
public final class SafetensorsException extends TensorFileException {
  private static final long serialVersionUID = 1L;

  SafetensorsException(String message) {
    super(message);
  }

  SafetensorsException(String message, Throwable cause) {
    super(message, cause);
  }
}
