package dev.tenzing.video.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every list, tried on thousands of random ones. */
class ListPropertiesTest {
  private static final int LISTS = 2000;
  private static final String[] PIECES = {
    "a", "clip", "12", "7", " ", "  ", "\t", ",", "\"", "\"\"", "#", "-1", "+3", "ü", "動画", "/",
    ".mp4", "'", "\\", "{:05}", "%05d", "\u00A0", "\u3000", "\uFEFF", "(copy)", "=", ";", ":",
    "/../"
  };

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    Path file = folder.resolve("list.csv");
    for (int seed = 0; seed < LISTS; seed++) {
      Random random = new Random(seed);
      int kind = random.nextInt(5);
      List<Entry> videos = videos(random, kind);
      new VideoList("made", videos, 0, List.of()).write(file, folder);
      Labels labels = kind < 3 ? Labels.REQUIRED : Labels.OPTIONAL;
      VideoList read = VideoList.read(file, folder, labels, 0);
      int of = seed;
      Supplier<String> message = () -> "seed " + of + ":\n" + text(file);
      assertEquals(videos, read.videos(), message);
      assertEquals(List.of(), read.notes(), message);
    }
  }

  /** Every list of a kind has one format: label, count and label, part and label, part, nothing. */
  private List<Entry> videos(Random random, int kind) {
    List<Entry> videos = new ArrayList<>();
    Set<Path> taken = new HashSet<>();
    int count = 1 + random.nextInt(12);
    while (videos.size() < count) {
      Path path = path(random);
      if (!taken.add(path.normalize())) {
        continue;
      }
      int label = random.nextInt(400);
      videos.add(
          switch (kind) {
            case 0 -> new Entry(path, label);
            case 1 -> new Entry(path, label, new Part.Count(1 + random.nextInt(300)));
            case 2 -> new Entry(path, label, part(random));
            case 3 -> new Entry(path, -1, part(random));
            default -> new Entry(path, -1);
          });
    }
    return videos;
  }

  private static Part part(Random random) {
    return random.nextInt(3) == 0
        ? Part.WHOLE
        : new Part.Frames(random.nextInt(9999), 1 + random.nextInt(300));
  }

  private Path path(Random random) {
    while (true) {
      StringBuilder name = new StringBuilder(random.nextInt(8) == 0 ? "/" : "");
      for (int i = 1 + random.nextInt(6); i > 0; i--) {
        name.append(PIECES[random.nextInt(PIECES.length)]);
      }
      Path path = folder.resolve(name.toString());
      if (!path.equals(folder) && path.getFileName() != null && !name.toString().equals("/")) {
        return path;
      }
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Bytes that look like lists, and bytes that look like nothing. */
  @Test
  void whateverTheBytesAreAListComesOutOrOneSentence() throws Exception {
    Path list = folder.resolve("bytes.csv");
    Path json = folder.resolve("bytes.json");
    int refused = 0;
    for (int seed = 0; seed < LISTS; seed++) {
      Random random = new Random(seed);
      byte[] bytes = seed % 2 == 0 ? noise(random) : fragments(random);
      for (Path file : List.of(list, json)) {
        Files.write(file, bytes);
        for (Labels labels : Labels.values()) {
          try {
            VideoList read = VideoList.read(file, folder, labels, 10);
            assertTrue(!read.videos().isEmpty());
          } catch (VideoListException e) {
            refused++;
            boolean named =
                e.getMessage().startsWith(file.toString())
                    && (e.getMessage().contains(" line ")
                        || e.getMessage().contains("the list holds no videos")
                        || e.getMessage().contains("has no \"clips\"")
                        || e.getMessage().contains("no clip has"));
            assertTrue(named && e.getMessage().lines().count() == 1, e.getMessage());
          }
        }
      }
    }
    assertTrue(refused > LISTS, "most are refused");
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] fragments(Random random) {
    String[] more = {
      "\n",
      "\r\n",
      "\r",
      "label,youtube_id,time_start,time_end,split\n",
      "path,label\n",
      "[",
      "]",
      "{",
      "}",
      "\"clips\":",
      "[{\"video_uid\":\"x\",",
      "\"state_change\":true",
      "null",
      "1e9",
      "0 1\n"
    };
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(30); i > 0; i--) {
      text.append(
          random.nextInt(3) == 0
              ? more[random.nextInt(more.length)]
              : PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void oneBadLineInAHundredThousandIsNamed() throws Exception {
    Path file = folder.resolve("large.csv");
    for (String bad :
        List.of("videos/x.mp4 punch", "videos/x.mp4", "videos/x.mp4 400", "a b 3 4")) {
      try (BufferedWriter lines = Files.newBufferedWriter(file)) {
        for (int i = 1; i <= 100_000; i++) {
          lines.write(
              i == 77_777 ? bad : "videos/class %s/clip_%s.mp4 %s".formatted(i % 400, i, i % 400));
          lines.write('\n');
        }
      }
      String message =
          assertTimeout(
              Duration.ofSeconds(10),
              () ->
                  assertThrows(
                          VideoListException.class,
                          () -> VideoList.read(file, null, Labels.REQUIRED, 400))
                      .getMessage());
      assertTrue(message.startsWith(file + " line 77777: "), message);
    }
  }
}
