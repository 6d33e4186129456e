package dev.tenzing.video.list;

import dev.tenzing.video.file.Unreadable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/**
 * Reads a text file line by line: UTF-8 with or without byte order mark or UTF-16 with one, lines
 * ended by LF, CR LF or CR. What is no text is found out at its line, and no more than a line is
 * ever in memory.
 */
final class Lines implements AutoCloseable {
  private static final int LONGEST = 1 << 16;

  private final Path file;
  private final InputStream bytes;
  private final byte[] buffer = new byte[1 << 16];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private int at;
  private int end;
  private int number;
  private String whole = "";
  private int comments;
  private int firstComment;

  Lines(Path file) throws VideoListException {
    this.file = file;
    try {
      bytes = Texts.open(file);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Number of the line that was read last, from 1. */
  int number() {
    return number;
  }

  /** The next line without blanks around it, null after the last. */
  String next() throws VideoListException {
    line.reset();
    int one = one();
    if (one < 0) {
      return null;
    }
    number++;
    while (one >= 0 && one != '\n' && one != '\r') {
      if (one == 0) {
        throw wrong(
            "this is no list of videos, it holds binary data, or UTF-16 without a byte order mark");
      }
      if (line.size() == LONGEST) {
        throw wrong("this is no list of videos, the line is longer than " + LONGEST + " bytes");
      }
      line.write(one);
      one = one();
    }
    if (one == '\r') {
      int after = one();
      if (after >= 0 && after != '\n') {
        at--;
      }
    }
    try {
      String text = utf8.decode(ByteBuffer.wrap(line.toByteArray())).toString();
      whole = number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
      return stripped(whole);
    } catch (CharacterCodingException e) {
      throw wrong("this is no list of videos in UTF-8, nor in UTF-16 with a byte order mark");
    }
  }

  /** The present line with the blanks around it: in a table, tabs may separate empty fields. */
  String whole() {
    return whole;
  }

  /**
   * The next line that says something: neither empty nor a comment.
   *
   * @param entries tells of lines that begin with {@code #} which are none: files may be named so
   */
  String nextEntry(Predicate<String> entries) throws VideoListException {
    for (String text = next(); text != null; text = next()) {
      if (text.startsWith("#") && !entries.test(text)) {
        firstComment = comments++ == 0 ? number : firstComment;
      } else if (!text.isEmpty()) {
        return text;
      }
    }
    return null;
  }

  /** Says how many lines were taken as comments; nothing when none was. */
  List<String> notes() {
    return comments == 0
        ? List.of()
        : List.of(
            comments == 1
                ? file + ": line " + firstComment + " begins with # and is a comment"
                : "%s: %s lines begin with # and are comments, the first is line %s"
                    .formatted(file, comments, firstComment));
  }

  private int one() throws VideoListException {
    if (at == end) {
      try {
        end = bytes.read(buffer);
        at = 0;
      } catch (IOException e) {
        throw unreadable(e);
      }
      if (end <= 0) {
        end = 0;
        return -1;
      }
    }
    return buffer[at++] & 0xFF;
  }

  /** Whether fields are separated by it. Other white space may be part of a path. */
  static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\f' || c == 0x0B;
  }

  private static String stripped(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isBlank(text.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  /** An error about the present line. */
  VideoListException wrong(String sentence) {
    return new VideoListException(file + " line " + number + ": " + sentence);
  }

  private VideoListException unreadable(IOException e) {
    return new VideoListException(
        file + ": the list cannot be read (" + Unreadable.reason(e) + ")");
  }

  @Override
  public void close() {
    try {
      bytes.close();
    } catch (IOException e) {
      // It was only read; what was read is good.
    }
  }
}
