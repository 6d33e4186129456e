package dev.tenzing.video.prepare;

import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.fuzz.TextMutation;
import dev.tenzing.video.decode.FileStamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a preparation leaves for the next. */
public final class PrepareTargets {
  private PrepareTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(new Target("clip-journal", 1, PrepareTargets::journal));
  }

  private static Attack journal(Path folder) throws IOException {
    ClipJournal.Copy copy =
        new ClipJournal.Copy("mp4 256", new FileStamp(1000, 5), 300, "0123456789abcdef".repeat(4));
    ClipJournal made = new ClipJournal(folder);
    made.add("clips/a.mp4", copy);
    made.add("clips/é b.mp4", copy);
    Path file = folder.resolve(ClipJournal.NAME);
    return Attack.onFile(
        file,
        List.of(Files.readAllBytes(file)),
        Mutation.anyOf(
            TextMutation.with("\t", "clips/a.mp4", "\n"),
            ByteMutation.with("\t", "\n", "\u0000", "\u00c3")),
        path -> {
          ClipJournal journal = new ClipJournal(folder);
          journal.find("clips/a.mp4");
          journal.add("clips/new.mp4", copy);
          if (!copy.equals(new ClipJournal(folder).find("clips/new.mp4"))) {
            throw new AssertionError("what was added is not there");
          }
        });
  }
}
