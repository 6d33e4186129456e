package dev.tenzing.everest.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir private Path folder;

  @Test
  void theSecondIsToldWhoTheFirstIs() throws IOException {
    Path run = folder.resolve("a/run");
    try (RunLock lock = RunLock.acquire(run, "tenzing pretrain")) {
      String sentence =
          assertThrows(RunInUseException.class, () -> RunLock.acquire(run, "tenzing finetune"))
              .getMessage();
      String pid = "process " + ProcessHandle.current().pid() + " on ";
      assertTrue(sentence.contains(pid), sentence);
      assertTrue(sentence.contains("tenzing pretrain, started 2"), sentence);
      assertTrue(sentence.contains("choose another --output"), sentence);
    }
    assertFalse(Files.exists(folder.resolve("a")), "a folder that holds nothing goes");
    RunLock.acquire(run, "again").close();
  }

  @Test
  void whatAnotherProcessHoldsIsNotTaken() throws Exception {
    Process other =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    try {
      assertEquals('!', other.getInputStream().read(), "the other process has it");
      String sentence =
          assertThrows(RunInUseException.class, () -> RunLock.acquire(folder, "second"))
              .getMessage();
      assertTrue(sentence.contains("process " + other.pid() + " on "), sentence);
      assertTrue(Files.exists(folder.resolve(RunLock.FILE)));
    } finally {
      other.destroyForcibly().waitFor();
    }
    try (RunLock lock = RunLock.acquire(folder, "second")) { // Whoever was killed left its file.
      assertTrue(Files.exists(folder.resolve(RunLock.FILE)));
    }
    assertFalse(Files.exists(folder.resolve(RunLock.FILE)));
  }

  /** Holds a folder until it is killed. */
  static final class Holder {
    public static void main(String[] words) throws Exception {
      RunLock.acquire(Path.of(words[0]), "first");
      System.out.print('!');
      System.out.flush();
      Thread.sleep(60_000);
    }
  }

  @Test
  void folderInUseIsLeftAsItIs() throws IOException {
    Files.writeString(folder.resolve("metrics.jsonl"), "x");
    RunLock.acquire(folder, "a").close();
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }
}
