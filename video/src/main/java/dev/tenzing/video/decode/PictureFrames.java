package dev.tenzing.video.decode;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;

/** The frames of a folder of numbered pictures. */
final class PictureFrames implements FrameSource {
  private final Path path;
  private final List<Path> pictures;
  private final PictureDecoder decoder;
  private int index = -1;

  /** Lists the pictures and decodes the first, which says how large they are. */
  PictureFrames(Path path) throws VideoException {
    this.path = path;
    this.pictures = FrameFolder.open(path).pictures();
    this.decoder = new PictureDecoder(path);
    try {
      decoder.open(pictures.getFirst());
    } catch (VideoException | RuntimeException e) {
      decoder.close();
      throw e;
    }
  }

  @Override
  public boolean next() throws VideoException {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("reading " + path + " was interrupted");
    }
    if (index + 1 == pictures.size()) {
      return false;
    }
    index++;
    if (index > 0) {
      decoder.open(pictures.get(index));
    }
    return true;
  }

  @Override
  public void read(MemorySegment target, int width, int height) throws VideoException {
    decoder.read(target, width, height);
  }

  /** Pictures have no clock: a frame is a second. */
  @Override
  public double seconds() {
    return index;
  }

  @Override
  public int width() {
    return decoder.width();
  }

  @Override
  public int height() {
    return decoder.height();
  }

  @Override
  public double fps() {
    return 0;
  }

  @Override
  public long promisedFrames() {
    return pictures.size();
  }

  @Override
  public VideoException defect(VideoException.Reason reason, String sentence) {
    return new VideoException(path, reason, sentence);
  }

  @Override
  public void close() {
    decoder.close();
  }
}
