package dev.tenzing.everest.features;

import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.JsonMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.fuzz.TextMutation;
import dev.tenzing.video.decode.FileStamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;

/** Folders of features. */
public final class FeatureTargets {
  private static final String[] WORDS = {
    "features",
    "clips",
    "frames",
    "fps",
    "video",
    "bytes",
    "modified",
    "window",
    "stride",
    "hop",
    "size",
    "fit",
    "normalize",
    "keep",
    "width",
    "model",
    "a.npy",
    "stretch"
  };
  private static final Map<String, Object> SETTINGS =
      Map.of("window", 4, "fit", "stretch", "normalize", true, "keep", 0.6, "model", "0f");
  private static final int WIDTH = 3;

  private FeatureTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target("features-settings", 2, folder -> attack(folder, FeatureFolder.SETTINGS)),
        new Target("features-journal", 2, folder -> attack(folder, FeatureFolder.VIDEOS)));
  }

  private static Attack attack(Path folder, String name) throws IOException {
    Path video = Files.writeString(folder.resolve("a.mp4"), "no video, and nobody looks");
    Files.setLastModifiedTime(video, FileTime.fromMillis(1_700_000_000_000L));
    Path output = folder.resolve("out");
    open(output, video);
    FileStamp stamp = FileStamp.of(video);
    try (FeatureFolder features =
        FeatureFolder.open(output, WIDTH, SETTINGS, Map.of(), told -> {})) {
      Files.write(output.resolve("a.npy"), new byte[(int) NpyRows.bytes(2, WIDTH)]);
      features.add(
          Path.of("a.npy"),
          new FeatureFolder.Done(video.getFileName().toString(), stamp, 2, 9, 25));
      features.add(Path.of("b/é.npy"), new FeatureFolder.Done("b/é.mp4", stamp, 2, 9, 0));
    }
    Path file = output.resolve(name);
    Mutation text = TextMutation.with(WORDS);
    Mutation bytes = ByteMutation.with("{", "}", "\n", "\"", "\u0000");
    Mutation mutation =
        name.equals(FeatureFolder.SETTINGS)
            ? Mutation.anyOf(JsonMutation.with(WORDS), text, bytes)
            : Mutation.anyOf(text, bytes);
    return Attack.onFile(
        file, List.of(Files.readAllBytes(file)), mutation, path -> open(output, video));
  }

  private static void open(Path output, Path video) throws IOException {
    try (FeatureFolder features =
        FeatureFolder.open(output, WIDTH, SETTINGS, Map.of(), told -> {})) {
      features.find(Path.of("a.npy"), video);
      features.find(Path.of("b/é.npy"), video);
    }
  }
}
