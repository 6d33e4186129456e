package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.Clips;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.EncoderSettings.Codec;
import dev.tenzing.video.random.KeyedRandom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is done to a file, reading it ends, with frames or with a reason. */
class DamagedFilesTest {
  private static final int TRIALS = 60;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "a.mp4, MPEG4",
    "a.avi, MPEG4",
    "a.mp4, H264",
    "a.mkv, H264",
    "a.webm, VP8",
    "a.webm, VP9"
  })
  void damageEndsInFramesOrInAReason(String name, Codec coding) throws Exception {
    EncoderSettings settings = EncoderSettings.mpeg4(64, 48, 25).with(coding);
    byte[] whole = Files.readAllBytes(Clips.write(folder.resolve(name), settings, 20));
    RandomGenerator random = new KeyedRandom(KeyedRandom.key(coding.ordinal(), name.hashCode()));
    int bad = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      Path file = Files.write(folder.resolve("damaged-" + name), damage(whole, random));
      try {
        VideoInfo info = VideoInfo.scan(file);
        assertTrue(info.frames() >= Limits.MIN_FRAMES && info.frames() <= 1000, info.toString());
      } catch (VideoException e) {
        assertTrue(e.sentence().length() > 10, e.toString());
        bad++;
      }
    }
    assertTrue(bad > TRIALS / 4, "damage must be noticed more often than in " + bad + " files");
  }

  private static byte[] damage(byte[] whole, RandomGenerator random) {
    if (random.nextInt(3) == 0) {
      return Arrays.copyOf(whole, random.nextInt(whole.length));
    }
    byte[] bytes = whole.clone();
    int flips = 1 << random.nextInt(8);
    int range = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 1024);
    for (int i = 0; i < flips; i++) {
      int at =
          random.nextBoolean() ? random.nextInt(range) : bytes.length - 1 - random.nextInt(range);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }
}
