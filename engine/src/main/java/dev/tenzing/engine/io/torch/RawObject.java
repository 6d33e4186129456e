package dev.tenzing.engine.io.torch;

/** An object on the pickle machine's stack that stays a name with its state. */
final class RawObject {
  private final String type;
  private Object state;

  RawObject(String type, Object state) {
    this.type = type;
    this.state = state;
  }

  String type() {
    return type;
  }

  Object state() {
    return state;
  }

  void build(Object newState) {
    state = newState;
  }
}
