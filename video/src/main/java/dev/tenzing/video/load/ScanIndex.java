package dev.tenzing.video.load;

import dev.tenzing.video.decode.FileStamp;
import dev.tenzing.video.decode.FrameIndex;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * What scans found, kept in a file so that no video is scanned twice: {@value #NAME}. What it says
 * of a video holds as long as the video's size and time stay the same.
 *
 * <p>Records are appended one by one, each with its length and checksum, so that a process that is
 * killed loses the last one at most. Paths below the index's folder are kept relative to it: the
 * folder may be moved as a whole.
 */
public final class ScanIndex implements Closeable {
  /** The file's name. */
  public static final String NAME = "videos.index";

  /** Its number goes up with what a scan finds, so that all files are checked again. */
  private static final byte[] HEADER = "tenzing videos 2\n".getBytes(StandardCharsets.US_ASCII);

  private static final int LARGEST = 1 << 28;

  /** One of {@code info} and {@code defect} is null. */
  private record Scanned(FileStamp stamp, VideoInfo info, VideoException defect) {}

  private final Path folder;
  private final Map<Path, Scanned> known = new HashMap<>();
  private final List<String> notes = new ArrayList<>();
  private FileChannel file;

  private ScanIndex(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads the index beside a list, or in a folder of videos or the one around it; an empty one when
   * there is none.
   *
   * @throws IOException when it is there and cannot be read
   */
  public static ScanIndex beside(Path listOrFolder) throws IOException {
    Path at = listOrFolder.toAbsolutePath().normalize();
    Path folder = Files.isDirectory(at) && Files.exists(at.resolve(NAME)) ? at : at.getParent();
    ScanIndex index = new ScanIndex(folder == null ? at : folder);
    Path file = index.folder.resolve(NAME);
    if (Files.isRegularFile(file)) {
      try (FileChannel channel = FileChannel.open(file)) {
        index.read(channel);
      }
    }
    return index;
  }

  /**
   * Opens the index of a folder to add to it. A last record that is not complete is cut off.
   *
   * @throws IOException also when another process has it open
   */
  public static ScanIndex open(Path folder) throws IOException {
    ScanIndex index = new ScanIndex(folder.toAbsolutePath().normalize());
    Path path = index.folder.resolve(NAME);
    index.file =
        FileChannel.open(
            path,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS));
    try {
      lock(index.file, path);
      long end = index.read(index.file);
      index.file.truncate(end).position(end);
      if (end == 0) {
        index.file.write(ByteBuffer.wrap(HEADER));
      }
      return index;
    } catch (IOException e) {
      index.close();
      throw e;
    }
  }

  private static void lock(FileChannel file, Path path) throws IOException {
    boolean locked;
    try {
      locked = file.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false;
    }
    if (!locked) {
      throw new IOException(path + " is in use by another process");
    }
  }

  /** Reads all good records; returns where they end. */
  private long read(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEADER.length);
    fill(channel, head, 0);
    if (head.position() < HEADER.length || !ByteBuffer.wrap(HEADER).equals(head.flip())) {
      if (channel.size() > 0) {
        damaged("it is none of this version");
      }
      return 0;
    }
    long at = HEADER.length;
    ByteBuffer prefix = ByteBuffer.allocate(8);
    while (true) {
      fill(channel, prefix.clear(), at);
      if (prefix.position() == 0) {
        return at;
      }
      int length = prefix.position() < 8 ? -1 : prefix.getInt(0);
      if (length < 0 || length > LARGEST || length > channel.size() - at - 8) {
        damaged("it ends in the middle of a video");
        return at;
      }
      ByteBuffer record = ByteBuffer.allocate(length);
      fill(channel, record, at + 8);
      if (record.position() < length || checksum(record.array()) != prefix.getInt(4)) {
        damaged("a checksum is wrong");
        return at;
      }
      if (!decode(record.array())) {
        damaged("it holds what no scan finds");
      }
      at += 8 + length;
    }
  }

  private void damaged(String how) {
    if (notes.isEmpty()) {
      notes.add(
          "%s: %s; the videos that it does not tell of are scanned again"
              .formatted(folder.resolve(NAME), how));
    }
  }

  /** What was wrong with the file when it was read, a sentence each. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  private static void fill(FileChannel channel, ByteBuffer buffer, long from) throws IOException {
    long at = from;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        return;
      }
      at += read;
    }
  }

  private static int checksum(byte[] bytes) {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    return (int) sum.getValue();
  }

  /** Takes what a record says; false when it makes no sense, then the video is scanned again. */
  private synchronized boolean decode(byte[] record) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(record))) {
      Path path = folder.resolve(in.readUTF()).normalize();
      FileStamp stamp = new FileStamp(in.readLong(), in.readLong());
      if (in.readBoolean()) {
        known.put(path, new Scanned(stamp, readInfo(path, stamp, in), null));
      } else {
        VideoException.Reason reason = VideoException.Reason.valueOf(in.readUTF());
        known.put(path, new Scanned(stamp, null, new VideoException(path, reason, in.readUTF())));
      }
      return true;
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      return false;
    }
  }

  private static VideoInfo readInfo(Path path, FileStamp stamp, DataInputStream in)
      throws IOException {
    int width = in.readInt();
    int height = in.readInt();
    int rotation = in.readInt();
    String codec = in.readUTF();
    double fps = in.readDouble();
    boolean variableRate = in.readBoolean();
    double seconds = in.readDouble();
    int frames = in.readInt();
    boolean possible =
        Math.min(width, height) > 0 && frames > 1 && fps >= 0 && seconds >= 0 && !codec.isEmpty();
    if (!possible || !Double.isFinite(fps) || !Double.isFinite(seconds)) {
      throw new IllegalArgumentException("no scan finds this of " + path);
    }
    FrameIndex index = in.available() == 0 ? null : FrameIndex.fromBytes(in.readAllBytes(), frames);
    return new VideoInfo(
        path, stamp, width, height, rotation, codec, fps, variableRate, seconds, frames, index);
  }

  /**
   * What is known of a video, null when nothing is or when it has changed since.
   *
   * @throws VideoException when it is known to be of no use
   */
  VideoInfo find(Path video) throws VideoException {
    Scanned scanned;
    synchronized (this) {
      scanned = known.get(video.toAbsolutePath().normalize());
    }
    if (scanned == null || !scanned.stamp.equals(FileStamp.of(video))) {
      return null;
    }
    if (scanned.defect != null) {
      throw new VideoException(video, scanned.defect.reason(), scanned.defect.sentence());
    }
    return scanned.info.at(video);
  }

  /** Adds what a scan found. */
  void add(VideoInfo info) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = start(bytes, info.path(), info.stamp());
    out.writeBoolean(true);
    out.writeInt(info.width());
    out.writeInt(info.height());
    out.writeInt(info.rotation());
    out.writeUTF(info.codec());
    out.writeDouble(info.fps());
    out.writeBoolean(info.variableRate());
    out.writeDouble(info.seconds());
    out.writeInt(info.frames());
    if (info.index() != null) {
      out.write(info.index().toBytes());
    }
    append(info.path(), info.stamp(), bytes.toByteArray());
  }

  /** Adds a video that is of no use. */
  void add(VideoException defect, FileStamp stamp) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = start(bytes, defect.path(), stamp);
    out.writeBoolean(false);
    out.writeUTF(defect.reason().name());
    out.writeUTF(defect.sentence());
    append(defect.path(), stamp, bytes.toByteArray());
  }

  private DataOutputStream start(ByteArrayOutputStream bytes, Path video, FileStamp stamp)
      throws IOException {
    Path path = video.toAbsolutePath().normalize();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF((path.startsWith(folder) ? folder.relativize(path) : path).toString());
    out.writeLong(stamp.size());
    out.writeLong(stamp.modified());
    return out;
  }

  private synchronized void append(Path video, FileStamp stamp, byte[] record) throws IOException {
    if (file == null || stamp.equals(FileStamp.NONE)) {
      return;
    }
    ByteBuffer whole = ByteBuffer.allocate(8 + record.length);
    whole.putInt(record.length).putInt(checksum(record)).put(record).flip();
    long end = file.position();
    try {
      while (whole.hasRemaining()) {
        file.write(whole);
      }
    } catch (IOException e) {
      file.truncate(end);
      throw new IOException(
          folder.resolve(NAME) + ": cannot be written (" + e.getMessage() + ")", e);
    }
    decode(record);
  }

  /** How many videos it knows. */
  public synchronized int size() {
    return known.size();
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
