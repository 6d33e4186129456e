package dev.tenzing.everest.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Free memory of this machine: what the system says, or less where a container or a control group
 * allows less.
 *
 * @param root of the file system; another one in tests
 */
public record HostMemory(Path root) {
  /** From this on a limit of version 1 means none. */
  private static final long NO_LIMIT = 1L << 60;

  /** This machine's. */
  public HostMemory() {
    this(Path.of("/"));
  }

  /** Bytes that can be taken now; empty where the system does not say. */
  public OptionalLong available() {
    long least = Math.min(system(), groups());
    return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(Math.max(0, least));
  }

  private long system() {
    return lines("proc/meminfo").stream()
        .filter(line -> line.startsWith("MemAvailable:"))
        .mapToLong(line -> 1024 * number(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(Long.MAX_VALUE);
  }

  /** The least that a group of this process, or one above it, leaves. */
  private long groups() {
    long least = Long.MAX_VALUE;
    for (String line : lines("proc/self/cgroup")) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      boolean second = parts[1].isEmpty();
      if (second || List.of(parts[1].split(",")).contains("memory")) {
        String base = second ? "sys/fs/cgroup" : "sys/fs/cgroup/memory";
        for (String group = parts[2]; ; group = group.substring(0, group.lastIndexOf('/'))) {
          least = Math.min(least, left(base + group, second));
          if (group.lastIndexOf('/') < 0) {
            break;
          }
        }
      }
    }
    return least;
  }

  private long left(String group, boolean second) {
    long limit = first(group + (second ? "/memory.max" : "/memory.limit_in_bytes"));
    long used = first(group + (second ? "/memory.current" : "/memory.usage_in_bytes"));
    if (limit >= NO_LIMIT || used == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    // Pages of files are given back when something else needs them.
    String pages = second ? "inactive_file " : "total_inactive_file ";
    long cached =
        lines(group + "/memory.stat").stream()
            .filter(line -> line.startsWith(pages))
            .mapToLong(line -> number(line.substring(pages.length())))
            .findFirst()
            .orElse(0);
    return limit - used + cached;
  }

  private long first(String file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? Long.MAX_VALUE : number(lines.getFirst());
  }

  private static long number(String text) {
    return text.strip().matches("\\d{1,18}") ? Long.parseLong(text.strip()) : Long.MAX_VALUE;
  }

  private List<String> lines(String file) {
    try {
      return Files.readAllLines(root.resolve(file.replaceFirst("^/+", "")));
    } catch (IOException e) {
      return List.of(); // Another system, or another version of groups.
    }
  }
}
