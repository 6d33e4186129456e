package dev.tenzing.tools;

import static dev.tenzing.tools.HouseClasses.ROOT;
import static dev.tenzing.tools.HouseClasses.classes;
import static dev.tenzing.tools.HouseClasses.name;
import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Keeps the rules of the house: who may use whom, what engine and nn may depend on, and that every
 * package says what it is for. It reads the class files and poms of all modules beside this one; of
 * {@code jmh}, which is built apart, the pom only.
 */
class HouseRulesTest {
  /** What a module's pom may name, and what its classes may use: the modules to its left. */
  private static final Map<String, Set<String>> USES =
      Map.of(
          "bindings", Set.of(),
          "engine", Set.of("bindings"),
          "jmh", Set.of("engine"),
          "nn", Set.of("engine"),
          "video", Set.of(),
          "everest", Set.of("nn", "engine", "video"),
          "tools", Set.of("everest", "nn", "engine", "video"),
          "fuzz", Set.of("tools"));

  private static final Pattern OURS = Pattern.compile("dev/tenzing/(\\w+)/");

  @ParameterizedTest
  @ValueSource(strings = {"bindings", "engine", "nn", "video", "everest", "tools"})
  void classesUseOnlyTheModulesToTheirLeft(String module) throws IOException {
    for (ClassModel type : classes(module)) {
      Set<String> allowed = new HashSet<>(USES.get(module));
      allowed.add(module);
      if (module.equals("engine") && !mayNameBindings(type)) {
        allowed.remove("bindings");
      }
      Set<String> used = modulesNamed(type);
      used.removeAll(allowed);
      assertTrue(used.isEmpty(), () -> name(type) + " may not use " + used);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bindings", "engine", "nn"})
  void lowerModulesUseNothingButTheJdk(String module) throws IOException {
    for (ClassModel type : classes(module)) {
      for (String used : classesNamed(type)) {
        boolean jdk =
            Stream.of("java/", "jdk/incubator/vector/", "com/sun/management/")
                .anyMatch(used::startsWith);
        assertTrue(jdk || used.startsWith("dev/tenzing/"), () -> name(type) + " uses " + used);
      }
    }
  }

  /**
   * The runtime image has no java.desktop: it would double its size for pictures we draw by hand.
   */
  @ParameterizedTest
  @ValueSource(strings = {"bindings", "engine", "nn", "video", "everest", "tools"})
  void nothingUsesTheDesktop(String module) throws IOException {
    for (ClassModel type : classes(module)) {
      for (String used : classesNamed(type)) {
        boolean desktop =
            Stream.of("java/awt/", "javax/swing/", "javax/imageio/").anyMatch(used::startsWith);
        assertFalse(desktop, () -> name(type) + " uses " + used);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bindings", "engine", "jmh", "nn", "video", "everest", "tools", "fuzz"})
  void pomsNameOnlyTheModulesToTheirLeft(String module) throws Exception {
    for (Element dependency : dependencies(ROOT.resolve(module).resolve("pom.xml"))) {
      if (text(dependency, "groupId").equals("dev.tenzing")) {
        String used = text(dependency, "artifactId");
        assertTrue(USES.get(module).contains(used), () -> module + "/pom.xml names " + used);
      } else if (Set.of("bindings", "engine", "nn").contains(module)) {
        assertEquals("test", text(dependency, "scope"), () -> "in " + module + "/pom.xml");
      }
    }
  }

  @Test
  void everyModuleInheritsOnlyTestDependencies() throws Exception {
    for (Element dependency : dependencies(ROOT.resolve("pom.xml"))) {
      assertEquals("test", text(dependency, "scope"), () -> text(dependency, "artifactId"));
    }
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    for (String module : USES.keySet()) {
      Path sources = ROOT.resolve(module).resolve("src/main/java");
      if (Files.exists(sources)) {
        try (Stream<Path> files = Files.walk(sources)) {
          Set<Path> packages =
              files
                  .filter(file -> file.toString().endsWith(".java"))
                  .map(Path::getParent)
                  .collect(toSet());
          for (Path folder : packages) {
            Path info = folder.resolve("package-info.java");
            assertTrue(Files.exists(info), () -> info + " is missing");
            assertTrue(Files.readString(info).contains("/**"), () -> info + " has no Javadoc");
          }
        }
      }
    }
  }

  private static boolean mayNameBindings(ClassModel type) {
    return name(type).startsWith("dev/tenzing/engine/cuda/")
        || name(type).startsWith("dev/tenzing/engine/collective/");
  }

  private static Stream<PoolEntry> pool(ClassModel type) {
    return StreamSupport.stream(type.constantPool().spliterator(), false);
  }

  /** Names in descriptors, signatures and annotations are strings of the constant pool too. */
  private static Set<String> modulesNamed(ClassModel type) {
    return pool(type)
        .filter(Utf8Entry.class::isInstance)
        .flatMap(entry -> OURS.matcher(((Utf8Entry) entry).stringValue()).results())
        .map(match -> match.group(1))
        .collect(toCollection(TreeSet::new));
  }

  private static Set<String> classesNamed(ClassModel type) {
    return pool(type)
        .filter(ClassEntry.class::isInstance)
        .map(entry -> ((ClassEntry) entry).asInternalName())
        .map(used -> used.replaceFirst("^\\[+L?", "").replaceFirst(";$", ""))
        .filter(used -> used.contains("/"))
        .collect(toSet());
  }

  private static List<Element> dependencies(Path pom) throws Exception {
    Element project =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(pom.toFile())
            .getDocumentElement();
    return children(project, "dependencies").stream()
        .flatMap(list -> children(list, "dependency").stream())
        .toList();
  }

  private static List<Element> children(Element parent, String name) {
    NodeList nodes = parent.getChildNodes();
    return Stream.iterate(0, i -> i < nodes.getLength(), i -> i + 1)
        .map(nodes::item)
        .filter(node -> node.getNodeName().equals(name))
        .map(Element.class::cast)
        .toList();
  }

  private static String text(Element parent, String name) {
    return children(parent, name).stream().map(Element::getTextContent).findFirst().orElse("");
  }
}
