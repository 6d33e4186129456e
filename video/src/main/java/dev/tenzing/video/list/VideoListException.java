package dev.tenzing.video.list;

/** A list of videos that cannot be used; the message is one sentence with the list's name. */
public final class VideoListException extends Exception {
  private static final long serialVersionUID = 1;

  public VideoListException(String message) {
    super(message);
  }
}
