package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The shell script {@code tenzing}, in a clone of nothing with a stand-in JDK and Maven. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  private static final String JAVA = "for word in \"$@\"; do echo \"[$word]\"; done; exit 7";
  private static final String MAVEN =
      "echo run >>runs; mkdir -p tools/target/app; touch tools/target/app/tools.jar";

  private record Outcome(int code, String out, String err) {}

  @TempDir private Path folder;
  private Path clone;
  private Path jdk;
  private Path bin;

  @BeforeEach
  void makeClone() throws IOException {
    clone = Files.createDirectories(folder.resolve("a clone"));
    Path original = Path.of("../tenzing").toAbsolutePath().normalize();
    script(clone.resolve("tenzing"), Files.readString(original));
    Files.createDirectories(clone.resolve("tools/src/main/java"));
    Files.writeString(clone.resolve("pom.xml"), "<project/>");
    jdk = jdk("jdk 25", "25.0.3", JAVA);
    bin = Files.createDirectories(folder.resolve("bin"));
    script(bin.resolve("mvn"), "#!/bin/sh\n" + MAVEN);
  }

  private Path jdk(String name, String version, String java) throws IOException {
    Path home = Files.createDirectories(folder.resolve(name));
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(
        home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\nMODULES=\"a b\"\n");
    script(home.resolve("bin/java"), "#!/bin/sh\n" + java);
    script(home.resolve("bin/javac"), "#!/bin/sh\n");
    return home;
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Outcome run(Map<String, String> environment, Path script, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    Map<String, String> variables = builder.environment();
    variables.keySet().removeIf(name -> name.startsWith("TENZING") || name.equals("JAVA_HOME"));
    variables.put("PATH", bin + ":/usr/bin:/bin");
    variables.putAll(environment);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    int code = process.waitFor();
    return new Outcome(code, read(out), read(err));
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private Outcome run(String... words) throws IOException, InterruptedException {
    return run(Map.of("TENZING_JAVA_HOME", jdk.toString()), clone.resolve("tenzing"), words);
  }

  @Test
  void itBuildsOnceAndPassesWordsAndExitCode() throws Exception {
    Outcome first = run("predict", "a video.mp4", "");
    assertEquals(7, first.code());
    assertEquals("building (once)...\n", first.err());
    assertTrue(first.out().endsWith("[dev.tenzing.tools.Main]\n[predict]\n[a video.mp4]\n[]\n"));
    assertTrue(first.out().contains("[" + clone.toRealPath().resolve("target/app/*") + "]"));
    Outcome second = run("predict");
    assertEquals("", second.err());
    assertEquals("run\n", read(clone.resolve("runs")));
    assertFalse(Files.exists(clone.resolve("target/build.lock")));
  }

  @Test
  void fileNamesOutsideAsciiCanBeOpenedInEveryLocale() throws Exception {
    Path echo = jdk("jdk that tells", "25", "echo \"$LC_ALL\"");
    Map<String, String> posix = Map.of("TENZING_JAVA_HOME", echo.toString(), "LC_ALL", "C");
    assertEquals("C.UTF-8\n", run(posix, clone.resolve("tenzing")).out());
    Map<String, String> german =
        Map.of("TENZING_JAVA_HOME", echo.toString(), "LC_ALL", "de_DE.UTF-8");
    assertEquals("de_DE.UTF-8\n", run(german, clone.resolve("tenzing")).out());
  }

  @Test
  void aNewerSourceBuildsAgain() throws Exception {
    run();
    Path source = clone.resolve("tools/src/main/java/A.java");
    Files.writeString(source, "class A {}");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(10)));
    run();
    assertEquals("run\nrun\n", read(clone.resolve("runs")));
  }

  @Test
  void itWorksThroughSymbolicLinks() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a clone/tenzing"));
    Path second = Files.createSymbolicLink(bin.resolve("tz"), link);
    Map<String, String> environment = Map.of("TENZING_JAVA_HOME", jdk.toString());
    assertEquals(7, run(environment, second, "doctor").code());
    assertTrue(Files.exists(clone.resolve("target/app/tools.jar")));
  }

  @Test
  void anotherOwnersStaleLockIsTakenOver() throws Exception {
    Path lock = Files.createDirectories(clone.resolve("target/build.lock"));
    Files.writeString(lock.resolve("pid"), "99999999\n");
    assertEquals(7, run().code());
  }

  @Test
  void optionsForTheJvmAreWords() throws Exception {
    Map<String, String> environment =
        Map.of("TENZING_JAVA_HOME", jdk.toString(), "TENZING_JAVA_OPTS", "-Xmx8g -ea");
    Outcome outcome = run(environment, clone.resolve("tenzing"));
    assertTrue(outcome.out().contains("[-Xmx8g]\n[-ea]\n"), outcome.out());
  }

  @Test
  void javaHomeServesAndAnOldOneDoesNot() throws Exception {
    Path old = jdk("jdk 21", "21.0.1", "echo old");
    Map<String, String> good = Map.of("JAVA_HOME", jdk.toString());
    assertEquals(7, run(good, clone.resolve("tenzing")).code());
    Map<String, String> bad = Map.of("TENZING_JAVA_HOME", old.toString());
    Outcome outcome = run(bad, clone.resolve("tenzing"));
    assertEquals(1, outcome.code());
    assertEquals(
        "tenzing: TENZING_JAVA_HOME=" + old + " is not a JDK 25 or newer.\n", outcome.err());
  }

  @Test
  void theJavaOfThePathServes() throws Exception {
    Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin/java"));
    assertEquals(7, run(Map.of(), clone.resolve("tenzing")).code());
  }

  @Test
  void aFailedBuildShowsMavensErrorsAndTheLog() throws Exception {
    String failing = "echo '[INFO] x'; echo '[ERROR] A.java:[1,2] oops'; echo '[ERROR] '; exit 1";
    script(bin.resolve("mvn"), "#!/bin/sh\n" + failing);
    Outcome outcome = run();
    assertEquals(1, outcome.code());
    Path log = clone.toRealPath().resolve("target/build.log");
    assertEquals(
        "building (once)...\n[ERROR] A.java:[1,2] oops\n"
            + "tenzing: the build failed; Maven's output is in "
            + log
            + ".\n",
        outcome.err());
    assertFalse(Files.exists(clone.resolve("target/build.lock")));
  }

  @Test
  void aBundleBuildsNothingAndRunsItsOwnJava() throws Exception {
    Path java = Files.createDirectories(clone.resolve("runtime/bin")).resolve("java");
    script(java, "#!/bin/sh\n" + JAVA);
    Map<String, String> environment = Map.of("TENZING_JAVA_HOME", "/nowhere");
    Outcome outcome = run(environment, clone.resolve("tenzing"), "doctor");
    assertEquals(7, outcome.code());
    assertEquals("", outcome.err());
    assertTrue(outcome.out().contains("[" + clone.toRealPath().resolve("app/*") + "]"));
    assertFalse(Files.exists(clone.resolve("runs")));
  }

  @Test
  void missingMavenIsOneSentence() throws Exception {
    Path tools = Files.createDirectories(folder.resolve("few"));
    for (String name : List.of("dirname", "find", "head", "mkdir", "rm", "readlink")) {
      Path file =
          Files.exists(Path.of("/bin", name)) ? Path.of("/bin", name) : Path.of("/usr/bin", name);
      Files.createSymbolicLink(tools.resolve(name), file);
    }
    Map<String, String> environment =
        Map.of("TENZING_JAVA_HOME", jdk.toString(), "PATH", tools.toString());
    Outcome outcome = run(environment, clone.resolve("tenzing"));
    assertEquals(1, outcome.code());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertTrue(outcome.err().startsWith("tenzing: needs Apache Maven"), outcome.err());
  }
}
