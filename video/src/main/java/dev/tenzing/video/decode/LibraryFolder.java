package dev.tenzing.video.decode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * Where JavaCPP unpacks FFmpeg's libraries before it loads them: {@code .javacpp/cache} in the
 * user's home, or else the folder for temporary files.
 */
final class LibraryFolder {
  private static final String ELSEWHERE =
      "; TENZING_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=DIR unpacks them in another folder";
  private static final Path MOUNTS = Path.of("/proc/self/mounts");
  private static final long NEEDED = 1 << 20;

  private LibraryFolder() {}

  /** Why they could not be loaded, which the error itself does not tell when it is the folder. */
  static String problem(LinkageError error) {
    Path folder;
    try {
      folder = Loader.getCacheDir().toPath().toRealPath();
    } catch (IOException e) {
      return "they are unpacked before they are loaded, but neither %s nor %s can be written%s"
          .formatted(
              System.getProperty("user.home"), System.getProperty("java.io.tmpdir"), ELSEWHERE);
    }
    if (isNoexec(mounts(), folder)) {
      return "they are unpacked into %s, which is on a file system mounted noexec%s"
          .formatted(folder, ELSEWHERE);
    }
    if (!Files.isWritable(folder) || folder.toFile().getUsableSpace() < NEEDED) {
      return "they are unpacked into %s, which %s%s"
          .formatted(
              folder,
              Files.isWritable(folder) ? "is on a full disk" : "cannot be written",
              ELSEWHERE);
    }
    return error.getMessage();
  }

  private static List<String> mounts() {
    try {
      return Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of(); // not Linux
    }
  }

  /**
   * Whether nothing in a folder can be executed.
   *
   * @param mounts lines of {@code /proc/self/mounts}: device, place, type, options; blanks as
   *     {@code \040}
   */
  static boolean isNoexec(List<String> mounts, Path folder) {
    int longest = -1;
    boolean noexec = false;
    for (String line : mounts) {
      String[] words = line.split(" ");
      if (words.length < 4) {
        continue;
      }
      Path place = Path.of(words[1].replace("\\040", " "));
      if (folder.startsWith(place) && place.getNameCount() >= longest) {
        longest = place.getNameCount(); // of two at one place the later one is seen
        noexec = List.of(words[3].split(",")).contains("noexec");
      }
    }
    return noexec;
  }
}
