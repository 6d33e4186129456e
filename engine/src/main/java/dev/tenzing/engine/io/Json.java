package dev.tenzing.engine.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON (RFC 8259), read strictly and written compactly.
 *
 * <p>Values are {@code Map<String, Object>} in file order, {@code List<Object>}, {@code String},
 * {@code Long} for integers that fit, {@code Double}, {@code Boolean} and null.
 */
public final class Json {
  private static final int DEEPEST = 256;
  // A value takes up to 64 bytes of heap for 2 of text; a header of 100,000 tensors has 1,100,000.
  private static final int MOST_VALUES = 2_000_000;

  // What an object counts beside itself: it takes more than three other values.
  private static final int OBJECT = 3;

  private final String text;
  private int at;
  private int depth;
  private int values;

  private Json(String text) {
    this.text = text;
  }

  /**
   * Reads one value that is all of {@code text}.
   *
   * @throws IllegalArgumentException telling in one sentence what is wrong and where
   */
  public static Object parse(String text) {
    Json json = new Json(text);
    Object value = json.value();
    json.skipSpace();
    if (json.at < text.length()) {
      throw json.error("text after the value");
    }
    return value;
  }

  /** {@link #parse} of a text that must be an object. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> parseObject(String text) {
    if (parse(text) instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new IllegalArgumentException("JSON: an object is expected");
  }

  // ---- reading
  // -----------------------------------------------------------------------------------------------------------------------------

  private Object value() {
    if (++values > MOST_VALUES) {
      throw error("more than 2,000,000 values");
    }
    skipSpace();
    char c = peek();
    return switch (c) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, Object> object() {
    enter();
    values += OBJECT;
    Map<String, Object> map = new LinkedHashMap<>();
    at++;
    skipSpace();
    if (peek() == '}') {
      at++;
      depth--;
      return map;
    }
    while (true) {
      skipSpace();
      if (peek() != '"') {
        throw error("a name in quotes is expected");
      }
      String name = string();
      skipSpace();
      expect(':');
      if (map.containsKey(name)) {
        throw error("the name " + TensorFileException.quote(name) + " appears twice");
      }
      map.put(name, value());
      skipSpace();
      if (peek() == ',') {
        at++;
      } else {
        expect('}');
        depth--;
        return map;
      }
    }
  }

  private List<Object> array() {
    enter();
    List<Object> list = new ArrayList<>();
    at++;
    skipSpace();
    if (peek() == ']') {
      at++;
      depth--;
      return list;
    }
    while (true) {
      list.add(value());
      skipSpace();
      if (peek() == ',') {
        at++;
      } else {
        expect(']');
        depth--;
        return list;
      }
    }
  }

  private String string() {
    StringBuilder out = new StringBuilder();
    at++;
    while (true) {
      char c = peek();
      at++;
      if (c == '"') {
        return wellFormed(out.toString());
      }
      if (c < ' ') {
        throw error("a control character in a string");
      }
      out.append(c == '\\' ? escape() : c);
    }
  }

  private String wellFormed(String string) {
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < string.length()
          && Character.isLowSurrogate(string.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw error("half a surrogate pair in a string");
      }
    }
    return string;
  }

  private char escape() {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(peek(), 16);
          if (digit < 0 || peek() > 'f') {
            throw error("a \\u escape needs four hexadecimal digits");
          }
          code = code * 16 + digit;
          at++;
        }
        yield (char) code;
      }
      default -> throw error("an unknown escape " + TensorFileException.quote("\\" + c));
    };
  }

  private Object number() {
    int start = at;
    if (peekOrEnd() == '-') {
      at++;
    }
    int digits = digits();
    if (digits == 0) {
      throw error("a value is expected");
    }
    if (digits > 1 && text.charAt(at - digits) == '0') {
      throw error("a number starts with 0");
    }
    boolean integer = true;
    if (peekOrEnd() == '.') {
      integer = false;
      at++;
      if (digits() == 0) {
        throw error("a number needs digits after its point");
      }
    }
    if (peekOrEnd() == 'e' || peekOrEnd() == 'E') {
      integer = false;
      at++;
      if (peekOrEnd() == '+' || peekOrEnd() == '-') {
        at++;
      }
      if (digits() == 0) {
        throw error("a number needs digits in its exponent");
      }
    }
    String literal = text.substring(start, at);
    if (integer && literal.length() <= 20) {
      try {
        return Long.valueOf(literal);
      } catch (NumberFormatException e) {
        return Double.valueOf(literal); // a little beyond 2^63
      }
    }
    double value = Double.parseDouble(literal);
    if (Double.isInfinite(value)) {
      throw error("a number too large for 64 bits");
    }
    return value;
  }

  private int digits() {
    int start = at;
    while (peekOrEnd() >= '0' && peekOrEnd() <= '9') {
      at++;
    }
    return at - start;
  }

  private Object word(String word, Object value) {
    if (!text.startsWith(word, at)) {
      throw error("a value is expected");
    }
    at += word.length();
    return value;
  }

  private void enter() {
    if (++depth > DEEPEST) {
      throw error("values are nested more than " + DEEPEST + " deep");
    }
  }

  private void expect(char c) {
    if (peek() != c) {
      throw error("'" + c + "' is expected");
    }
    at++;
  }

  private char peek() {
    if (at >= text.length()) {
      throw error("the text ends too early");
    }
    return text.charAt(at);
  }

  private char peekOrEnd() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private IllegalArgumentException error(String what) {
    return new IllegalArgumentException("JSON: " + what + " at character " + (at + 1));
  }

  // ---- writing
  // -----------------------------------------------------------------------------------------------------------------------------

  /**
   * Writes maps, iterables, strings, numbers, booleans, double and int arrays, and null. JSON has
   * no NaN or infinity; they are written as null.
   *
   * @throws IllegalArgumentException for any other type
   */
  public static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value);
    return out.toString();
  }

  private static void write(StringBuilder out, Object value) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> {
        out.append('{');
        String comma = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(comma);
          quote(out, String.valueOf(entry.getKey()));
          out.append(':');
          write(out, entry.getValue());
          comma = ",";
        }
        out.append('}');
      }
      case Iterable<?> items -> {
        out.append('[');
        Iterator<?> iterator = items.iterator();
        while (iterator.hasNext()) {
          write(out, iterator.next());
          out.append(iterator.hasNext() ? "," : "");
        }
        out.append(']');
      }
      case double[] array -> write(out, Arrays.stream(array).boxed().toList());
      case int[] array -> write(out, Arrays.stream(array).boxed().toList());
      case int[][] rows -> write(out, Arrays.asList(rows));
      case Double number -> out.append(Double.isFinite(number) ? number.toString() : "null");
      case Float number -> out.append(Float.isFinite(number) ? number.toString() : "null");
      case Number number -> out.append(number);
      case Boolean flag -> out.append(flag);
      case CharSequence text -> quote(out, text);
      default ->
          throw new IllegalArgumentException("JSON cannot hold a " + value.getClass().getName());
    }
  }

  private static void quote(StringBuilder out, CharSequence text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || Character.isSurrogate(c) && !paired(text, i)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean paired(CharSequence text, int i) {
    char c = text.charAt(i);
    return Character.isHighSurrogate(c)
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }
}
