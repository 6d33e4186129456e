package dev.tenzing.video.list;

import dev.tenzing.video.decode.FrameFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The videos in a folder and below: files by their endings, and folders of numbered pictures. What
 * else lies there is left out and counted.
 */
final class VideoTree {
  /**
   * Endings of the containers that are read, as FFmpeg's demuxers and muxers name them, and those
   * that cameras use for the same.
   */
  static final Set<String> ENDINGS =
      Set.of(
          // AVI
          "avi",
          "divx",
          // MP4 and QuickTime
          "mp4",
          "m4v",
          "mp4v",
          "mov",
          "qt",
          "3gp",
          "3g2",
          "3gpp",
          "3gp2",
          "mj2",
          "psp",
          "f4v",
          "ism",
          "ismv",
          "k3g",
          "insv",
          "lrv",
          // Matroska
          "mkv",
          "mk3d",
          "webm",
          // MPEG program and transport streams, and bare MPEG
          "mpg",
          "mpeg",
          "mpe",
          "m1v",
          "m2v",
          "m2p",
          "mp2v",
          "mpv",
          "vob",
          "vro",
          "ps",
          "dvd",
          "svcd",
          "mod",
          "tod",
          "ts",
          "m2t",
          "m2ts",
          "mts",
          "tp",
          "trp",
          // Flash and Windows Media
          "flv",
          "wmv",
          "asf",
          "wm",
          // Ogg and bare codings
          "ogv",
          "ogm",
          "ogg",
          "ivf",
          "h264",
          "264",
          "avc",
          "h26l",
          "h265",
          "265",
          "hevc",
          // Moving pictures
          "gif",
          "apng",
          // Tapes, broadcasts and other containers
          "dv",
          "dif",
          "mxf",
          "nut",
          "rm",
          "rmvb",
          "wtv",
          "y4m");

  /** Moving pictures that may also be previews of the numbered pictures beside them. */
  private static final Set<String> PREVIEWS = Set.of("gif", "apng");

  private final LeftOut leftOut;
  private final List<Path> videos = new ArrayList<>();
  private final List<Path> inside = new ArrayList<>();

  private VideoTree(LeftOut leftOut) {
    this.leftOut = leftOut;
  }

  /** All videos, in the order of their paths. */
  static List<Path> below(Path folder, LeftOut leftOut) throws IOException {
    VideoTree tree = new VideoTree(leftOut);
    tree.visit(folder);
    Collections.sort(tree.videos);
    return tree.videos;
  }

  private void visit(Path folder) throws IOException {
    Path real = folder.toRealPath();
    if (inside.contains(real)) {
      // A link to a folder around it.
      return;
    }
    inside.add(real);
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.sorted().toList();
    }
    List<Path> pictures = new ArrayList<>();
    List<Path> previews = new ArrayList<>();
    boolean holdsVideos = false;
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (leftOut.isLitter(file)) {
        continue;
      }
      if (FrameFolder.isPicture(name)) {
        pictures.add(file);
      } else if (Files.isDirectory(file)) {
        visit(file);
      } else if (isVideo(name)) {
        if (Files.isRegularFile(file)) {
          boolean preview = PREVIEWS.contains(ending(name));
          (preview ? previews : videos).add(file);
          holdsVideos |= !preview;
        }
      } else {
        leftOut.add(name);
      }
    }
    // Pictures beside videos are previews of them.
    if (pictures.size() > 1 && !holdsVideos) {
      videos.add(folder);
      previews.forEach(preview -> leftOut.add(preview.getFileName().toString()));
    } else {
      videos.addAll(previews);
      pictures.forEach(picture -> leftOut.add(picture.getFileName().toString()));
    }
    inside.removeLast();
  }

  static boolean isVideo(String name) {
    return ENDINGS.contains(ending(name));
  }

  private static String ending(String name) {
    return Letters.small(name.substring(name.lastIndexOf('.') + 1));
  }
}
