package dev.tenzing.video.list;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Names of the columns of tables, and of the fields of JSON that stand for them. */
final class Columns {
  /** Ids of videos that lie somewhere below the root, with any ending. */
  static final List<String> IDS =
      List.of(
          "youtube_id",
          "video_id",
          "vid_name",
          "video_name",
          "clip_id",
          "clip_name",
          "vid",
          "id",
          "name");

  /** What names a video, the most certain first. */
  static final List<String> VIDEOS =
      concat(
          List.of(
              "path",
              "video_path",
              "clip_path",
              "file_path",
              "filepath",
              "video",
              "filename",
              "file_name",
              "video_file",
              "video_filename",
              "file",
              "clip"),
          IDS);

  /** What names a class, or numbers it. */
  static final List<String> LABELS =
      List.of(
          "template",
          "label",
          "class",
          "action",
          "label_name",
          "class_name",
          "category",
          "activity",
          "label_id",
          "class_id",
          "label_idx",
          "class_idx",
          "class_index",
          "target");

  static final List<String> STARTS =
      List.of("time_start", "start_sec", "start_time", "start_seconds", "t_start");
  static final List<String> ENDS =
      List.of("time_end", "end_sec", "end_time", "end_seconds", "t_end");

  private Columns() {}

  private static List<String> concat(List<String> one, List<String> two) {
    return Stream.concat(one.stream(), two.stream()).toList();
  }

  /** A name as columns are compared: in small letters, with underscores for blanks. */
  static String plain(String name) {
    return Letters.small(name.strip()).replace(' ', '_').replace('-', '_');
  }

  /** Whether these are the columns of a table of videos; an id alone may be anything. */
  static boolean namesVideos(List<String> columns) {
    String video = of(columns, VIDEOS);
    return video != null
        && (!List.of("id", "name", "vid", "clip", "file").contains(video)
            || of(columns, LABELS) != null);
  }

  /** The first of some columns that is there, null when none is. */
  static String of(Collection<String> columns, List<String> wanted) {
    return wanted.stream().filter(columns::contains).findFirst().orElse(null);
  }
}
