package dev.tenzing.engine.io;

/**
 * A file of tensors, of any format, that is missing or not what it should be; the message is one
 * sentence that names the file and the defect.
 */
public class TensorFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With its sentence. */
  public TensorFileException(String message) {
    super(message);
  }

  /** With its sentence and what caused it. */
  public TensorFileException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * A name out of a file as messages show it: in quotes, on one line, cut when it is long, because
   * a damaged file may hold any name.
   */
  public static String quote(String name) {
    StringBuilder out = new StringBuilder("\"");
    int longest = 120;
    for (int i = 0; i < Math.min(name.length(), longest); i++) {
      char c = name.charAt(i);
      boolean plain = !Character.isISOControl(c) && !Character.isSurrogate(c);
      out.append(plain && c != '\u2028' && c != '\u2029' ? c : '\ufffd');
    }
    return out.append(name.length() > longest ? "\u2026\"" : "\"").toString();
  }
}
