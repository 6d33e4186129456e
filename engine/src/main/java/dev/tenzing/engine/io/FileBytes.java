package dev.tenzing.engine.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is read by position.
 *
 * <p>It is never mapped: a process that cuts a mapped file short ends every other that touches what
 * is gone, with a signal instead of an exception. Here that is a sentence.
 */
public final class FileBytes implements AutoCloseable {
  /** Largest piece of a read into the heap, for which the JDK keeps as much native memory. */
  private static final int PIECE = 1 << 20;

  private final Path path;
  private final FileChannel channel;
  private final long size;

  private FileBytes(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  /**
   * Opens a file.
   *
   * @throws TensorFileException when there is no such file or it cannot be opened
   */
  public static FileBytes open(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new TensorFileException("there is no file " + path);
    }
    try {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      return new FileBytes(path, channel, channel.size());
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static TensorFileException unreadable(Path path, IOException e) {
    String why = e.getMessage();
    boolean said = why != null && !why.equals(path.toString());
    return new TensorFileException(path + " cannot be read" + (said ? ": " + why : ""), e);
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** Its bytes when it was opened. */
  public long size() {
    return size;
  }

  /**
   * Reads bytes.
   *
   * @param at the first of them
   * @param into a segment of any kind, filled whole
   * @throws TensorFileException when they are not there, or not any more
   */
  public void read(long at, MemorySegment into) {
    boolean heap = !into.isNative();
    for (long from = 0; from < into.byteSize(); from += PIECE) {
      MemorySegment piece = into.asSlice(from, Math.min(PIECE, into.byteSize() - from));
      if (heap && !(into.heapBase().orElse(null) instanceof byte[])) {
        // An array of numbers has no view as a buffer of bytes.
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment copy = arena.allocate(piece.byteSize(), 8);
          fill(at + from, copy.asByteBuffer());
          piece.copyFrom(copy);
        }
      } else {
        fill(at + from, piece.asByteBuffer());
      }
    }
  }

  private void fill(long at, ByteBuffer buffer) {
    long position = at;
    try {
      while (buffer.hasRemaining()) {
        int count = channel.read(buffer, position);
        if (count < 0) {
          throw new TensorFileException(
              "%s was cut short while it was being read: byte %s of %s is not there any more"
                  .formatted(path, position, size));
        }
        position += count;
      }
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** The {@code count} bytes from {@code at} on. */
  public byte[] bytes(long at, int count) {
    byte[] bytes = new byte[count];
    read(at, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }
}
