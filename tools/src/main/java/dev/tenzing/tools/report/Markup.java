package dev.tenzing.tools.report;

/** Text inside HTML and SVG. */
final class Markup {
  private Markup() {}

  /** The text with what markup would take for its own replaced; fit for attributes too. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
