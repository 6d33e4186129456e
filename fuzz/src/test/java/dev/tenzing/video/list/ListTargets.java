package dev.tenzing.video.list;

import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.JsonMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.fuzz.TextMutation;
import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Lists of videos in every format, and folders of them. */
public final class ListTargets {
  private static final ByteMutation BYTES =
      ByteMutation.with(
          "\"",
          ",",
          "\t",
          " ",
          "\n",
          "\r",
          "\u0000",
          "\u00ef\u00bb\u00bf",
          "#",
          "-1",
          "\u00c3",
          "\u00ed\u00a0\u0080");

  private ListTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target("list", 1, ListTargets::lists),
        new Target("list-header", 1, ListTargets::headers),
        new Target("list-json", 1, ListTargets::stateChanges),
        new Target("label-map", 1, ListTargets::labelMaps),
        new Target("synonyms", 1, ListTargets::synonyms),
        new Target("class-names", 1, ListTargets::classNames),
        new Target("video-folder", 4, ListTargets::folders));
  }

  private static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static Attack lists(Path folder) throws IOException {
    Files.writeString(Files.createDirectory(folder.resolve("v")).resolve("my clip 12"), "");
    return Attack.onFile(
        folder.resolve("list.csv"),
        texts(
            "v/a.mp4 0\nv/b.mp4 1\n# a comment\nv/c.mp4 1\n",
            "v/a.mp4,0\nv/b.mp4,2\n",
            "v/a 1 20 0\nv/b 1 30 1\n",
            "v/a 20 4\nv/b 30 1\n",
            "\"my clip 12\" 3\n\"a \"\"b\"\" c\" 4\r\n",
            "v/a.mp4\t0 -1\t3\nv/é-ü.mp4\t0 -1\t3\n",
            "v/a.mp4 0\n".repeat(30)),
        Mutation.anyOf(
            TextMutation.with("v/a.mp4", "0", "1", "-1", "\"my clip 12\"", "#", "2147483648", "\""),
            BYTES),
        path -> read(path, true));
  }

  private static Attack headers(Path folder) throws IOException {
    Files.writeString(folder.resolve("idA_000001_000011.mp4"), "");
    Files.writeString(folder.resolve("idB.mp4"), "");
    return Attack.onFile(
            folder.resolve("list.csv"),
            texts(
                "label,youtube_id,time_start,time_end,split\n"
                    + "wave,idA,1,11,train\n"
                    + "run,idB,2.5,9,train\n",
                "path,label\nv/a.mp4,0\nv/b.mp4,1\n",
                "video,action,start_sec,end_sec\n\"a, b.mp4\",jump,0,2\nc.mp4,\"ru\"\"n\",1,2\n"),
            Mutation.anyOf(
                TextMutation.with(
                    "label",
                    "class",
                    "action",
                    "youtube_id",
                    "time_start",
                    "time_end",
                    "start_sec",
                    "end_sec",
                    "path",
                    "video",
                    "file",
                    "\"",
                    "wave",
                    "idA"),
                BYTES),
            path -> read(path, false))
        .allowing(32 << 20); // it reads the list many times
  }

  private static Attack stateChanges(Path folder) throws IOException {
    Files.writeString(folder.resolve("u1.mp4"), "");
    String clips =
        """
        {"clips": [{"unique_id": "u1", "state_change": true},
         {"unique_id": "x", "clip_uid": "c", "video_uid": "v", "state_change": false,
          "parent_start_frame": 10, "parent_end_frame": 250, "parent_start_sec": 0.3,
          "parent_end_sec": 8.3, "clip_start_frame": 1, "clip_end_frame": 5}]}
        """;
    String[] words = {
      "clips", "unique_id", "clip_uid", "video_uid", "state_change", "parent_start_frame",
      "parent_end_frame", "parent_start_sec", "parent_end_sec", "clip_start_sec", "u1", "v"
    };
    return Attack.onFile(
        folder.resolve("oscc.json"),
        texts(clips, clips.substring(10, clips.length() - 2)),
        json(words),
        path -> read(path, false));
  }

  private static Mutation json(String... words) {
    return Mutation.anyOf(JsonMutation.with(words), TextMutation.with(words), BYTES)
        .sometimesThen(10, ByteMutation.with("[", "{", "\"", ",", ":", "\\u", "1e", "-"));
  }

  /** Reads a list in every way that it may be asked for, and uses what it holds. */
  private static void read(Path path, boolean rewritten) throws Exception {
    use(VideoList.read(path, null, Labels.OPTIONAL, 0), rewritten);
    VideoList list = VideoList.read(path, null, Labels.REQUIRED, 0);
    use(list, rewritten);
    if (list.classNames().isEmpty()) {
      List<String> known = List.of("a", "b", "c", "d", "e");
      use(VideoList.read(path, null, Labels.REQUIRED, 5, known), false);
    } else {
      List<String> known = list.classNames().reversed();
      use(VideoList.read(path, null, Labels.REQUIRED, known.size(), known), false);
    }
  }

  private static void use(VideoList list, boolean rewritten) throws Exception {
    list.epoch();
    for (Entry entry : list.videos()) {
      entry.part().range(100, 25, 1);
      if (entry.label() >= list.classes() && entry.label() >= 0) {
        throw new AssertionError("label " + entry.label() + " of " + list.classes());
      }
    }
    if (rewritten) {
      Path folder = Path.of(list.name()).getParent();
      Path copy = folder.resolve("copy.csv");
      list.write(copy, folder);
      Labels labels = list.videos().getFirst().label() < 0 ? Labels.OPTIONAL : Labels.REQUIRED;
      List<Entry> again = VideoList.read(copy, null, labels, 0).videos();
      if (!again.equals(list.videos())) {
        throw new AssertionError("written and read again it is another list");
      }
    }
  }

  private static Attack labelMaps(Path folder) {
    return Attack.onFile(
        folder.resolve("map.json"),
        texts("[0, 3, 2, 1]", "[5]"),
        json(),
        path -> {
          LabelMap map = LabelMap.read(path, List.of(), 0, Map.of());
          map.apply(List.of(new Entry(Path.of("a"), 0), new Entry(Path.of("b"), -1)));
        });
  }

  private static Attack synonyms(Path folder) {
    return Attack.onFile(
        folder.resolve("same.json"),
        texts("{\"wave hand\": \"waving\", \"run\": \"running\"}", "{}"),
        json("run", "wave"),
        path ->
            LabelMap.byName(
                "list",
                List.of("Running", "run"),
                List.of("running", "waving", "run"),
                LabelMap.readSynonyms(path)));
  }

  /** {@code classes.txt} beside a list. */
  private static Attack classNames(Path folder) throws IOException {
    Path list = Files.writeString(folder.resolve("list.csv"), "a.mp4 0\nb.mp4 1\nc.mp4 2\n");
    return Attack.onFile(
        folder.resolve("classes.txt"),
        texts("wave\nrun\njump\n", "a b\r\nc\r\né\r\n"),
        Mutation.anyOf(TextMutation.with("wave", "run"), BYTES),
        path -> {
          VideoList named = VideoList.read(list, null, Labels.REQUIRED, 0);
          use(named, false);
          List<String> known = named.classNames().reversed();
          use(VideoList.read(list, null, Labels.REQUIRED, known.size(), known), false);
        });
  }

  /** A folder whose files have the names that the input's lines are. */
  private static Attack folders(Path folder) {
    String[] words = {
      "img_00001.jpg",
      "img_00002.jpg",
      "img_1.png",
      "wave",
      "a.mp4",
      ".hidden",
      "a.MP4",
      "/",
      "..",
      "clip 12",
      "000000001.jpg",
      "img_{:05}.jpg",
      "img_%05d.jpg",
      "2147483648.jpg",
      "%d.jpg"
    };
    Path root = folder.resolve("videos");
    return new Attack(
        texts(
            "wave/a.mp4\nwave/b.avi\nrun/c.mp4\n",
            "wave/x/img_00001.jpg\nwave/x/img_00002.jpg\nrun/y/img_1.png\nrun/y/img_2.png\n"),
        TextMutation.with(words),
        input -> {
          delete(root);
          make(root, new String(input, StandardCharsets.UTF_8));
          use(VideoList.read(root, null, Labels.OPTIONAL, 0), false);
          VideoList list = VideoList.read(root, null, Labels.REQUIRED, 0);
          use(list, false);
          for (Entry entry : list.videos()) {
            try {
              if (FrameFolder.is(entry.path())) {
                FrameFolder.open(entry.path());
              }
            } catch (VideoException e) {
              // A row of pictures may have holes.
            }
          }
          // As prepare writes them, so that labels are not taken to count from 1.
          Files.write(folder.resolve("classes.txt"), list.classNames());
          Path copy = folder.resolve("copy.csv");
          list.write(copy, folder);
          List<Entry> again = VideoList.read(copy, null, Labels.REQUIRED, 0).videos();
          if (!again.equals(list.videos())) {
            throw new AssertionError("written and read again it is another list");
          }
        });
  }

  private static void make(Path root, String names) throws IOException {
    Files.createDirectories(root);
    for (String name : names.lines().limit(40).toList()) {
      try {
        Path file = root.resolve(name).normalize();
        if (file.startsWith(root) && !file.equals(root)) {
          Files.createDirectories(file.getParent());
          Files.createFile(file);
        }
      } catch (InvalidPathException | IOException e) {
        // Not a name that a file can have here.
      }
    }
  }

  private static void delete(Path root) throws IOException {
    if (Files.exists(root)) {
      try (Stream<Path> all = Files.walk(root)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
