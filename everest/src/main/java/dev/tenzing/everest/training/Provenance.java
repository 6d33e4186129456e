package dev.tenzing.everest.training;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.cuda.CudaDevice;
import dev.tenzing.engine.cuda.CudaDevices;
import dev.tenzing.engine.cuda.CudaLibraries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Where a checkpoint comes from. It is kept in {@code state.json}, beside the model and not in it:
 * the same training gives the same model file on every machine and at every time.
 *
 * @param version of this program, and the commit it was built from as far as that is known
 * @param java the Java that ran it
 * @param device the processor, or the card and its driver
 * @param command what was run; empty when a program of its own trains
 * @param recipe hash of all settings; empty when there is none
 * @param data hash of the names, labels and parts of the videos; empty when there is none
 */
public record Provenance(
    String version, String java, String device, String command, String recipe, String data) {
  /** The key of {@code state.json}. */
  public static final String KEY = "provenance";

  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
  private static final String UNKNOWN = "unknown";

  /** That of training on a device by this program on this machine. */
  public static Provenance of(Device device, String command, String recipe, String data) {
    return new Provenance(
        build(),
        System.getProperty("java.vendor.version", "") + " " + Runtime.version(),
        device.name().startsWith("cuda:") ? card(device.name()) : processor(),
        command,
        recipe,
        data);
  }

  /** What is written of it into a checkpoint that is saved now. */
  Map<String, Object> now(long seed) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("version", version);
    map.put("java", java.strip());
    map.put("device", device);
    map.put("command", command);
    map.put("recipe", recipe);
    map.put("data", data);
    map.put("seed", seed);
    map.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    map.values().removeIf(value -> value.equals(""));
    return map;
  }

  private static String build() {
    String version = Provenance.class.getPackage().getImplementationVersion();
    return version == null ? UNKNOWN : version + " (" + commit() + ")";
  }

  private static String commit() {
    try (JarFile jar =
        new JarFile(
            Path.of(Provenance.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toFile())) {
      String commit = jar.getManifest().getMainAttributes().getValue("Implementation-Commit");
      return commit == null ? UNKNOWN : commit;
    } catch (IOException | URISyntaxException | IllegalArgumentException e) {
      return UNKNOWN;
    }
  }

  private static String processor() {
    String name = after(PROCESSORS, "model name");
    return "%s, %s %s, %s processors"
        .formatted(
            name.isEmpty() ? UNKNOWN : name,
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.getRuntime().availableProcessors());
  }

  private static String card(String name) {
    CudaDevices found = CudaDevices.query(CudaLibraries.system());
    int index = Integer.parseInt(name.substring(name.indexOf(':') + 1));
    CudaDevice card = index < found.devices().size() ? found.devices().get(index) : null;
    String driver = after(DRIVER, "NVRM version");
    return "%s, driver for CUDA %s%s"
        .formatted(
            card == null ? name : card.name(),
            found.driverVersion(),
            driver.isEmpty() ? "" : " (" + driver + ")");
  }

  /** What stands behind a key and a colon in a file of the system; empty where it does not. */
  private static String after(Path file, String key) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key) && line.indexOf(':') > 0)
          .map(line -> line.substring(line.indexOf(':') + 1).strip().replaceAll("\\s+", " "))
          .findFirst()
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      return ""; // Another system.
    }
  }
}
