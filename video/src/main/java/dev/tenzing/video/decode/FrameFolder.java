package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.file.Unreadable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A video as a folder of numbered JPEG or PNG pictures, such as {@code img_00001.jpg} to {@code
 * img_00062.jpg}; the numbers may begin anywhere but leave none out.
 *
 * <p>It is addressed by the folder when that holds one such row of pictures, or by a pattern in the
 * last part of the path, as in {@code 74225/img_{:05}.jpg} or {@code 74225/img_%05d.jpg}, when it
 * holds several and none is called {@code img_00001.jpg}.
 */
public final class FrameFolder {
  private static final Pattern TEMPLATE =
      Pattern.compile(
          "(.*)(?:\\{:0?\\d*d?\\}|%0?\\d*d)(\\.(?:jpe?g|png))", Pattern.CASE_INSENSITIVE);
  private static final Pattern NUMBERED =
      Pattern.compile("(.*?)(\\d{1,9})(\\.(?:jpe?g|png))", Pattern.CASE_INSENSITIVE);

  /** Beside the pictures that the reference lists mean there may be optical flow. */
  private static final String OFFICIAL = "img_*.jpg";

  private final Path path;
  private final int first;
  private final List<Path> pictures;

  private FrameFolder(Path path, int first, List<Path> pictures) {
    this.path = path;
    this.first = first;
    this.pictures = pictures;
  }

  /** Whether a path means a folder of pictures and not a video file. */
  public static boolean is(Path path) {
    return isTemplate(path) || Files.isDirectory(path);
  }

  /** Whether the last part of a path is a pattern such as {@code img_{:05}.jpg}. */
  public static boolean isTemplate(Path path) {
    Path name = path.getFileName();
    return name != null && TEMPLATE.matcher(name.toString()).matches();
  }

  /** Whether a file's name is that of a numbered picture. */
  public static boolean isPicture(String name) {
    return NUMBERED.matcher(name).matches();
  }

  /**
   * Lists the pictures.
   *
   * @throws VideoException when there is no row of them, or more than one
   */
  public static FrameFolder open(Path path) throws VideoException {
    String last = path.getFileName() == null ? "" : path.getFileName().toString();
    Matcher template = TEMPLATE.matcher(last);
    boolean given = template.matches();
    Path folder = given ? path.toAbsolutePath().getParent() : path;
    if (!Files.isDirectory(folder)) {
      throw new VideoException(path, Reason.MISSING, "there is no such folder");
    }
    SortedMap<String, SortedMap<Integer, Path>> rows = new TreeMap<>();
    for (Path file : list(path, folder)) {
      Matcher name = NUMBERED.matcher(file.getFileName().toString());
      if (!name.matches()) {
        continue;
      }
      if (!given
          || template.group(1).equals(name.group(1)) && template.group(2).equals(name.group(3))) {
        String row = name.group(1) + "*" + name.group(3);
        Path other =
            rows.computeIfAbsent(row, r -> new TreeMap<>())
                .put(Integer.parseInt(name.group(2)), file);
        if (other != null) {
          throw new VideoException(
              path,
              Reason.UNREADABLE,
              "%s and %s have the same number".formatted(other.getFileName(), file.getFileName()));
        }
      }
    }
    if (rows.isEmpty()) {
      throw new VideoException(
          path,
          Reason.UNREADABLE,
          given
              ? "the folder holds no pictures of that name"
              : "this is a folder without numbered .jpg or .png pictures, not a video");
    }
    if (rows.size() > 1 && rows.containsKey(OFFICIAL)) {
      return row(path, rows.get(OFFICIAL));
    }
    if (rows.size() > 1) {
      throw new VideoException(
          path,
          Reason.UNREADABLE,
          "the folder holds several rows of pictures (%s); name one, as in %s"
              .formatted(
                  rows.keySet().stream().limit(4).collect(Collectors.joining(", ")),
                  last + "/" + rows.firstKey().replace("*", "{:05}")));
    }
    return row(path, rows.get(rows.firstKey()));
  }

