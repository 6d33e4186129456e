package dev.tenzing.video.list;

/** Letters of names out of files. */
final class Letters {
  private Letters() {}

  /**
   * In small letters, one for each: {@code String.toLowerCase} takes quadratic time where letters
   * become two, and a list may hold any.
   */
  static String small(String text) {
    StringBuilder small = new StringBuilder(text.length());
    text.codePoints().map(Character::toLowerCase).forEach(small::appendCodePoint);
    return small.toString();
  }
}
