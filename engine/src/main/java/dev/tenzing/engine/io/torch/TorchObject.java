package dev.tenzing.engine.io.torch;

/**
 * A Python object that is no plain data, kept by name only: nothing of it was made or run. Two are
 * equal when they are the same.
 */
public final class TorchObject {
  private final String type;
  private final Object state;

  TorchObject(String type, Object state) {
    this.type = type;
    this.state = state;
  }

  /** Its class, such as {@code argparse.Namespace}, or the global that it is. */
  public String type() {
    return type;
  }

  /**
   * What was stored of it, of the kinds of {@link TorchCheckpoint#root()}: a map of attributes for
   * most objects, null for a bare global such as {@code torch.float32}.
   */
  public Object state() {
    return state;
  }

  @Override
  public String toString() {
    return state == null ? type : type + "(" + state + ")";
  }
}
