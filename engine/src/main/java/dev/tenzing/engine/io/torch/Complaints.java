package dev.tenzing.engine.io.torch;

import java.nio.file.Path;

/** Sentences about one file. */
record Complaints(Path path) {
  /** It is not what it was when it was written, or was never a checkpoint. */
  TorchException damaged(String what) {
    return new TorchException(path + " is damaged: " + what);
  }

  /** It is whole, but nothing that is read. */
  TorchException unsupported(String what) {
    return new TorchException(path + " cannot be read: " + what);
  }
}
