package dev.tenzing.video.list;

import dev.tenzing.video.file.Unreadable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON (RFC 8259) from a file: objects as maps, arrays as lists, numbers as doubles. Errors
 * name the line. The elements of one large array can be taken one at a time.
 *
 * <p>It stands beside Gson, with which {@code tools} writes, because people write these files and
 * have to correct them: an error says what is expected at its line. Of Gson's streaming reader the
 * same call throws the same exception for a comma that is missing, one too many and a misspelt
 * word; what its text tells of them is no part of its interface and speaks to programmers. It also
 * refuses numbers such as {@code 01} and {@code .5}, which are read here.
 */
final class JsonReader implements AutoCloseable {
  private static final int DEEPEST = 64;
  private static final int END = -1;

  private final Path file;
  private final Reader text;
  private int line = 1;
  private int next;

  /** Takes an element of an array. */
  @FunctionalInterface
  interface Visitor {
    void take(Object element, int line) throws VideoListException;
  }

  JsonReader(Path file) throws VideoListException {
    this.file = file;
    try {
      text =
          new BufferedReader(
              new InputStreamReader(Texts.open(file), StandardCharsets.UTF_8.newDecoder()));
      advance();
      if (next == '\uFEFF') {
        advance();
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The first element of the array that the file is; null when it is none or an empty one. */
  Object first() throws VideoListException {
    return take('[') && peek() != ']' ? value(1) : null;
  }

  /** The whole file as one value. */
  Object read() throws VideoListException {
    Object value = value(0);
    end();
    return value;
  }

  /**
   * Gives the elements of the array that the file is, or that its object holds under {@code key}.
   *
   * @return whether there is such an array
   */
  boolean each(String key, Visitor visitor) throws VideoListException {
    boolean found = false;
    if (peek() == '[') {
      elements(1, visitor);
      found = true;
    } else if (take('{')) {
      for (boolean more = !take('}'); more; more = comma('}')) {
        String name = name();
        if (name.equals(key) && peek() == '[') {
          elements(2, visitor);
          found = true;
        } else {
          value(1);
        }
      }
    } else {
      throw wrong("an object or an array is expected");
    }
    end();
    return found;
  }

  private void elements(int depth, Visitor visitor) throws VideoListException {
    take('[');
    for (boolean more = !take(']'); more; more = comma(']')) {
      peek();
      int at = line;
      visitor.take(value(depth), at);
    }
  }

  private Object value(int depth) throws VideoListException {
    if (depth > DEEPEST) {
      throw wrong("this is nested too deeply");
    }
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> {
        List<Object> all = new ArrayList<>();
        elements(depth + 1, (element, at) -> all.add(element));
        yield all;
      }
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      case END -> throw wrong("the file ends too early");
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) throws VideoListException {
    take('{');
    Map<String, Object> map = new LinkedHashMap<>();
    for (boolean more = !take('}'); more; more = comma('}')) {
      String name = name();
      map.put(name, value(depth + 1));
    }
    return map;
  }

  private String name() throws VideoListException {
    if (peek() != '"') {
      throw wrong("a name in quotes is expected");
    }
    String name = string();
    if (!take(':')) {
      throw wrong("a colon is expected after \"" + name + "\"");
    }
    return name;
  }

  /** Whether another element follows; otherwise the end is taken. */
  private boolean comma(char end) throws VideoListException {
    if (take(',')) {
      return true;
    }
    if (!take(end)) {
      throw wrong("a comma or \"" + end + "\" is expected");
    }
    return false;
  }

  private Object word(String word, Object value) throws VideoListException {
    for (int i = 0; i < word.length(); i++) {
      if (next != word.charAt(i)) {
        throw wrong("\"" + word + "\" is expected");
      }
      advance();
    }
    return value;
  }

  private Double number() throws VideoListException {
    StringBuilder digits = new StringBuilder();
    while (next >= '0' && next <= '9' || "+-.eE".indexOf(next) >= 0 && next > 0) {
      digits.append((char) next);
      advance();
    }
    try {
      return Double.valueOf(digits.toString());
    } catch (NumberFormatException e) {
      throw wrong("a value is expected");
    }
  }

  private String string() throws VideoListException {
    advance();
    StringBuilder all = new StringBuilder();
    while (next != '"') {
      if (next < ' ') {
        throw wrong("a text is not closed by a quote");
      }
      if (next == '\\') {
        advance();
        all.append(escaped());
      } else {
        all.append((char) next);
      }
      advance();
    }
    advance();
    return all.toString();
  }

  private char escaped() throws VideoListException {
    return switch (next) {
      case '"', '\\', '/' -> (char) next;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          advance();
          int digit = next < 0 ? -1 : Character.digit((char) next, 16);
          if (digit < 0) {
            throw wrong("four hexadecimal digits are expected");
          }
          code = code * 16 + digit;
        }
        yield (char) code;
      }
      default -> throw wrong("there is no such escape in JSON");
    };
  }

  private int peek() throws VideoListException {
    while (next == ' ' || next == '\n' || next == '\r' || next == '\t') {
      advance();
    }
    return next;
  }

  private boolean take(char wanted) throws VideoListException {
    if (peek() != wanted) {
      return false;
    }
    advance();
    return true;
  }

  private void end() throws VideoListException {
    if (peek() != END) {
      throw wrong("nothing is expected after the end");
    }
  }

  private void advance() throws VideoListException {
    try {
      if (next == '\n') {
        line++;
      }
      next = text.read();
    } catch (CharacterCodingException e) {
      throw wrong("this is not UTF-8");
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private VideoListException wrong(String sentence) {
    return wrong(line, "not JSON: " + sentence);
  }

  /** An error about a line. */
  VideoListException wrong(int at, String sentence) {
    return new VideoListException(file + " line " + at + ": " + sentence);
  }

  private VideoListException unreadable(IOException e) {
    return new VideoListException(
        file + ": the file cannot be read (" + Unreadable.reason(e) + ")");
  }

  @Override
  public void close() {
    try {
      text.close();
    } catch (IOException e) {
      // It was only read; what was read is good.
    }
  }
}
