package dev.tenzing.video.list;

/** A list of videos that cannot be used; the message is one sentence with the list's name. */
public final class VideoListException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean aboutClasses;

  public VideoListException(String message) {
    this(message, false);
  }

  private VideoListException(String message, boolean aboutClasses) {
    super(message);
    this.aboutClasses = aboutClasses;
  }

  /** The same, of a list whose labels are none or do not fit the names of its classes. */
  VideoListException aboutClasses() {
    return new VideoListException(getMessage(), true);
  }

  /** Whether the list has labels, but wrong ones: it is none without labels. */
  public boolean isAboutClasses() {
    return aboutClasses;
  }
}
