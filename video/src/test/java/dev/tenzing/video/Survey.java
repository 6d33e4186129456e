package dev.tenzing.video;

import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Prints what a scan makes of every file in the folders given: {@code Survey FOLDER...}. */
public final class Survey {
  private Survey() {}

  public static void main(String[] folders) throws IOException {
    for (String folder : folders) {
      List<Path> files;
      try (Stream<Path> tree = Files.walk(Path.of(folder))) {
        files = tree.filter(Files::isRegularFile).sorted().toList();
      }
      for (Path file : files) {
        long start = System.nanoTime();
        String outcome;
        try {
          VideoInfo info = VideoInfo.scan(file);
          double rate = info.frames() * 1e9 / (System.nanoTime() - start);
          outcome =
              "%d frames %dx%d %s %.3f fps %.2f s, decoded at %.0f frames/s"
                  .formatted(
                      info.frames(),
                      info.width(),
                      info.height(),
                      info.codec(),
                      info.fps(),
                      info.seconds(),
                      rate);
        } catch (VideoException e) {
          outcome = e.reason().code() + ": " + e.sentence();
        }
        System.out.println(Path.of(folder).relativize(file) + "\t" + outcome);
      }
    }
  }
}
