package dev.tenzing.engine.io.torch;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** Files that PyTorch 2.13 wrote, beside this class. */
final class Resources {
  private Resources() {}

  static Path file(String name) {
    URL url = Resources.class.getResource(name);
    if (url == null) {
      throw new IllegalArgumentException("there is no resource " + name);
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
