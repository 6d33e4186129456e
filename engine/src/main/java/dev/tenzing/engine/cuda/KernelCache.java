package dev.tenzing.engine.cuda;

import dev.tenzing.engine.io.AtomicFile;
import dev.tenzing.engine.io.AtomicFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * Compiled kernels on disk. A file is the SHA-256 of its code and the code: one that is damaged is
 * as good as none. A folder that cannot be written costs the time to compile anew, nothing else.
 */
final class KernelCache {
  private static final int DIGEST = 32;
  private static final int KEY_LETTERS = 32;

  private final Path folder;

  KernelCache(Path folder) {
    this.folder = folder;
  }

  /**
   * The folder for this user: {@code TENZING_CACHE}, or {@code tenzing} in {@code XDG_CACHE_HOME}
   * or {@code ~/.cache}.
   */
  static KernelCache of(Map<String, String> environment, String home) {
    String own = environment.getOrDefault("TENZING_CACHE", "");
    String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path folder =
        !own.isBlank()
            ? Path.of(own)
            : (!shared.isBlank() ? Path.of(shared) : Path.of(home, ".cache")).resolve("tenzing");
    return new KernelCache(folder.resolve("kernels"));
  }

  /** A name for what the parts have in common with nothing else. */
  static String key(String... parts) {
    MessageDigest digest = sha256();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, KEY_LETTERS);
  }

  /** The code kept under a key, or null. */
  byte[] find(String family, String key) {
    try {
      byte[] file = Files.readAllBytes(path(family, key));
      if (file.length <= DIGEST) {
        return null;
      }
      byte[] code = Arrays.copyOfRange(file, DIGEST, file.length);
      byte[] digest = Arrays.copyOf(file, DIGEST);
      return Arrays.equals(digest, sha256().digest(code)) ? code : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Keeps code under a key, if the folder can be written. */
  void keep(String family, String key, byte[] code) {
    try {
      AtomicFolder.create(folder);
      byte[] file = Arrays.copyOf(sha256().digest(code), DIGEST + code.length);
      System.arraycopy(code, 0, file, DIGEST, code.length);
      AtomicFile.write(path(family, key), file);
    } catch (IOException e) {
      // The next process compiles again.
    }
  }

  private Path path(String family, String key) {
    return folder.resolve(family + "-" + key + ".cubin");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
