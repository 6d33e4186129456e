package dev.tenzing.everest.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path root;

  private void file(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private OptionalLong available() {
    return new HostMemory(root).available();
  }

  @Test
  void theSystemSaysWhatIsFree() throws IOException {
    assertEquals(OptionalLong.empty(), available(), "another system says nothing");
    file("proc/meminfo", "MemTotal:  2000 kB\nMemFree:  5 kB\nMemAvailable:    1000 kB\n");
    assertEquals(OptionalLong.of(1000 * 1024), available());
  }

  @Test
  void aGroupAboveMayAllowLess() throws IOException {
    file("proc/meminfo", "MemAvailable:    1000000 kB\n");
    file("proc/self/cgroup", "0::/box/inner\n");
    file("sys/fs/cgroup/box/inner/memory.max", "max\n");
    file("sys/fs/cgroup/box/inner/memory.current", "7\n");
    assertEquals(OptionalLong.of(1000000L * 1024), available());
    file("sys/fs/cgroup/box/memory.max", "5000\n");
    file("sys/fs/cgroup/box/memory.current", "4000\n");
    file("sys/fs/cgroup/box/memory.stat", "anon 1\ninactive_file 500\n");
    assertEquals(OptionalLong.of(1500), available());
  }

  @Test
  void groupsOfVersionOneToo() throws IOException {
    file("proc/meminfo", "MemAvailable:    1000000 kB\n");
    file("proc/self/cgroup", "5:cpuset:/\n4:memory:/x\n0::/\n");
    file("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "3000\n");
    file("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n");
    file("sys/fs/cgroup/memory/memory.stat", "total_inactive_file 10\n");
    assertEquals(OptionalLong.of(2010), available());
  }

  @Test
  void theSentenceHasBothFiguresAndWhatHelps() {
    MemoryNeed need = new MemoryNeed(800 * MIB, true, 100 * MIB, 0, 50 * MIB);
    assertTrue(need.tooMuch(1000 * MIB, OptionalLong.of(950 * MIB)).isEmpty());
    assertTrue(need.tooMuch(1000 * MIB, OptionalLong.empty()).isEmpty());
    String sentence = need.tooMuch(1000 * MIB, OptionalLong.of(949 * MIB)).orElseThrow();
    for (String part :
        new String[] {
          "takes 950 MiB", "949 MiB are free", "--batch", "--fit", "--accumulate", "--recompute"
        }) {
      assertTrue(sentence.contains(part), sentence);
    }
    assertTrue(need.tooMuch(700 * MIB, OptionalLong.empty()).isPresent());
    MemoryNeed gpu = new MemoryNeed(800 * MIB, false, 100 * MIB, 500 * MIB, 0);
    assertTrue(gpu.tooMuch(1000 * MIB, OptionalLong.of(600 * MIB)).isEmpty());
    String cache = gpu.tooMuch(1000 * MIB, OptionalLong.of(599 * MIB)).orElseThrow();
    assertTrue(cache.endsWith("give a smaller --cache-mib"), cache);
  }
}
