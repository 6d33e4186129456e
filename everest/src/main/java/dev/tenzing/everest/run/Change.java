package dev.tenzing.everest.run;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * A setting that is not what it was.
 *
 * @param key the setting
 * @param before its value; null for none
 * @param now its value; null for none
 */
public record Change(String key, Object before, Object now) {
  /**
   * What differs between two sets of settings; what only the old ones lack is not known of them.
   */
  static List<Change> between(Map<String, Object> before, Map<String, Object> now) {
    List<Change> changes = new ArrayList<>();
    TreeSet<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(now.keySet());
    for (String key : keys) {
      if (!Objects.equals(plain(before.get(key)), plain(now.get(key)))) {
        changes.add(new Change(key, before.get(key), now.get(key)));
      }
    }
    return changes;
  }

  /** Numbers are compared by value, whatever a file made of them. */
  private static String plain(Object value) {
    if (value instanceof Number number) {
      try {
        return new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
      } catch (NumberFormatException e) { // NaN
        return number.toString();
      }
    }
    return value == null || Boolean.FALSE.equals(value) ? null : value.toString();
  }

  public ResumeRule rule() {
    return ResumeRule.of(key);
  }

  private boolean isOption() {
    return !List.of(ResumeRule.STEPS, ResumeRule.TOTAL_BATCH, ResumeRule.VIDEOS).contains(key);
  }

  /** What is called so, as a user knows it. */
  String name() {
    return switch (key) {
      case ResumeRule.STEPS -> "the number of steps";
      case ResumeRule.TOTAL_BATCH -> "the videos of a step (--batch x --accumulate)";
      case ResumeRule.VIDEOS -> "the list of videos";
      default -> "--" + key;
    };
  }

  /** It in words: {@code --lr 0.001 instead of 0.0005}. */
  public String text() {
    String was = before == null ? "none" : plainText(before);
    String is = now == null ? "none" : plainText(now);
    return (isOption() ? name() + " " : name() + ": ") + is + " instead of " + was;
  }

  private static String plainText(Object value) {
    return Boolean.TRUE.equals(value) ? "on" : value.toString();
  }
}
