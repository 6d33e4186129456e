package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.op.Linear;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing escapes the suite: every operation has a case, and the cases reach every kernel. */
@Tag("kernels")
class CoverageTest {
  @Test
  void everyOperationHasACase() throws IOException, URISyntaxException {
    Set<String> tested =
        Cases.all().stream()
            .filter(Case::isOperation)
            .map(test -> test.operation().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(operations(), tested);
  }

  /** Classes beside {@link Linear} with a public static {@code apply}. */
  private static Set<String> operations() throws IOException, URISyntaxException {
    Path folder = Path.of(Linear.class.getResource("Linear.class").toURI()).getParent();
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
          .map(name -> load(name.substring(0, name.length() - ".class".length())))
          .filter(CoverageTest::isOperation)
          .map(Class::getSimpleName)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(Linear.class.getPackageName() + "." + name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isOperation(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .anyMatch(method ->
            method.getName().equals("apply")
                && Modifier.isPublic(method.getModifiers())
                && Modifier.isStatic(method.getModifiers()));
  }

  @ParameterizedTest
  @EnumSource
  void everyKernelIsReached(BackEnd backEnd) {
    WatchedBackend watched = backEnd.open(1);
    try (Device device = new Device(watched)) {
      for (Case test : Cases.all().stream().filter(Case::small).toList()) {
        Run.of(device, test);
        Run.eachAlone(device, test);
      }
    }
    Set<String> kernels =
        Arrays.stream(Kernels.class.getMethods())
            .map(method -> method.getName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(kernels, watched.called());
  }
}