  private static FrameFolder row(Path path, SortedMap<Integer, Path> row) throws VideoException {
    int first = row.firstKey();
    int missing = first;
    for (int number : row.keySet()) {
      if (number != missing) {
        throw new VideoException(
            path,
            Reason.MISSING,
            "picture %s is missing before %s".formatted(missing, row.get(number).getFileName()));
      }
      missing++;
    }
    if (row.size() < Limits.MIN_FRAMES) {
      throw new VideoException(
          path, Reason.TOO_FEW_FRAMES, "a single frame is a picture, not a video");
    }
    return new FrameFolder(path, first, new ArrayList<>(row.values()));
  }

  private static List<Path> list(Path path, Path folder) throws VideoException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException | UncheckedIOException e) {
      throw new VideoException(
          path, Reason.UNREADABLE, "the folder cannot be read (" + Unreadable.reason(e) + ")");
    }
  }

  /** The number in the name of the first picture. */
  public int first() {
    return first;
  }

  /** The pictures, in the order shown. */
  public List<Path> pictures() {
    return Collections.unmodifiableList(pictures);
  }

  /**
   * Decodes every picture. The size is that of the first; frames a second and the duration are not
   * known, so they are 0.
   *
   * @throws VideoException naming the first picture that is damaged, cut off or not what its name
   *     says
   */
  VideoInfo scan() throws VideoException {
    FileStamp stamp = stamp();
    for (Path picture : pictures) {
      checkEnds(picture); // costs little, and saves decoding a file that is bad anyway
    }
    try (PictureDecoder decoder = new PictureDecoder(path);
        ConversionCheck conversion = new ConversionCheck()) {
      int width = 0;
      int height = 0;
      for (Path picture : pictures) {
        if (Thread.currentThread().isInterrupted()) {
          throw new CancellationException("reading " + path + " was interrupted");
        }
        decoder.open(picture);
        decoder.tryConversion(conversion);
        width = width == 0 ? decoder.width() : width;
        height = height == 0 ? decoder.height() : height;
      }
      return new VideoInfo(
          path, stamp, width, height, 0, decoder.codec(), 0, false, 0, pictures.size(), null);
    }
  }

  /** Of all pictures: their bytes, and a sum of their names and times. */
  FileStamp stamp() {
    long bytes = 0;
    long sum = pictures.size();
    for (Path picture : pictures) {
      FileStamp one = FileStamp.of(picture);
      int name = picture.getFileName().toString().hashCode();
      bytes += Math.max(0, one.size());
      sum = 31 * (31 * (31 * sum + name) + one.size()) + one.modified();
    }
    return new FileStamp(bytes, sum);
  }

  private void checkEnds(Path picture) throws VideoException {
    boolean png = picture.toString().toLowerCase(Locale.ROOT).endsWith(".png");
    try (FileChannel file = FileChannel.open(picture)) {
      if (!PictureEnds.complete(file, png)) {
        throw new VideoException(
            path,
            file.size() == 0 ? Reason.EMPTY : Reason.TRUNCATED,
            "%s is cut off or no %s picture"
                .formatted(picture.getFileName(), png ? "PNG" : "JPEG"));
      }
    } catch (IOException e) {
      throw new VideoException(
          path,
          Reason.UNREADABLE,
          "%s cannot be read (%s)".formatted(picture.getFileName(), Unreadable.reason(e)));
    }
  }

  /**
   * Reads chosen frames, all scaled to one size.
   *
   * @param frames indices from 0 in ascending order; an index may repeat
   * @param target RGB24 bytes [frames, height, width, 3]
   */
  void decode(int[] frames, int width, int height, MemorySegment target) throws VideoException {
    long bytes = 3L * width * height;
    try (PictureDecoder decoder = new PictureDecoder(path)) {
      for (int i = 0; i < frames.length; i++) {
        if (i > 0 && frames[i] == frames[i - 1]) {
          MemorySegment.copy(target, (i - 1) * bytes, target, i * bytes, bytes);
          continue;
        }
        if (frames[i] >= pictures.size()) {
          throw new VideoException(
              path,
              Reason.TRUNCATED,
              "frame %s is wanted, the folder holds %s".formatted(frames[i], pictures.size()));
        }
        decoder.open(pictures.get(frames[i]));
        decoder.read(target.asSlice(i * bytes, bytes), width, height);
      }
    }
  }
}
