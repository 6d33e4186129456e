package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.op.Argsort;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.op.MotionImportance;
import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.engine.op.PatchTargets;
import dev.tenzing.engine.op.Patchify;
import dev.tenzing.engine.op.TakeSorted;
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
import org.junit.jupiter.api.Test;

/**
 * No operation escapes the suite, nor does its gradient; each back end is asked for its kernels.
 */
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

  /** Operations on pixels and on the choice of tokens pass no gradient, all others do. */
  @Test
  void everyGradientIsChecked() {
    Set<Class<?>> checked =
        Cases.all().stream()
            .filter(test -> test.problem().inputs().stream().anyMatch(Input::differentiable))
            .map(Case::operation)
            .collect(Collectors.toSet());
    Set<Class<?>> unchecked =
        Cases.all().stream()
            .filter(Case::isOperation)
            .map(Case::operation)
            .filter(operation -> !checked.contains(operation))
            .collect(Collectors.toSet());
    assertEquals(
        Set.of(
            MotionImportance.class,
            Argsort.class,
            TakeSorted.class,
            NormalizeVideo.class,
            Patchify.class,
            PatchTargets.class),
        unchecked);
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
}
