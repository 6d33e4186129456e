package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.TensorFileException;
import java.util.Collection;
import java.util.Map;

/**
 * The values of a description that somebody else wrote: each is checked by its kind, and numbers by
 * their bounds, before anything is made of it.
 *
 * @param map what was read
 * @param file what messages call the file
 * @param above the keys that lead to the values, each with a dot behind it
 */
record Values(Map<?, ?> map, String file, String above) {
  /** More than any size of a model or of a clip; products of two fit into 32 bits. */
  static final int MOST = 1 << 16;

  private static final int LONGEST_TEXT = 200;
  private static final int LONGEST_SHOWN = 60;

  /** The values at the top of a file. */
  Values(Map<?, ?> map, String file) {
    this(map, file, "");
  }

  /** Whether there is a value, and not null. */
  boolean has(String key) {
    return map.get(key) != null;
  }

  /** The first of several keys that has a value, else the first. */
  String first(String... keys) {
    for (String key : keys) {
      if (has(key)) {
        return key;
      }
    }
    return keys[0];
  }

  /** The values below {@code key}, or null when there are none. */
  Values child(String key) {
    return switch (map.get(key)) {
      case null -> null;
      case Map<?, ?> child -> new Values(child, file, above + key + ".");
      case Object other -> throw wrong(key, "an object", other);
    };
  }

  /** A text that has to be there. */
  String text(String key) {
    if (map.get(key) instanceof String text
        && text.length() <= LONGEST_TEXT
        && text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    throw wrong(
        key, "a text on one line of at most %s letters".formatted(LONGEST_TEXT), map.get(key));
  }

  String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  /** A finite number that has to be there. */
  double number(String key) {
    if (map.get(key) instanceof Number number && Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    throw wrong(key, "a number", map.get(key));
  }

  double number(String key, double otherwise) {
    return has(key) ? number(key) : otherwise;
  }

  /** A whole number from {@code least} to {@link #MOST} that has to be there. */
  int integer(String key, int least) {
    return integer(key, least, MOST);
  }

  int integer(String key, int least, int most) {
    return whole(key, map.get(key), least, most);
  }

  int integerOr(String key, int otherwise) {
    return has(key) ? integer(key, 1) : otherwise;
  }

  /** A value below {@code key}, such as an item of a list, as a whole number. */
  int whole(String key, Object value, int least, int most) {
    boolean whole = value instanceof Long || value instanceof Double d && d == Math.rint(d);
    double number = whole ? ((Number) value).doubleValue() : Double.NaN;
    if (number >= least && number <= most) {
      return (int) number;
    }
    throw wrong(key, "a whole number from %s to %s".formatted(least, most), value);
  }

  /** True or false, which has to be there. */
  boolean flag(String key) {
    if (map.get(key) instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, "true or false", map.get(key));
  }

  boolean flag(String key, boolean otherwise) {
    return has(key) ? flag(key) : otherwise;
  }

  /** The refusal of a value. */
  CheckpointException wrong(String key, String wanted, Object found) {
    return new CheckpointException(
        "%s: %s must be %s, but is %s".formatted(file, above + key, wanted, shown(found)));
  }

  private static String shown(Object value) {
    return switch (value) {
      case null -> "missing";
      case String text -> TensorFileException.quote(cut(text));
      case Long number -> number.toString();
      case Double number -> number.toString();
      case Boolean flag -> flag.toString();
      case Map<?, ?> map -> "an object of %s values".formatted(map.size());
      case Collection<?> list -> "a list of %s values".formatted(list.size());
      default -> cut(Json.write(value.toString()));
    };
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "\u2026";
  }
}
