package dev.tenzing.tools;

import static dev.tenzing.tools.HouseClasses.classes;
import static dev.tenzing.tools.HouseClasses.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.MethodHandleEntry;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Scanner;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keeps text independent of where its user lives: the same bits are written under a locale with
 * digits of its own, in any time zone and with any default charset, and messages are the same too.
 *
 * <p>There is one way to put values into text. {@code "…".formatted(…)} takes plain {@code %s}, for
 * whole numbers as well: what {@code toString} gives is the same everywhere. Whatever needs digits
 * grouped, padded or rounded says {@code String.format(Locale.ROOT, "…", …)}. Setting the default
 * locale in {@code Main} would be shorter, but whoever uses the modules as a library does not pass
 * there.
 */
class LocaleRulesTest {
  private static final Pattern CONVERSION = Pattern.compile("%(?!n|(?:\\d+\\$)?-?\\d*[sx])");

  /** Methods and constructors of the JDK that ask the default locale, time zone or charset. */
  private static final Set<String> BANNED =
      Set.of(
          "java/lang/String.toLowerCase()",
          "java/lang/String.toUpperCase()",
          "java/lang/String.getBytes()",
          "java/lang/String.<init>([B)",
          "java/lang/String.<init>([BII)",
          "java/io/ByteArrayOutputStream.toString()",
          "java/io/InputStreamReader.<init>(Ljava/io/InputStream;)",
          "java/io/OutputStreamWriter.<init>(Ljava/io/OutputStream;)",
          "java/time/LocalDate.now()",
          "java/time/LocalTime.now()",
          "java/time/LocalDateTime.now()",
          "java/time/OffsetDateTime.now()",
          "java/time/ZonedDateTime.now()",
          "java/time/format/DateTimeFormatter.ofPattern(Ljava/lang/String;)",
          "java/time/format/DateTimeFormatterBuilder.toFormatter()");

  /** The same, whatever the arguments. */
  private static final Set<String> BANNED_NAMES =
      Set.of(
          "java/util/Locale.getDefault",
          "java/util/TimeZone.getDefault",
          "java/time/ZoneId.systemDefault",
          "java/time/format/DateTimeFormatter.ofLocalizedDate",
          "java/time/format/DateTimeFormatter.ofLocalizedTime",
          "java/time/format/DateTimeFormatter.ofLocalizedDateTime",
          "java/nio/charset/Charset.defaultCharset");

  private static final Set<String> BANNED_OWNERS =
      Set.of(
          "java/util/Scanner",
          "java/util/Date",
          "java/util/Calendar",
          "java/util/GregorianCalendar",
          "java/text/NumberFormat",
          "java/text/DecimalFormat",
          "java/text/DateFormat",
          "java/text/SimpleDateFormat",
          "java/text/MessageFormat",
          "java/text/ChoiceFormat",
          "java/text/Collator");

  /** Constructors of these name a charset or a locale among their arguments. */
  private static final Set<String> TOLD_HOW =
      Set.of(
          "java/util/Formatter",
          "java/io/FileReader",
          "java/io/FileWriter",
          "java/io/PrintStream",
          "java/io/PrintWriter");

  /** The bindings are what jextract writes; their one printf traces calls with %s. */
  @ParameterizedTest
  @ValueSource(strings = {"engine", "nn", "video", "everest", "tools"})
  void textDependsOnNoLocaleTimeZoneOrCharset(String module) throws IOException {
    List<String> found = new ArrayList<>();
    for (ClassModel type : classes(module)) {
      found.addAll(violations(type));
    }
    assertEquals(List.of(), found);
  }

  /** Surefire gives the tests of all modules the user of another country; see the parent's pom. */
  @Test
  void testsRunUnderALocaleWithDigitsOfItsOwn() {
    assertNotEquals("1", "%d".formatted(1), "run with -Duser.language=fa -Duser.country=IR");
  }

  @Test
  void theRuleFindsWhatItBans() throws IOException {
    ClassModel type;
    try (var in = Examples.class.getResourceAsStream("LocaleRulesTest$Examples.class")) {
      type = ClassFile.of().parse(Objects.requireNonNull(in).readAllBytes());
    }
    List<String> found = violations(type);
    for (MethodModel method : type.methods()) {
      String name = method.methodName().stringValue();
      boolean caught = found.stream().anyMatch(line -> line.contains("." + name + " "));
      assertEquals(name.startsWith("bad"), caught, () -> name + " in " + found);
    }
    assertFalse(found.isEmpty());
  }

