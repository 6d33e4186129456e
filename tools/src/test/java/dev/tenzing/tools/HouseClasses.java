package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The class files of the modules beside this one, for the rules that all of them keep. */
final class HouseClasses {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private HouseClasses() {}

  /** The main classes of a module; none of a module without sources. */
  static List<ClassModel> classes(String module) throws IOException {
    if (!Files.isDirectory(ROOT.resolve(module).resolve("src/main/java"))) {
      return List.of();
    }
    Path folder = ROOT.resolve(module).resolve("target/classes");
    assertTrue(Files.isDirectory(folder), () -> folder + " is missing");
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(".class")).toList();
      List<ClassModel> parsed = new ArrayList<>();
      for (Path file : found) {
        parsed.add(ClassFile.of().parse(file));
      }
      return parsed;
    }
  }

  static String name(ClassModel type) {
    return type.thisClass().asInternalName();
  }
}
