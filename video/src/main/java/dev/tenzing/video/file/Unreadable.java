package dev.tenzing.video.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file or folder cannot be read. */
public final class Unreadable {
  private Unreadable() {}

  /**
   * The reason in words, without the file's name: the JDK's message may be the name alone.
   *
   * @param e an {@link IOException}, or the unchecked one around it
   */
  public static String reason(Exception e) {
    return switch (e) {
      case UncheckedIOException around -> reason(around.getCause());
      case NoSuchFileException missing -> "it is not there";
      case AccessDeniedException denied -> "permission denied";
      case NotDirectoryException file -> "it is no folder";
      case CharacterCodingException bytes -> "it is no text in UTF-8";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> e.getMessage() == null ? "the system does not say why" : e.getMessage();
    };
  }
}