  private static List<String> violations(ClassModel type) {
    List<String> found = new ArrayList<>();
    StreamSupport.stream(type.constantPool().spliterator(), false)
        .filter(MethodHandleEntry.class::isInstance)
        .map(entry -> ((MethodHandleEntry) entry).reference())
        .filter(member -> banned(member) || formatted(member))
        .forEach(member -> found.add(name(type) + ".badReference uses " + text(member)));
    for (MethodModel method : type.methods()) {
      String where = name(type) + "." + method.methodName().stringValue() + " ";
      method.code().ifPresent(code -> check(code, where, found));
    }
    return found;
  }

  /**
   * Follows the arrays of arguments, which javac makes right after it has pushed the format, so
   * that each call of {@code formatted} is judged by its own format. Arrays without a format are
   * those of other calls.
   */
  private static void check(CodeModel code, String where, List<String> found) {
    Deque<Optional<String>> formats = new ArrayDeque<>();
    Optional<String> constant = Optional.empty();
    Optional<String> before = Optional.empty();
    for (CodeElement element : code) {
      switch (element) {
        case ConstantInstruction push -> {
          before = constant;
          constant = push.constantValue() instanceof String s ? Optional.of(s) : Optional.empty();
        }
        case NewReferenceArrayInstruction array
            when array.componentType().asInternalName().equals("java/lang/Object") ->
            formats.push(before);
        case InvokeInstruction call -> {
          MemberRefEntry member = call.method();
          if (banned(member)) {
            found.add(where + "uses " + text(member));
          }
          Optional<String> format = Optional.empty();
          if (call.type().stringValue().contains("[Ljava/lang/Object;)")
              && !formats.isEmpty()
              && (formats.peek().isEmpty() || takesFormat(member))) {
            format = formats.pop();
          }
          if (formatted(member) && format.map(LocaleRulesTest::needsLocale).orElse(true)) {
            found.add(where + "calls formatted on " + format.orElse("what is no constant"));
          }
          constant = Optional.empty();
        }
        default -> {}
      }
    }
  }

  private static boolean needsLocale(String format) {
    return CONVERSION.matcher(format.replace("%%", "")).find();
  }

  private static boolean takesFormat(MemberRefEntry member) {
    return member.owner().asInternalName().equals("java/lang/String")
        && member.name().stringValue().startsWith("format");
  }

  private static boolean formatted(MemberRefEntry member) {
    return text(member).startsWith("java/lang/String.formatted(");
  }

  private static boolean banned(MemberRefEntry member) {
    String owner = member.owner().asInternalName();
    String name = member.name().stringValue();
    String type = member.type().stringValue();
    boolean formats = name.equals("format") || name.equals("printf");
    boolean told = type.contains("Ljava/util/Locale;") || type.contains("Ljava/nio/charset/");
    return BANNED_OWNERS.contains(owner)
        || BANNED_NAMES.contains(owner + "." + name)
        || BANNED.contains(text(member))
        || owner.startsWith("java/")
            && formats
            && type.startsWith("(Ljava/lang/String;[Ljava/lang/Object;)")
        || TOLD_HOW.contains(owner) && name.equals("<init>") && !told;
  }

  private static String text(MemberRefEntry member) {
    String type = member.type().stringValue();
    return member.owner().asInternalName()
        + "."
        + member.name().stringValue()
        + type.substring(0, type.indexOf(')') + 1);
  }

  /** What the rule is tried on; methods named bad are to be found, the others are not. */
  static final class Examples {
    private Examples() {}

    static String goodText(String name, int count) {
      return "%s has %s of 100 %%: %-9s 0x%04x%n".formatted(name, count, name, count);
    }

    static String goodNumber(double loss) {
      return String.format(Locale.ROOT, "%.1f of %s", loss, "%s and %s".formatted(1, 2));
    }

    static String badDigits(int count) {
      return "%d".formatted(count);
    }

    static String badAmongGoodOnes(int count) {
      return String.format(
          Locale.ROOT, "%d %s %s", count, "%5s".formatted(count), "%,d".formatted(count));
    }

    static String badFormat(String format) {
      return format.formatted(1);
    }

    static String badDefault(double loss) {
      return String.format("%s", loss);
    }

    static String badCase(String name) {
      return name.toLowerCase();
    }

    static Function<String, String> badReference() {
      return String::toUpperCase;
    }

    static byte[] badCharset(String name) {
      return name.getBytes();
    }

    static PrintStream badStream(OutputStream out) {
      return new PrintStream(out);
    }

    static void badPrint(PrintStream out) {
      out.printf("%s", 1);
    }

    static LocalDate badZone() {
      return LocalDate.now();
    }

    static Scanner badScanner(String text) {
      return new Scanner(text);
    }
  }
}
